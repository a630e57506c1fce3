"""The points of a result in nbgrader's terms: one number for each test cell."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from grader.common.errors import UserError
from grader.course.scoring import Score, Verdict
from grader.course.settings import Course
from grader.grading.classroom import Result
from grader.grading.handed_in.cells import test_id


@dataclass(frozen=True)
class TaskResult:
    """The result for a test cell.

    Attributes:
        task: the name of the function.
        number: the task's number for learners: "3.2".
        score: a finite number in [0, max_score]; None while a check is pending.
        max_score: the task's points.
        checks: the task's verdicts with their points.
    """

    task: str
    number: str
    score: float | None
    max_score: float
    checks: tuple[tuple[Verdict, Score], ...]


class PointsCell(Protocol):
    """A test cell of the gradebook."""

    name: str
    max_score: float


def task_results(course: Course, result: Result) -> dict[str, TaskResult]:
    """The result for each test cell of a submission, by its grade_id."""
    number = result.submission.exercise
    found = {}
    for task, points in course.exercise(number).tasks.items():
        checks = tuple((v, s) for v, s in result.checks if v.task == task)
        scores = [s.score for _, s in checks]
        pending = result.status == "grader_error" or None in scores
        total = None if pending else min(round(sum(s or 0.0 for s in scores), 6), float(points))
        task_number = course.task_number(number, task)
        found[test_id(task)] = TaskResult(task, task_number, total, float(points), checks)
    return found


def expect_same_points(course: Course, number: str, cells: Iterable[PointsCell]) -> None:
    """Reject a gradebook whose points differ from the course's.

    Args:
        course: the course.
        number: the exercise's number.
        cells: the gradebook's test cells for the exercise's notebook.

    Raises:
        UserError: one line that says which cell differs, and what to do.
    """
    wanted = {test_id(t): float(p) for t, p in course.exercise(number).tasks.items()}
    found = {cell.name: float(cell.max_score) for cell in cells}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            there, here = (_in_words(points.get(name)) for points in (found, wanted))
            raise UserError(
                f"exercise {number}: the gradebook has {there} for `{name}`, the course {here}; "
                f"run `grader release` and `nbgrader generate_assignment {number} --force`"
            )


def _in_words(points: float | None) -> str:
    return "no verdict" if points is None else f"{points:g} points"
