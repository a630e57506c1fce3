"""Runs the visible checks of what has changed, in another process.

A learner's code may crash Python or never end: then that is what is found, and the next exercise
goes on in a fresh process.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from grader.common.child_process import Child
from grader.course.settings import Course
from grader.learner.kept_results import Kept, Standing, fingerprint, keep, standing

WORKER: Final = "grader.learner.rerun_worker"
PATIENCE: Final = 3  # times the CPU seconds of one check: as long as all checks may take
STARTING: Final = 120.0  # seconds until Python has imported torch, on a slow disk too
NEVER_ENDS: Final = (
    "stopped after {seconds:g} seconds: does a loop never end? "
    "`pytest exercises/{number}` runs without a limit"
)
ENDED: Final = "Python itself ended (exit code {code}): `pytest exercises/{number}` shows where"


def up_to_date(
    course: Course, numbers: Sequence[str], on_start: Callable[[str], None]
) -> dict[str, Standing]:
    """Where the learner stands, after running the checks of whatever has no valid result.

    Args:
        course: the course.
        numbers: of the exercises.
        on_start: told the number of each exercise whose checks are about to run.
    """
    standings = {number: standing(course, number) for number in numbers}
    stale = [number for number, found in standings.items() if not found.settled]
    for number, found in _rerun(course, stale, on_start):
        standings[number] = standing(course, number, found)
    return standings


def _rerun(
    course: Course, numbers: Sequence[str], on_start: Callable[[str], None]
) -> Iterator[tuple[str, Kept]]:
    """Run checks; each exercise that ends its process costs a new one."""
    left = list(numbers)
    while left:
        for number, found in _one_process(course, tuple(left), on_start):
            left.remove(number)
            yield number, found


def _one_process(
    course: Course, numbers: Sequence[str], on_start: Callable[[str], None]
) -> Iterator[tuple[str, Kept]]:
    """What one process finds; the last exercise may have ended it."""
    with Child(WORKER, str(course.root), *numbers, folder=course.root) as child:
        with suppress(TimeoutError, EOFError):
            child.receive(STARTING)  # the first line says that it is ready
        for number in numbers:
            before = fingerprint(course, number)
            on_start(number)
            found, problem = _next(course, number, child)
            if found is None:
                found = Kept(fingerprint=before, checks=(), verdicts=(), problem=problem)
                keep(course, number, found)
                yield number, found
                return
            yield number, found


def _next(course: Course, number: str, child: Child) -> tuple[Kept | None, str]:
    """What the child finds next, or why it finds nothing."""
    limit = PATIENCE * float(course.exercise(number).limits.cpu_seconds)
    try:
        return Kept.model_validate(child.receive(limit), strict=False), ""
    except TimeoutError:
        return None, NEVER_ENDS.format(seconds=limit, number=number)
    except EOFError:
        return None, ENDED.format(code=child.exit_code(), number=number)
