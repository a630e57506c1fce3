"""Starts `grader watch`: chooses the exercise, and connects hints and results to the loop."""

import signal
import sys
from types import FrameType
from typing import Final

from grader.common.errors import UserError
from grader.course.settings import Course
from grader.learner.hints import find_hints, reveal
from grader.learner.kept_results import standing, unsolved
from grader.learner.watch.loop import WatchOptions, watch_course

# Their default action would leave the terminal without echo.
ENDING: Final = ("SIGTERM", "SIGHUP", "SIGBREAK")


def begin(course: Course, number: str | None, *, clear: bool, forks: bool) -> bool:
    """Watch one exercise, or all of them.

    Args:
        course: the course.
        number: the exercise's number; None: watch all, beginning with the first unsolved one.
        clear: whether to clear the screen before each summary, on a terminal.
        forks: whether runs may be forked from the warm process.

    Returns:
        Whether the checks passed in the last run.

    Raises:
        UserError: when the course has no such exercise.
    """
    for name in ENDING:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _end)
    if number is not None:
        course.exercise(number)
    options = WatchOptions(forks, clear, lambda current: _next_hint(course, current))
    return watch_course(course, number or _first_unsolved(course), options, only=number is not None)


def _first_unsolved(course: Course) -> str:
    numbers = list(course.exercises)
    open_ones = (number for number in numbers if not standing(course, number).passed)
    return next(open_ones, numbers[0])


def _next_hint(course: Course, number: str) -> str:
    task = [*unsolved(standing(course, number).verdicts), *course.exercise(number).tasks][0]
    try:
        return "\n".join(reveal(course, find_hints(course, number, task)))
    except UserError as error:
        return str(error)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
