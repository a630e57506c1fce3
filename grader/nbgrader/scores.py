"""The points of a result as nbgrader counts them: one number for each test cell."""

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
    """What a test cell is worth.

    Attributes:
        task: the function that it is about.
        number: how learners know the task: "3.2".
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
    """A test cell as the gradebook knows it."""

    name: str
    max_score: float


def task_results(course: Course, result: Result) -> dict[str, TaskResult]:
    """What each test cell of a submission is worth, by its grade_id."""
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
    """Refuse a gradebook that was made for other points than the course has now.

    Args:
        course: the course.
        number: of the exercise.
        cells: the gradebook's test cells of its notebook.

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
