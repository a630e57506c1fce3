"""A class: which submissions there are, and grading them one after the other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.course import Course
from grader.errors import UserError
from grader.judge import Judge
from grader.verdicts import Score, Status, Verdict, score_exercise

LARGEST_FILE: Final = 1 << 20  # bytes; a module of an exercise has some thousand


@dataclass(frozen=True)
class Submission:
    """What a student handed in for one exercise.

    Attributes:
        student: the name of the student's folder.
        exercise: the exercise's number.
        folder: where the file is expected.
    """

    student: str
    exercise: str
    folder: Path


@dataclass(frozen=True)
class Result:
    """A graded submission.

    Attributes:
        submission: what was graded.
        status: "graded", "pending" (a check waits for something that is not the student's fault),
            "not_attempted" or "missing" (the expected file is not there).
        checks: every verdict with its points, sorted by id.
        max_score: the points of the exercise.
        problem: in one line, why the file cannot be graded: missing, unreadable, a syntax error.
    """

    submission: Submission
    status: str
    checks: list[tuple[Verdict, Score]]
    max_score: float
    problem: str = ""

    @property
    def name(self) -> str:
        """Student and exercise, as in the submitted folder."""
        return f"{self.submission.student}/{self.submission.exercise}"

    @property
    def score(self) -> float:
        """The points earned."""
        return sum(score.score or 0.0 for _, score in self.checks)

    @property
    def pending(self) -> float:
        """The points that are still open."""
        return sum(score.max_score for _, score in self.checks if score.score is None)


def find_submissions(
    course: Course,
    submitted: Path,
    *,
    exercises: Sequence[str] = (),
    students: Sequence[str] = (),
) -> tuple[list[Submission], list[str]]:
    """The submissions below `SUBMITTED/<student>/<exercise>/`, sorted.

    Args:
        course: the course.
        submitted: the folder of all students.
        exercises: only these (empty: all).
        students: only these (empty: all).

    Returns:
        The submissions, and one line for each folder that belongs to no exercise.

    Raises:
        UserError: when there is nothing to grade, or an asked-for exercise or student is unknown.
    """
    for number in exercises:
        course.exercise(number)
    if not submitted.is_dir():
        raise UserError(f"{submitted} is not a folder: give the folder that holds the students'")
    folders = {path.name: path for path in _folders(submitted)}
    unknown = [name for name in students if name not in folders]
    if unknown:
        raise UserError(f"{submitted} has no student {unknown[0]!r}")
    found, problems = [], []
    for student in students or folders:
        for folder in _folders(folders[student]):
            if folder.name not in course.exercises:
                known = ", ".join(course.exercises)
                problems.append(f"{student}/{folder.name}: no such exercise; they are {known}")
            elif folder.name in (exercises or course.exercises):
                found.append(Submission(student, folder.name, folder))
    if not found and not problems:
        raise UserError(f"{submitted} holds no submission: expected STUDENT/EXERCISE/ in it")
    return sorted(found, key=lambda s: (s.student, s.exercise)), problems


def grade_class(
    course: Course,
    submissions: Sequence[Submission],
    *,
    judge: Judge,
    on_result: Callable[[Result], None],
) -> list[Result]:
    """Grade submissions, one after the other.

    Args:
        course: the course.
        submissions: what to grade.
        judge: gives the verdicts on the content of a file.
        on_result: told each result as it comes.
    """
    results = []
    for submission in submissions:
        result = grade(course, submission, judge)
        on_result(result)
        results.append(result)
    return results


def grade(course: Course, submission: Submission, judge: Judge) -> Result:
    """Grade one submission."""
    exercise = course.exercise(submission.exercise)
    points = float(exercise.points)
    try:
        content = _read(submission, exercise.file_name)
    except UserError as error:
        return Result(submission, "missing", [], points, str(error))
    judgement = judge(submission.exercise, content)
    checks = sorted(
        score_exercise(exercise.tasks, judgement.verdicts), key=lambda scored: scored[0].id
    )
    statuses = {verdict.status for verdict, _ in checks}
    status = "graded"
    if any(found.pending for found in statuses):
        status = "pending"
    elif statuses <= {Status.NOT_ATTEMPTED, Status.BLOCKED} and not judgement.problem:
        status = "not_attempted"
    problem = f"{exercise.file_name} {judgement.problem}" if judgement.problem else ""
    return Result(submission, status, checks, points, problem)


def _read(submission: Submission, file_name: str) -> bytes:
    """The file's content; `UserError` with one line when it is not what was expected."""
    path = submission.folder / file_name
    if path.is_symlink():
        raise UserError(f"{file_name} is a link: the file itself is expected")
    if path.is_dir():
        raise UserError(f"{file_name} is a folder: a Python file of that name is expected")
    if not path.is_file():
        found = ", ".join(sorted(p.name for p in submission.folder.iterdir())[:5]) or "nothing"
        raise UserError(f"{file_name} is missing; found instead: {found}")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UserError(f"{file_name} cannot be read: {error.strerror}") from None
    if len(content) > LARGEST_FILE:
        raise UserError(f"{file_name} is larger than {LARGEST_FILE >> 10} KiB: it is not graded")
    return content


def _folders(path: Path) -> Iterator[Path]:
    """The folders in a folder, sorted; hidden ones and links, which lead elsewhere, left out."""
    yield from sorted(
        p
        for p in path.iterdir()
        if p.is_dir() and not p.is_symlink() and not p.name.startswith(".")
    )
