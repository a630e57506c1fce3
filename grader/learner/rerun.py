"""Runs the visible checks of what has changed, in another process.

A learner's code may crash Python or never end: then that is what is found, and the next exercise
goes on in a fresh process.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from queue import Empty, Queue
from typing import Final

from grader.course.settings import Course
from grader.learner.kept_results import Kept, Standing, fingerprint, keep, standing

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
    for number, found in _recheck(course, stale, on_start):
        standings[number] = standing(course, number, found)
    return standings


def _recheck(
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
    command = [sys.executable, "-m", "grader.learner.rerun_worker", str(course.root), *numbers]
    process = subprocess.Popen(
        command, cwd=course.root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    lines: Queue[str] = Queue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    try:
        with suppress(Empty):
            lines.get(timeout=STARTING)  # the worker's first line says that it is ready
        for number in numbers:
            before = fingerprint(course, number)
            on_start(number)
            line, problem = _next(course, number, process, lines)
            if problem:
                found = Kept(fingerprint=before, checks=(), verdicts=(), problem=problem)
                keep(course, number, found)
                yield number, found
                return
            yield number, Kept.model_validate_json(line)
    finally:
        process.kill()
        process.wait()


def _next(
    course: Course, number: str, process: "subprocess.Popen[str]", lines: "Queue[str]"
) -> tuple[str, str]:
    """The worker's next line, or why there is none."""
    limit = PATIENCE * float(course.exercise(number).limits.cpu_seconds)
    try:
        line = lines.get(timeout=limit)
    except Empty:
        return "", NEVER_ENDS.format(seconds=limit, number=number)
    return line, "" if line else ENDED.format(code=process.wait(), number=number)


def _read(process: "subprocess.Popen[str]", lines: "Queue[str]") -> None:
    """Hand on each line of a process, and an empty one when it has ended."""
    assert process.stdout is not None
    with process.stdout as stream:
        for line in stream:
            lines.put(line)
    lines.put("")
