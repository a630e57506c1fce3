"""`grader progress --html`: a self-contained HTML page."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.common.files import write_whole
from grader.common.terminal import printable
from grader.course.settings import Course
from grader.learner.hints import seen_hints
from grader.learner.kept_results import Standing
from grader.learner.progress import exercise_state, failures, next_step, tally, task_state

FILE_NAME: Final = "progress.html"
TEMPLATE: Final = "progress_page.html.j2"
FIGURES: Final = "figures"  # in the course's folder; contains a folder for each exercise
PNG: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Figure:
    """A picture that the learner's own code has drawn.

    Attributes:
        caption: the file's name, in words.
        uri: the picture as a data URI.
    """

    caption: str
    uri: str


def write_page(
    course: Course, standings: Mapping[str, Standing], now: datetime, path: Path
) -> None:
    """Write the page.

    Args:
        course: the course.
        standings: number of the exercise → where the learner stands with it.
        now: the time to show on the page.
        path: the file to write; an existing one is replaced.

    Raises:
        UserError: when the file cannot be written.
    """
    environment = Environment(
        loader=PackageLoader("grader.learner", package_path=""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["printable"] = printable
    step = next_step(course, standings)
    text = environment.get_template(TEMPLATE).render(
        title=course.title,
        written=f"{now:%Y-%m-%d %H:%M}",
        tally=tally(standings),
        step=step,
        file=step.file.relative_to(course.root).as_posix() if step else "",
        exercises=[_exercise(course, found) for found in standings.values()],
    )
    write_whole(path, text)


def find_figures(course: Course, number: str) -> Iterator[Figure]:
    """The pictures that the learner's code has drawn for an exercise."""
    for path in sorted((course.root / FIGURES / number).glob("*.png")):
        content = path.read_bytes()
        if content.startswith(PNG):
            uri = f"data:image/png;base64,{base64.b64encode(content).decode('ascii')}"
            yield Figure(path.stem.replace("_", " "), uri)


def _exercise(course: Course, found: Standing) -> dict[str, Any]:
    """The template's variables for an exercise."""
    seen = seen_hints(course, found.number)
    exercise = course.exercise(found.number)
    tasks = [
        {
            "number": course.task_number(found.number, task),
            "name": task,
            "state": task_state(found, task),
            "earned": found.earned_by(task),
            "points": points,
            "hints": seen.get(task, 0),
        }
        for task, points in exercise.tasks.items()
    ]
    return {
        "number": found.number,
        "title": exercise.title,
        "state": exercise_state(course, found),
        "earned": found.earned,
        "points": found.points,
        "problem": found.problem,
        "tasks": tasks,
        "failures": failures(found),
        "figures": list(find_figures(course, found.number)),
        "file": exercise.file_name,
    }
