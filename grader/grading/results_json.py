"""The output of a grading: `results.json` and a table on the terminal."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from grader.common.files import write_whole
from grader.common.terminal import printable
from grader.course.settings import Course
from grader.grading.classroom import Result

SCHEMA: Final = 1
FILE_NAME: Final = "results.json"


def write_results(course: Course, results: Sequence[Result], folder: Path) -> Path:
    """Write `results.json` atomically, and return its path.

    Args:
        course: the course.
        results: the results to write.
        folder: the folder to write to; it must exist.
    """
    content = {
        "schema": SCHEMA,
        "course": course.title,
        "submissions": [_as_dict(result) for result in results],
    }
    path = folder / FILE_NAME
    write_whole(path, json.dumps(content, indent=1, allow_nan=False) + "\n")
    return path


def _as_dict(result: Result) -> dict[str, Any]:
    return {
        "student": result.submission.student,
        "exercise": result.submission.exercise,
        "score": round(result.score, 6),
        "max_score": result.max_score,
        "pending": round(result.pending, 6),
        "status": result.status,
        "problem": result.problem,
        "notes": list(result.notes),
        "checks": [
            {
                "id": verdict.id,
                "title": verdict.title,
                "status": verdict.status.value,
                "score": None if score.score is None else round(score.score, 6),
                "max_score": round(score.max_score, 6),
                "message": verdict.message,
                "hidden": verdict.hidden,
            }
            for verdict, score in result.checks
        ],
    }


def table(course: Course, results: Sequence[Result]) -> Table:
    """A table with one row for each submission: its points, and what went wrong."""
    shown = Table(title=course.title, title_justify="left")
    shown.add_column("student", overflow="fold")
    shown.add_column("exercise")
    shown.add_column("points", justify="right")
    shown.add_column("passed", justify="right")
    shown.add_column("what to look at", overflow="fold")
    for result in results:
        passed = sum(verdict.status == "passed" for verdict, _ in result.checks)
        shown.add_row(
            Text(printable(result.submission.student)),
            result.submission.exercise,
            f"{result.score:.4g} of {result.max_score:g}",
            f"{passed} of {len(result.checks)}",
            Text(printable(_remark(result))),
        )
    return shown


def _remark(result: Result) -> str:
    """The most important problem of a result, in a few words; empty if there is none."""
    if result.problem:
        return result.problem
    if result.status == "not_attempted":
        return "not attempted"
    open_ones = [v for v, _ in result.checks if v.status not in ("passed", "blocked")]
    rank = ["grader_error", "crashed", "timeout", "out_of_memory", "failed", "not_attempted"]
    ranked = sorted(open_ones, key=lambda v: rank.index(v.status) if v.status in rank else 0)
    return f"{ranked[0].status}: {ranked[0].id.partition('.')[2]}" if ranked else ""
