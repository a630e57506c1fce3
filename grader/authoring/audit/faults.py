"""Evaluates graded answers: how useful each check is, and every fault that was found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from grader.authoring.audit.answers import GradedAnswer, Kind
from grader.authoring.audit.assertions import Assertion
from grader.course.scoring import Status

NOTHING: Final = 1e-9  # points: smaller differences are rounding errors


class Wrong(StrEnum):
    """The kinds of faults, as headings in the report."""

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
    """Something that is wrong with a check or an answer.

    Attributes:
        wrong: the kind of fault.
        where: the answer's file, the check's id, or the assertion.
        details: more details in one line; may be empty.
    """

    wrong: Wrong
    where: str
    details: str = ""


@dataclass(frozen=True)
class Catch:
    """How many mutants a check catches.

    Attributes:
        check: the check's id.
        mutants: how many mutants fail it.
        alone: how many of these fail no other check.
        waited: whether the check could not run because there is no GPU.
    """

    check: str
    mutants: int
    alone: int
    waited: bool


@dataclass(frozen=True)
class PointsLost:
    """The points that a mutant loses in its own task, and in other tasks."""

    mutant: str
    own: float
    elsewhere: float


@dataclass(frozen=True)
class Report:
    """The findings of an audit for one exercise.

    Attributes:
        exercise: the exercise's number.
        counts: how many answers of each kind were graded.
        catches: how many mutants each check catches, sorted by the check's id.
        losses: the points that each mutant loses.
        assertions: the assertions in the exercise's checks, except GPU checks.
        faults: everything that is wrong.
    """

    exercise: str
    counts: dict[Kind, int]
    assertions: list[Assertion]
    catches: list[Catch]
    losses: list[PointsLost]
    faults: list[Fault]


def find_out(
    judged: Sequence[GradedAnswer],
    *,
    complete: bool,
    assertions: Mapping[str, list[Assertion]] = MappingProxyType({}),
) -> list[Report]:
    """Evaluate graded answers, and return one report for each exercise.

    Args:
        judged: the graded answers.
        complete: whether they include all mutants. If not, a check that catches none is no fault.
        assertions: number of the exercise → assertions in its checks.
    """
    numbers = dict.fromkeys(one.answer.exercise for one in judged)
    return [
        _report(n, [o for o in judged if o.answer.exercise == n], complete, assertions.get(n, []))
        for n in numbers
    ]


def _report(
    number: str, judged: list[GradedAnswer], complete: bool, assertions: list[Assertion]
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
            PointsLost(one.answer.path.stem, one.lost(elsewhere=False), one.lost(elsewhere=True))
            for one in mutants
        ],
        faults=faults,
    )


def _catches(judged: list[GradedAnswer], mutants: list[GradedAnswer]) -> list[Catch]:
    waited = {id_ for one in judged for id_ in _with(one, Status.NEEDS_GPU)}
    caught = [one.failing for one in mutants]
    return [
        Catch(id_, sum(id_ in ids for ids in caught), caught.count([id_]), id_ in waited)
        for id_ in sorted({id_ for one in judged for id_ in one.statuses})
    ]


def _faults(one: GradedAnswer) -> Iterator[Fault]:
    """The faults that the result of one answer reveals."""
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


def _faults_of_mutant(one: GradedAnswer) -> Iterator[Fault]:
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


def _fault(one: GradedAnswer, wrong: Wrong, details: str) -> Fault:
    return Fault(wrong, one.answer.path.as_posix(), details)


def _with(one: GradedAnswer, status: Status) -> list[str]:
    return [id_ for id_, found in one.statuses.items() if found is status]


def _not_among(one: GradedAnswer, *expected: Status) -> list[str]:
    """The checks with another status than those expected, without pending ones."""
    return [
        id_ for id_, status in one.statuses.items() if status not in expected and not status.pending
    ]


def _named(one: GradedAnswer, ids: Iterable[str]) -> str:
    return ", ".join(f"{id_} ({one.statuses[id_]})" for id_ in ids)
