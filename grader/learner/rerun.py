"""Runs the visible checks of changed exercises in another process.

If a learner's code crashes Python or never ends, that is recorded as the result, and the next
exercise runs in a fresh process.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final

from grader.common.child_process import Child
from grader.course.settings import Course
from grader.learner.kept_results import Kept, Standing, fingerprint, keep, standing

WORKER: Final = "grader.learner.rerun_worker"
PATIENCE: Final = 3  # all checks together may take three times the CPU seconds of one check
STARTING: Final = 120.0  # seconds; importing torch may be slow
NEVER_ENDS: Final = (
    "stopped after {seconds:g} seconds: does a loop never end? "
    "`pytest exercises/{number}` runs without a limit"
)
ENDED: Final = "Python itself ended (exit code {code}): `pytest exercises/{number}` shows where"


def up_to_date(
    course: Course, numbers: Sequence[str], on_start: Callable[[str], None]
) -> dict[str, Standing]:
    """Where the learner stands, after running the checks of exercises without valid results.

    Args:
        course: the course.
        numbers: the numbers of the exercises.
        on_start: called with an exercise's number before its checks run.
    """
    standings = {number: standing(course, number) for number in numbers}
    stale = [number for number, found in standings.items() if not found.settled]
    for number, found in _rerun(course, stale, on_start):
        standings[number] = standing(course, number, found)
    return standings


def _rerun(
    course: Course, numbers: Sequence[str], on_start: Callable[[str], None]
) -> Iterator[tuple[str, Kept]]:
    """Run checks, in a new process whenever an exercise has ended the last one."""
    left = list(numbers)
    while left:
        for number, found in _one_process(course, tuple(left), on_start):
            left.remove(number)
            yield number, found


def _one_process(
    course: Course, numbers: Sequence[str], on_start: Callable[[str], None]
) -> Iterator[tuple[str, Kept]]:
    """The results from one process, up to an exercise that ends it."""
    with Child(WORKER, str(course.root), *numbers, folder=course.root) as child:
        with suppress(TimeoutError, EOFError):
            child.receive(STARTING)  # its first line: it is ready
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
    """The child's next results, or the reason why there are none."""
    limit = PATIENCE * float(course.exercise(number).limits.cpu_seconds)
    try:
        return Kept.model_validate(child.receive(limit), strict=False), ""
    except TimeoutError:
        return None, NEVER_ENDS.format(seconds=limit, number=number)
    except EOFError:
        return None, ENDED.format(code=child.exit_code(), number=number)
