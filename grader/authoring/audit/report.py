"""Formats the report of an audit as lines for a terminal."""

from collections.abc import Iterator, Sequence
from typing import Final

from grader.authoring.audit.faults import NOTHING, Report, Wrong
from grader.common.terminal import printable, wrapped

MARGIN: Final = " " * 6


def show(reports: Sequence[Report], *, complete: bool, points: bool) -> Iterator[str]:
    """Format reports as lines for a terminal.

    Args:
        reports: the reports of all exercises.
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
        yield "Only a sample was graded, so checks that never fail are not reported."
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
            yield from wrapped(printable(fault.details), MARGIN, MARGIN)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _points(points: float) -> str:
    return f"{points if points > NOTHING else 0:.3g}"
