"""Writes a class's results into nbgrader's gradebook, as `nbgrader autograde` would have."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import Grade, Gradebook, InvalidEntry, MissingEntry
from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from grader.common.errors import UserError
from grader.course.late_policy import late_penalty
from grader.course.settings import Course
from grader.grading.classroom import Result
from grader.nbgrader.scores import expect_same_points, task_results
from grader.nbgrader.times import read_time


def check_gradebook(url: str, course: Course, numbers: Sequence[str]) -> None:
    """Make sure, before anything is graded, that a gradebook can take the results.

    Args:
        url: the database's URL, in SQLAlchemy's format.
        course: the course.
        numbers: the numbers of the exercises to be graded.

    Raises:
        UserError: when it cannot be used, or its test cells or points differ from the course's.
    """
    with _opened(url) as gradebook:
        for number in numbers:
            try:
                notebook = gradebook.find_notebook(course.exercise(number).module, number)
            except MissingEntry:
                raise UserError(
                    f"the gradebook has no exercise {number}: run `nbgrader generate_assignment "
                    f"{number}` first"
                ) from None
            tests = [cell for cell in notebook.grade_cells if cell.cell_type == "code"]
            expect_same_points(course, number, tests)


def write_gradebook(url: str, course: Course, results: Sequence[Result]) -> list[str]:
    """Write results; manual scores are kept, and unchanged grades are not touched.

    Args:
        url: the database's URL.
        course: the course.
        results: results for exercises that the gradebook has.

    Returns:
        One line for each submission with a problem.

    Raises:
        UserError: when the database cannot be written to.
    """
    problems = []
    with _opened(url) as gradebook:
        for result in results:
            problem = _write(gradebook, course, result)
            problems += [f"{result.name}: {problem}"] if problem else []
    return problems


def _write(gradebook: Gradebook, course: Course, result: Result) -> str:
    """Write one result, and return its problem; empty if there is none."""
    student, number = result.submission.student, result.submission.exercise
    if not student.isprintable():
        return "the student's name contains characters that the gradebook cannot hold"
    handed_in = read_time(result.submission.folder)
    known = {} if handed_in.time is None else {"timestamp": handed_in.time}
    gradebook.update_or_create_student(student)
    submission = gradebook.update_or_create_submission(number, student, **known)
    module = course.exercise(number).module
    for name, found in task_results(course, result).items():
        _set(gradebook.find_grade(name, module, number, student), found.score)
    gradebook.db.commit()
    notebook = gradebook.find_submission_notebook(module, number, student)
    late = submission.total_seconds_late
    penalty = late_penalty(course.late_policy, notebook.score, late) if late > 0 else None
    if notebook.late_submission_penalty != penalty:
        notebook.late_submission_penalty = penalty
    gradebook.db.commit()
    return handed_in.problem


def _set(grade: Grade, score: float | None) -> None:
    """Set the automatic score. A manual score is kept, and marked for review if this changes."""
    if grade.auto_score != score:
        grade.auto_score = score
        grade.needs_manual_grade = score is None or grade.manual_score is not None
    elif grade.manual_score is None:
        grade.needs_manual_grade = score is None


@contextmanager
def _opened(url: str) -> Iterator[Gradebook]:
    """The opened gradebook; in the block, errors of the database become a `UserError`."""
    try:
        if not _has_tables(url):  # nbgrader would create them, but not completely
            raise UserError(
                "the gradebook is missing or empty: run `nbgrader generate_assignment` first"
            )
        with Gradebook(url) as gradebook:
            yield gradebook
    except (SQLAlchemyError, InvalidEntry, ImportError) as error:
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"the gradebook cannot be used: {line}") from None


def _has_tables(url: str) -> bool:
    parts = make_url(url)
    file = parts.database if parts.get_backend_name() == "sqlite" else None
    if file and not Path(file).is_file():  # connecting to it would create it
        return False
    engine = create_engine(url)
    try:
        return bool(inspect(engine).get_table_names())
    finally:
        engine.dispose()
