"""A written `results.json` keeps to its schema, and docs/results.md describes the same format."""

import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from grader.common.errors import KitError
from grader.common.markdown import sections
from grader.course.scoring import Judgement, Status, Verdict
from grader.grading.classroom import Classroom, find_submissions
from grader.grading.journal import Journal
from grader.grading.results_json import write_results
from grader.judge.gpu_slots import GpuSlots
from tests.support.corpus import ROOT, course

SCHEMA = json.loads((ROOT / "docs" / "results.schema.json").read_text("utf-8"))
SUBMISSION, CHECK = SCHEMA["$defs"]["submission"], SCHEMA["$defs"]["check"]
TASKS = list(course().exercise("03").tasks)


def judgement(*statuses: Status, problem: str = "") -> Judgement:
    """Verdicts of these statuses, on one task after the other; every second check is hidden."""
    verdicts = [
        Verdict(
            f"03.{TASKS[number % len(TASKS)]}.check_{number}",
            "What it tries.",
            status,
            "" if status is Status.PASSED else "because   It is so.",
            1.0,
            hidden=bool(number % 2),
        )
        for number, status in enumerate(statuses)
    ]
    return Judgement(verdicts, problem)


OUTCOMES = {
    "anna": judgement(*Status),
    "ben": judgement(Status.PASSED, Status.PASSED, Status.PASSED),
    "cleo": judgement(Status.NOT_ATTEMPTED, Status.BLOCKED),
    "eve": KitError("no room"),
    "finn": judgement(Status.FAILED, Status.BLOCKED, problem="cannot be loaded, line 1: Error: x"),
    "gil": judgement(Status.PASSED, Status.FAILED, Status.TIMEOUT),
}


class Outcomes(Executor):
    """Gives the outcome of the student whom the file names."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        [job] = args
        future: Future[Any] = Future()
        [name] = re.findall(rb"# by (\w+)", job.content)
        outcome = OUTCOMES[name.decode()]
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
        return future


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `write_results` wrote of a class in which everything happens."""
    folder = tmp_path_factory.mktemp("class")
    for student in [*OUTCOMES, "dan"]:
        place = folder / "submitted" / student / "03"
        place.mkdir(parents=True)
        if student == "gil":  # a notebook with a shell line, which is left out and noted
            cell = {"cell_type": "code", "source": "# by gil\n!ls", "metadata": {}, "outputs": []}
            (place / "head.ipynb").write_text(json.dumps({"cells": [cell]}))
        elif student != "dan":
            (place / "head.py").write_text(f"# by {student}")
    out = folder / "out"
    out.mkdir()
    submissions, _ = find_submissions(course(), folder / "submitted")
    with Journal(out, course(), "s", sandboxed=True) as journal:
        classroom = Classroom(
            course(),
            seed="s",
            mode=None,
            gpu=GpuSlots(out, 0),
            journal=journal,
            executor=Outcomes(),
            on_result=lambda result: None,
        )
        path = write_results(course(), classroom.grade(submissions, at_once=2), out)
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def errors(content: object) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(content)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_what_is_written_keeps_to_the_schema(written: dict[str, Any]) -> None:
    assert errors(written) == []


def test_everything_that_can_happen_was_written(written: dict[str, Any]) -> None:
    """Otherwise a file that keeps to the schema would prove little."""
    found = {s["student"]: s for s in written["submissions"]}
    statuses = {name: submission["status"] for name, submission in found.items()}
    assert statuses == {
        "anna": "pending",
        "ben": "graded",
        "cleo": "not_attempted",
        "dan": "missing",
        "eve": "grader_error",
        "finn": "graded",
        "gil": "graded",
    }
    assert {check["status"] for check in found["anna"]["checks"]} == {*Status}
    assert found["eve"]["pending"] == found["eve"]["max_score"]
    assert found["gil"]["notes"]
    assert found["finn"]["problem"]


def test_the_statuses_of_the_schema_are_those_of_the_kit(written: dict[str, Any]) -> None:
    assert CHECK["properties"]["status"]["enum"] == [*Status]
    pending = CHECK["if"]["properties"]["status"]["enum"]
    assert pending == [status for status in Status if status.pending]
    assert {s["status"] for s in written["submissions"]} == {*statuses_of_submissions()}


def statuses_of_submissions() -> list[str]:
    found: list[str] = SUBMISSION["properties"]["status"]["enum"]
    return found


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (["schema"], 2),
        (["submissions", 0, "status"], "fine"),
        (["submissions", 0, "score"], -0.5),
        (["submissions", 0, "score"], None),
        (["submissions", 0, "exercise"], "3"),
        (["submissions", 0, "notes"], "one line"),
        (["submissions", 0, "surprise"], 1),
        (["submissions", 0, "checks", 0, "status"], "lost"),
        (["submissions", 0, "checks", 0, "score"], "1"),
        (["submissions", 0, "checks", 0, "score"], -1),
        (["submissions", 0, "checks", 0, "surprise"], 1),
        (["submissions", 1, "checks", 0, "score"], None),  # it has passed: it is not pending
        (["submissions", 1, "checks"], []),
        (["submissions", 3, "problem"], ""),  # it is missing: something must be said
    ],
)
def test_a_wrong_value_is_found(
    written: dict[str, Any], place: Sequence[str | int], value: object
) -> None:
    changed = deepcopy(written)
    around: Any = changed
    for step in place[:-1]:
        around = around[step]
    around[place[-1]] = value
    assert errors(changed)


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        ([], SCHEMA["properties"]),
        (["submissions", 0], SUBMISSION["properties"]),
        (["submissions", 0, "checks", 0], CHECK["properties"]),
    ],
)
def test_a_missing_field_is_found(
    written: dict[str, Any], place: Sequence[str | int], fields: dict[str, Any]
) -> None:
    for field in fields:
        changed = deepcopy(written)
        around: Any = changed
        for step in place:
            around = around[step]
        del around[field]
        assert errors(changed), field


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("The file", list(SCHEMA["properties"])),
        ("A submission", list(SUBMISSION["properties"])),
        ("The status of a submission", statuses_of_submissions()),
        ("A check", list(CHECK["properties"])),
        ("The status of a check", [*Status]),
    ],
)
def test_the_document_has_a_row_for_each_field_and_status(section: str, names: list[str]) -> None:
    text = sections(Path(ROOT, "docs", "results.md").read_text("utf-8"), 2)[section]
    assert re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE) == names
