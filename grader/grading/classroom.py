"""Finds a class's submissions and grades them, several at a time."""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from grader.common.errors import UserError
from grader.course.scoring import Judgement, Score, Status, Verdict, score_exercise
from grader.course.settings import Course
from grader.grading.handed_in.read import HandedIn, read_submission
from grader.grading.job import Job, grade_job
from grader.grading.journal import Journal
from grader.judge.gpu_slots import GpuSlots
from grader.sandbox.layers import Mode

ATTEMPTS: Final = 2


@dataclass(frozen=True)
class SubmittedFolder:
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
            "not_attempted", "missing" (the expected file is not there) or "grader_error" (the kit
            could not grade it, and will try again).
        checks: every verdict with its points, sorted by id.
        max_score: the points of the exercise.
        problem: one line that says why it could not be graded: a missing file, a syntax error.
        notes: what the learner should know about how the file was read, one line each.
        digest: the SHA-256 digest of the Python text that was graded.
    """

    submission: SubmittedFolder
    status: str
    checks: list[tuple[Verdict, Score]]
    max_score: float
    problem: str = ""
    notes: Sequence[str] = ()
    digest: str = ""

    @property
    def name(self) -> str:
        """Student and exercise, as in the submitted folder."""
        return f"{self.submission.student}/{self.submission.exercise}"

    @property
    def score(self) -> float:
        """The points earned."""
        # Rounding can make the sum of the shares slightly larger than the whole.
        return min(math.fsum(score.score or 0.0 for _, score in self.checks), self.max_score)

    @property
    def pending(self) -> float:
        """The points that are still open."""
        if self.status == "grader_error":
            return self.max_score
        return sum(score.max_score for _, score in self.checks if score.score is None)


def find_submissions(
    course: Course,
    submitted: Path,
    *,
    exercises: Sequence[str] = (),
    students: Sequence[str] = (),
) -> tuple[list[SubmittedFolder], list[str]]:
    """Find the submissions in the folders `SUBMITTED/<student>/<exercise>/`.

    Args:
        course: the course.
        submitted: the folder that contains the students' folders.
        exercises: the numbers of the exercises to find (empty: all).
        students: the students to find (empty: all).

    Returns:
        The submissions, sorted, and one line for each folder that belongs to no exercise or cannot
        be read.

    Raises:
        UserError: when there is nothing to grade, or a requested exercise or student is unknown.
    """
    for number in exercises:
        course.exercise(number)
    if not submitted.is_dir():
        raise UserError(f"{submitted} is not a folder: give the folder with the students' folders")
    try:
        folders = {path.name: path for path in _folders(submitted)}
    except OSError as error:
        raise UserError(f"{submitted} cannot be read: {error.strerror}") from None
    unknown = [name for name in students if name not in folders]
    if unknown:
        raise UserError(f"{submitted} has no student {unknown[0]!r}")
    found, problems = [], []
    for student in students or folders:
        try:
            inside = _folders(folders[student])
        except OSError as error:
            problems.append(f"{student}: the folder cannot be read: {error.strerror}")
            continue
        for folder in inside:
            if folder.name not in course.exercises:
                known = ", ".join(course.exercises)
                problems.append(f"{student}/{folder.name}: no such exercise; they are {known}")
            elif folder.name in (exercises or course.exercises):
                found.append(SubmittedFolder(student, folder.name, folder))
    if not found and not problems:
        raise UserError(f"{submitted} contains no submission: expected STUDENT/EXERCISE/ in it")
    return sorted(found, key=lambda s: (s.student, s.exercise)), problems


class Classroom:
    """Grades a class.

    Args:
        course: the course.
        seed: the seed of this grading.
        mode: how runners are locked down (None: not at all).
        gpu: the GPU slots.
        journal: stores the verdicts and returns those that are still valid.
        executor: runs the jobs.
        on_result: called with each result as it comes.
    """

    def __init__(
        self,
        course: Course,
        *,
        seed: str,
        mode: Mode | None,
        gpu: GpuSlots,
        journal: Journal,
        executor: Executor,
        on_result: Callable[[Result], None],
    ) -> None:
        self.course = course
        self.seed = seed
        self.mode = mode
        self.gpu = gpu
        self.journal = journal
        self.executor = executor
        self.on_result = on_result
        self.running: dict[Future[Judgement], _Attempt] = {}
        self.results: list[Result] = []

    def grade(self, submissions: Sequence[SubmittedFolder], *, at_once: int) -> list[Result]:
        """Grade submissions, and return the results sorted by student and exercise.

        Args:
            submissions: the submissions to grade.
            at_once: how many jobs may be submitted to the executor at a time. A file is read only
                when its job can be submitted.
        """
        waiting = iter(submissions)
        while True:
            for submission in islice(waiting, max(at_once - len(self.running), 0)):
                self._begin(submission)
            if not self.running:
                if len(self.results) == len(submissions):
                    break
                continue
            done, _ = wait(self.running, return_when=FIRST_COMPLETED)
            for future in done:
                self._end(self.running.pop(future), future)
        return sorted(self.results, key=lambda r: (r.submission.student, r.submission.exercise))

    def _begin(self, submission: SubmittedFolder) -> None:
        """Read a submission, and start its job unless the journal has its verdicts."""
        try:
            read = read_submission(self.course, submission.exercise, submission.folder)
        except UserError as error:
            points = float(self.course.exercise(submission.exercise).points)
            self._give(Result(submission, "missing", [], points, str(error)))
            return
        attempt = _Attempt(submission, read, left=ATTEMPTS)
        known = self.journal.get(submission.student, submission.exercise, read.content)
        if known is None:
            self._try(attempt)
        else:
            self._give(self._result(attempt, known))

    def _try(self, attempt: "_Attempt") -> None:
        number = attempt.submission.exercise
        job = Job(self.course, number, attempt.read.content, self.seed, self.mode, self.gpu)
        self.running[self.executor.submit(grade_job, job)] = replace(attempt, left=attempt.left - 1)

    def _end(self, attempt: "_Attempt", future: Future[Judgement]) -> None:
        """Handle the outcome of a job; a job that failed is retried once."""
        submission = attempt.submission
        try:
            judgement = future.result()
        except Exception as error:  # one failed job must not stop the others
            if attempt.left:
                self._try(attempt)
                return
            points = float(self.course.exercise(submission.exercise).points)
            reason = "the worker process died" if isinstance(error, BrokenExecutor) else str(error)
            problem = f"could not be graded: {reason} (twice); grade again to try once more"
            notes, digest = attempt.read.notes, attempt.read.digest
            self._give(Result(submission, "grader_error", [], points, problem, notes, digest))
            return
        content = attempt.read.content
        self.journal.put(submission.student, submission.exercise, content, judgement)
        self._give(self._result(attempt, judgement))

    def _give(self, result: Result) -> None:
        self.results.append(result)
        self.on_result(result)

    def _result(self, attempt: "_Attempt", judgement: Judgement) -> Result:
        submission, read = attempt.submission, attempt.read
        exercise = self.course.exercise(submission.exercise)
        judgement = read.in_its_words(judgement, exercise.file_name)
        checks = sorted(
            score_exercise(exercise.tasks, judgement.verdicts), key=lambda scored: scored[0].id
        )
        statuses = {verdict.status for verdict, _ in checks}
        status = "graded"
        if any(found.pending for found in statuses):
            status = "pending"
        elif statuses <= {Status.NOT_ATTEMPTED, Status.BLOCKED} and not judgement.problem:
            status = "not_attempted"
        problem = f"{read.file_name} {judgement.problem}" if judgement.problem else ""
        points = float(exercise.points)
        return Result(submission, status, checks, points, problem, read.notes, read.digest)


@dataclass(frozen=True)
class _Attempt:
    """A submission that is being graded: what was read, and how many attempts are left."""

    submission: SubmittedFolder
    read: HandedIn
    left: int


def _folders(path: Path) -> list[Path]:
    """The subfolders of a folder, sorted, without hidden ones and links (they lead elsewhere)."""
    return sorted(
        p
        for p in path.iterdir()
        if p.is_dir() and not p.is_symlink() and not p.name.startswith(".")
    )
