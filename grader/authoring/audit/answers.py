"""The answers of an audit: finds them and grades them."""

import ast
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from grader.common.errors import UserError
from grader.course.scoring import Status
from grader.course.settings import Course
from grader.grading.classroom import Result, SubmittedFolder
from grader.grading.grade_class import GradingOptions, grade_class
from grader.sandbox.layers import Mode

MUTANTS: Final = Path("tests", "mutants")
VARIANTS: Final = Path("tests", "variants")
FAILS: Final = re.compile(r"Fails: (\d\d\.\w+\.\w+)")
FAILING: Final = frozenset(Status) - {
    *(Status.PASSED, Status.NOT_ATTEMPTED, Status.BLOCKED),
    *(Status.NEEDS_GPU, Status.GRADER_ERROR),
}


class Kind(StrEnum):
    """The kinds of answers."""

    STUB = "stub"
    SOLUTION = "solution"
    MUTANT = "mutant"
    VARIANT = "variant"


@dataclass(frozen=True)
class Answer:
    """An answer to an exercise, whose expected grade is known.

    Attributes:
        exercise: the exercise's number.
        kind: the kind of answer.
        path: the answer's file, relative to the course's folder.
        text: the text that is graded.
        fails: the check that a mutant must fail.
    """

    exercise: str
    kind: Kind
    path: Path
    text: str
    fails: str = ""

    @property
    def student(self) -> str:
        """The student's name under which it is handed in."""
        alone = self.kind in (Kind.STUB, Kind.SOLUTION)
        return self.kind.value if alone else f"{self.kind} {self.path.stem}"

    @property
    def task(self) -> str:
        """The function in which a mutant makes its mistake."""
        return self.fails.split(".")[1]


@dataclass(frozen=True)
class GradedAnswer:
    """An answer and its result."""

    answer: Answer
    result: Result

    @cached_property
    def statuses(self) -> dict[str, Status]:
        """The status of each check, by its id."""
        return {verdict.id: verdict.status for verdict, _ in self.result.checks}

    @property
    def failing(self) -> list[str]:
        """The checks that failed, including those that hit a limit or crashed."""
        return [id_ for id_, status in self.statuses.items() if status in FAILING]

    def lost(self, *, elsewhere: bool) -> float:
        """The points that a mutant loses in its own task, or in all other tasks."""
        return math.fsum(
            score.max_score - score.score
            for verdict, score in self.result.checks
            if score.score is not None and (verdict.task != self.answer.task) == elsewhere
        )


def named_check(text: str) -> str:
    """The check that a mutant's docstring names; `ValueError` if it names none."""
    last_line = (ast.get_docstring(ast.parse(text)) or "").rpartition("\n")[2]
    if not (found := FAILS.fullmatch(last_line)):
        raise ValueError("the last line of its docstring must be `Fails: NN.task.check`")
    return found[1]


def changed(solution: str, change: str) -> str:
    """A solution's text, followed by the definitions of a mutant or a variant."""
    return f"{solution}\n\n{change}"


def find_answers(
    course: Course, exercises: Sequence[str], *, sample: int | None, seed: str
) -> list[Answer]:
    """Find the answers in a course's folder.

    Args:
        course: the course.
        exercises: the numbers of the exercises to audit (empty: all).
        sample: how many mutants and variants of each exercise to draw (None: take all).
        seed: the seed for drawing them.

    Raises:
        UserError: when the folder of mutants is missing, or a file is missing or cannot be used.
    """
    for number in exercises:
        course.exercise(number)
    if not (course.root / MUTANTS).is_dir():
        raise UserError(f"{course.root / MUTANTS} is missing: an audit needs the course's mutants")
    found: list[Answer] = []
    for number in course.exercises:
        if number in (exercises or course.exercises):
            found += _answers(course, number, sample, Random(f"{seed}/{number}"))
    return found


def _answers(course: Course, number: str, sample: int | None, random: Random) -> Iterator[Answer]:
    file_name = course.exercise(number).file_name
    stub, right = Path("exercises", number, file_name), Path("solutions", file_name)
    solution = _read(course, right)
    yield Answer(number, Kind.STUB, stub, _read(course, stub))
    yield Answer(number, Kind.SOLUTION, right, solution)
    for kind, folder in ((Kind.MUTANT, MUTANTS), (Kind.VARIANT, VARIANTS)):
        paths = sorted((course.root / folder / number).glob("*.py"))
        if sample is not None:
            paths = sorted(random.sample(paths, min(sample, len(paths))))
        for path in paths:
            relative = path.relative_to(course.root)
            change = _read(course, relative)
            fails = _named_check(relative, change) if kind is Kind.MUTANT else ""
            yield Answer(number, kind, relative, changed(solution, change), fails)


def _read(course: Course, path: Path) -> str:
    try:
        return (course.root / path).read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path} cannot be read: {error}") from None


def _named_check(path: Path, text: str) -> str:
    try:
        return named_check(text)
    except (SyntaxError, ValueError) as error:
        raise UserError(f"{path}: {error}") from None


def grade_answers(
    course: Course,
    answers: Sequence[Answer],
    *,
    mode: Mode | None,
    jobs: int,
    seed: str,
    on_result: Callable[[Result], None],
) -> list[GradedAnswer]:
    """Grade answers the way `grader grade` grades a class, each as a student's submission.

    Args:
        course: the course.
        answers: the answers to grade.
        mode: how they are locked down (None: not at all).
        jobs: how many are graded at a time.
        seed: the seed of the grading.
        on_result: called with each result as it comes.
    """
    with TemporaryDirectory(prefix="grader-audit-") as folder:
        submissions = [_hand_in(course, answer, Path(folder, "submitted")) for answer in answers]
        results, _ = grade_class(
            course,
            submissions,
            GradingOptions(Path(folder, "graded"), mode, jobs, seed),
            on_result=on_result,
            on_damage=lambda _: None,  # the folder is new
        )
    by_submission = {result.submission: result for result in results}
    return [
        GradedAnswer(answer, by_submission[submission])
        for answer, submission in zip(answers, submissions, strict=True)
    ]


def _hand_in(course: Course, answer: Answer, submitted: Path) -> SubmittedFolder:
    folder = submitted / answer.student / answer.exercise
    folder.mkdir(parents=True)
    file = folder / course.exercise(answer.exercise).file_name
    file.write_text(answer.text, encoding="utf-8")
    return SubmittedFolder(answer.student, answer.exercise, folder)
