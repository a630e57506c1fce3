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
        url: of the database, as SQLAlchemy writes it.
        course: the course.
        numbers: of the exercises that are to be graded.

    Raises:
        UserError: when it cannot be used, or knows other test cells or points than the course.
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
    """Write results; what a person gave stays, and what has not changed is not touched.

    Args:
        url: of the database.
        course: the course.
        results: of submissions to exercises that the gradebook has.

    Returns:
        One line for each submission with something to look at.

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
    """Write one result; what is to be said about it."""
    student, number = result.submission.student, result.submission.exercise
    if not student.isprintable():
        return "the name cannot stand in a gradebook"
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
    """Set what the checks gave. A manual score stays, and is to be looked at when this changed."""
    if grade.auto_score != score:
        grade.auto_score = score
        grade.needs_manual_grade = score is None or grade.manual_score is not None
    elif grade.manual_score is None:
        grade.needs_manual_grade = score is None


@contextmanager
def _opened(url: str) -> Iterator[Gradebook]:
    """The gradebook; in the block, what goes wrong with the database is one line."""
    try:
        if not _has_tables(url):  # nbgrader would make them, and leave them half made
            raise UserError(
                "the gradebook is not there or empty: run `nbgrader generate_assignment` first"
            )
        with Gradebook(url) as gradebook:
            yield gradebook
    except (SQLAlchemyError, InvalidEntry, ImportError) as error:
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"the gradebook cannot be used: {line}") from None


def _has_tables(url: str) -> bool:
    parts = make_url(url)
    file = parts.database if parts.get_backend_name() == "sqlite" else None
    if file and not Path(file).is_file():  # looking into it would make it
        return False
    engine = create_engine(url)
    try:
        return bool(inspect(engine).get_table_names())
    finally:
        engine.dispose()
