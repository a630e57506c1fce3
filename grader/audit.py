"""`grader audit`: the course's checks on its own stubs, solutions, mutants and variants.

A mutant (`tests/mutants/NN/*.py`) makes one mistake, a variant (`tests/variants/NN/*.py`) is right
and written otherwise. Both hold only the functions that they change: the answer is the solution's
text with these definitions after it. The last line of a mutant's docstring names the check that
must fail: `Fails: 03.swap_head.dropout`.
"""

import ast
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from textwrap import wrap
from types import MappingProxyType
from typing import Final

from grader.assertions import Assertion
from grader.common.errors import UserError
from grader.common.terminal import printable
from grader.course.scoring import Status
from grader.course.settings import Course
from grader.grading.classroom import Result, Submission
from grader.grading.grade_class import Options, grade_class
from grader.sandbox.layers import Mode

MUTANTS: Final = Path("tests", "mutants")
VARIANTS: Final = Path("tests", "variants")
FAILS: Final = re.compile(r"Fails: (\d\d\.\w+\.\w+)")
FAILING: Final = frozenset(Status) - {
    *(Status.PASSED, Status.NOT_ATTEMPTED, Status.BLOCKED),
    *(Status.NEEDS_GPU, Status.GRADER_ERROR),
}
NOTHING: Final = 1e-9  # points; shares of points add up to a little more or less than the whole
WIDTH: Final = 80


class Kind(StrEnum):
    """What an answer is."""

    STUB = "stub"
    SOLUTION = "solution"
    MUTANT = "mutant"
    VARIANT = "variant"


@dataclass(frozen=True)
class Answer:
    """An answer to an exercise whose grade is known beforehand.

    Attributes:
        exercise: its number.
        kind: what it is.
        path: its file, relative to the course's folder.
        text: what is graded.
        fails: the check that a mutant must fail.
    """

    exercise: str
    kind: Kind
    path: Path
    text: str
    fails: str = ""

    @property
    def student(self) -> str:
        """Under which name it is handed in."""
        alone = self.kind in (Kind.STUB, Kind.SOLUTION)
        return self.kind.value if alone else f"{self.kind} {self.path.stem}"

    @property
    def task(self) -> str:
        """The function in which a mutant makes its mistake."""
        return self.fails.split(".")[1]


@dataclass(frozen=True)
class Judged:
    """An answer and what the grader made of it."""

    answer: Answer
    result: Result

    @cached_property
    def statuses(self) -> dict[str, Status]:
        """How each check ended, by its id."""
        return {verdict.id: verdict.status for verdict, _ in self.result.checks}

    @property
    def failing(self) -> list[str]:
        """The checks that failed, or were ended by a limit or a crash."""
        return [id_ for id_, status in self.statuses.items() if status in FAILING]

    def lost(self, *, elsewhere: bool) -> float:
        """The points that a mutant loses in its own task, or in all others."""
        return math.fsum(
            score.max_score - score.score
            for verdict, score in self.result.checks
            if score.score is not None and (verdict.task != self.answer.task) == elsewhere
        )


class Wrong(StrEnum):
    """What can be wrong, as the heading of a list."""

    UNJUDGED = "Could not be judged"
    SURVIVES = "Mutants that survive (no check fails)"
    OTHER_CHECK = "Mutants that do not fail the check that they name"
    OTHER_TASK = "Mutants that cost another task"
    RIGHT_FAILS = "Right answers that do not pass every check"
    STUB_COUNTS = "Stubs on which a check is neither not attempted nor blocked"
    NEVER_FAILS = "Checks that no mutant fails (delete or mend them)"
    UNSEEN = "Assertions never seen failing (delete them, or add a mutant)"


@dataclass(frozen=True)
class Fault:
    """Something wrong with a check or an answer.

    Attributes:
        wrong: what.
        where: the answer's file, or the check's id.
        details: in one line, empty when there is nothing to add.
    """

    wrong: Wrong
    where: str
    details: str = ""


@dataclass(frozen=True)
class Catch:
    """What a check is good for.

    Attributes:
        check: its id.
        mutants: how many fail it.
        alone: how many of them fail no other check.
        waited: whether it could not run, for want of a GPU.
    """

    check: str
    mutants: int
    alone: int
    waited: bool


@dataclass(frozen=True)
class Loss:
    """The points that a mutant loses in its own task, and elsewhere."""

    mutant: str
    own: float
    elsewhere: float


@dataclass(frozen=True)
class Report:
    """What an audit found out about an exercise.

    Attributes:
        exercise: its number.
        counts: how many answers of each kind were graded.
        catches: of each check, sorted by id.
        losses: of each mutant.
        assertions: those in its checks, but for those that need a GPU.
        faults: everything that is wrong.
    """

    exercise: str
    counts: dict[Kind, int]
    assertions: list[Assertion]
    catches: list[Catch]
    losses: list[Loss]
    faults: list[Fault]


def named_check(text: str) -> str:
    """The check that a mutant says it fails; `ValueError` when it does not say so."""
    last_line = (ast.get_docstring(ast.parse(text)) or "").rpartition("\n")[2]
    if not (found := FAILS.fullmatch(last_line)):
        raise ValueError("the last line of its docstring is to be `Fails: NN.task.check`")
    return found[1]


def changed(solution: str, change: str) -> str:
    """A solution's text with the definitions of a mutant or a variant."""
    return f"{solution}\n\n{change}"


def find_answers(
    course: Course, exercises: Sequence[str], *, sample: int | None, seed: str
) -> list[Answer]:
    """The answers in a course's folder.

    Args:
        course: the course.
        exercises: only these (empty: all).
        sample: only so many mutants and variants of each exercise (None: all).
        seed: of the choice.

    Raises:
        UserError: when a file or the folder of mutants is missing or cannot be used.
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
) -> list[Judged]:
    """Grade answers as `grader grade` grades a class: each is a student of its own.

    Args:
        course: the course.
        answers: what to grade.
        mode: how they are locked down (None: not at all).
        jobs: how many are graded at a time.
        seed: of the grading.
        on_result: told each result as it comes.
    """
    with TemporaryDirectory(prefix="grader-audit-") as folder:
        submissions = [_hand_in(course, answer, Path(folder, "submitted")) for answer in answers]
        results, _ = grade_class(
            course,
            submissions,
            Options(Path(folder, "graded"), mode, jobs, seed),
            on_result=on_result,
            on_damage=lambda _: None,  # the folder is new
        )
    by_submission = {result.submission: result for result in results}
    return [
        Judged(answer, by_submission[submission])
        for answer, submission in zip(answers, submissions, strict=True)
    ]


def _hand_in(course: Course, answer: Answer, submitted: Path) -> Submission:
    folder = submitted / answer.student / answer.exercise
    folder.mkdir(parents=True)
    file = folder / course.exercise(answer.exercise).file_name
    file.write_text(answer.text, encoding="utf-8")
    return Submission(answer.student, answer.exercise, folder)


def find_out(
    judged: Sequence[Judged],
    *,
    complete: bool,
    assertions: Mapping[str, list[Assertion]] = MappingProxyType({}),
) -> list[Report]:
    """What graded answers tell about the checks, one report an exercise.

    Args:
        judged: the answers.
        complete: whether all mutants are among them; if not, a check may well catch none.
        assertions: those in the checks of each exercise.
    """
    numbers = dict.fromkeys(one.answer.exercise for one in judged)
    return [
        _report(n, [o for o in judged if o.answer.exercise == n], complete, assertions.get(n, []))
        for n in numbers
    ]


def _report(
    number: str, judged: list[Judged], complete: bool, assertions: list[Assertion]
) -> Report:
    mutants = [one for one in judged if one.answer.kind is Kind.MUTANT and not one.result.problem]
    catches = _catches(judged, mutants)
    faults = [fault for one in judged for fault in _faults(one)]
    if complete:
        never = [c.check for c in catches if not c.mutants and not c.waited]
        faults += [Fault(Wrong.NEVER_FAILS, check) for check in never]
        sites = {verdict.site for one in mutants for verdict, _ in one.result.checks}
        unseen = [a for a in assertions if not a.at_one_of(sites)]
        faults += [Fault(Wrong.UNSEEN, str(assertion)) for assertion in unseen]
    return Report(
        exercise=number,
        counts={kind: sum(one.answer.kind is kind for one in judged) for kind in Kind},
        assertions=assertions,
        catches=catches,
        losses=[
            Loss(one.answer.path.stem, one.lost(elsewhere=False), one.lost(elsewhere=True))
            for one in mutants
        ],
        faults=faults,
    )


def _catches(judged: list[Judged], mutants: list[Judged]) -> list[Catch]:
    waited = {id_ for one in judged for id_ in _with(one, Status.NEEDS_GPU)}
    caught = [one.failing for one in mutants]
    return [
        Catch(id_, sum(id_ in ids for ids in caught), caught.count([id_]), id_ in waited)
        for id_ in sorted({id_ for one in judged for id_ in one.statuses})
    ]


def _faults(one: Judged) -> Iterator[Fault]:
    """Everything that is wrong with how one answer was graded."""
    if one.result.problem:
        yield _fault(one, Wrong.UNJUDGED, one.result.problem)
        return
    if errors := _with(one, Status.GRADER_ERROR):
        yield _fault(one, Wrong.UNJUDGED, _named(one, errors))
    match one.answer.kind:
        case Kind.MUTANT:
            yield from _faults_of_mutant(one)
        case Kind.STUB:
            if touched := _not_among(one, Status.NOT_ATTEMPTED, Status.BLOCKED):
                yield _fault(one, Wrong.STUB_COUNTS, _named(one, touched))
        case Kind.SOLUTION | Kind.VARIANT:
            if failed := _not_among(one, Status.PASSED):
                yield _fault(one, Wrong.RIGHT_FAILS, _named(one, failed))


def _faults_of_mutant(one: Judged) -> Iterator[Fault]:
    answer, failing = one.answer, one.failing
    found = one.statuses.get(answer.fails)
    waits = found is not None and found.pending
    if not failing and not waits:
        yield _fault(one, Wrong.SURVIVES, f"expected to fail {answer.fails}")
    elif found is not Status.FAILED and not waits:
        ended = f"{answer.fails} ends in {found}" if found else f"there is no {answer.fails}"
        yield _fault(one, Wrong.OTHER_CHECK, f"{ended}; what fails: {_named(one, failing)}")
    others = _not_among(one, Status.PASSED, Status.BLOCKED)
    others = [id_ for id_ in others if id_.split(".")[1] != answer.task]
    if others or one.lost(elsewhere=True) > NOTHING:
        points = f"{one.lost(elsewhere=True):.3g} points of other tasks than {answer.task}"
        named = f": {_named(one, others)}" if others else ", whose checks are all blocked"
        yield _fault(one, Wrong.OTHER_TASK, points + named)


def _fault(one: Judged, wrong: Wrong, details: str) -> Fault:
    return Fault(wrong, one.answer.path.as_posix(), details)


def _with(one: Judged, status: Status) -> list[str]:
    return [id_ for id_, found in one.statuses.items() if found is status]


def _not_among(one: Judged, *expected: Status) -> list[str]:
    """The checks that ended otherwise, without those that are pending."""
    return [
        id_ for id_, status in one.statuses.items() if status not in expected and not status.pending
    ]


def _named(one: Judged, ids: Iterable[str]) -> str:
    return ", ".join(f"{id_} ({one.statuses[id_]})" for id_ in ids)


def show(reports: Sequence[Report], *, complete: bool, points: bool) -> Iterator[str]:
    """Reports as lines for a terminal.

    Args:
        reports: of all exercises.
        complete: whether all mutants were graded.
        points: whether to show what each mutant loses.
    """
    for report in reports:
        yield from _shown(report, points=points)
        yield ""
    waited = sum(catch.waited for report in reports for catch in report.catches)
    if waited:
        yield f"{_counted(waited, 'check')} waited for a GPU, which is no fault."
    if not complete:
        yield "A sample only: that a check never fails was not looked for."
    yield _counted(sum(len(report.faults) for report in reports), "fault")


def _shown(report: Report, *, points: bool) -> Iterator[str]:
    counts = [_counted(count, kind) for kind, count in report.counts.items()]
    yield f"Exercise {report.exercise}: {', '.join(counts)}"
    yield "  mutants  alone  check"
    for catch in report.catches:
        waited = "  waited for a GPU" if catch.waited else ""
        yield f"{catch.mutants:9}{catch.alone:7}  {catch.check}{waited}"
    if report.assertions:
        yield f"  {_counted(len(report.assertions), 'assertion')} in these checks"
    if points:
        yield "     lost  elsewhere  mutant"
        for loss in report.losses:
            flag = "  <- another task pays" if loss.elsewhere > NOTHING else ""
            yield f"{_points(loss.own):>9}{_points(loss.elsewhere):>11}  {loss.mutant}{flag}"
    for wrong in Wrong:
        faults = [fault for fault in report.faults if fault.wrong is wrong]
        if faults:
            yield f"  {wrong}: {len(faults)}"
        for fault in faults:
            yield printable(f"    {fault.where}")
            yield from _indented(fault.details)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _points(points: float) -> str:
    return f"{points if points > NOTHING else 0:.3g}"


def _indented(text: str) -> list[str]:
    margin = " " * 6
    return wrap(
        printable(text),
        WIDTH,
        initial_indent=margin,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )
