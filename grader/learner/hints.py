"""Shows hints tier by tier, each more explicit than the last, and remembers how many were shown.

`exercises/NN/hints.md` has a section for each task, which has a subsection for each tier. In a
course that gives fewer tiers, the file contains only those.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from grader.common.errors import UserError
from grader.common.markdown import reflow, sections
from grader.course.settings import Course
from grader.learner.kept_results import FOLDER, unsolved, write_beside
from grader.learner.rerun import up_to_date

FILE_NAME: Final = "hints.md"
MEMORY: Final = "hints.json"
NO_HINTS: Final = "this course gives no hints for task {task}"
ALL_SOLVED: Final = (
    "every visible check of exercise {number} passes: name a task to read its hints ({tasks})"
)
LAST: Final = (
    "That was the last hint for this task. `grader hint {number} {task} --again` repeats them."
)
MORE: Final = "{left} more: `grader hint {number} {task}` shows the next one."
FORGOTTEN: Final = (
    "(It cannot be remembered which hints you have seen: {folder} cannot be written to.)"
)


@dataclass(frozen=True)
class Hints:
    """The hints for one task.

    Attributes:
        number: the exercise's number.
        task: the name of the function.
        tiers: name of the tier → text of the hint, the gentlest first.
        seen: how many of them were shown already.
    """

    number: str
    task: str
    tiers: dict[str, str]
    seen: int


def find_task(course: Course, number: str, name: str) -> str:
    """Find a task by its name, number or position: "swap_head", "3.2" or "2".

    Raises:
        UserError: when the exercise has no such task.
    """
    tasks = list(course.exercise(number).tasks)
    for position, task in enumerate(tasks, start=1):
        if name in (task, course.task_number(number, task), str(position)):
            return task
    shown = ", ".join(f"{course.task_number(number, task)} {task}" for task in tasks)
    raise UserError(f"exercise {number} has no task {name!r}: it has {shown}")


def next_task(course: Course, number: str, on_start: Callable[[str], None]) -> str:
    """Find the task to solve next; runs the visible checks if there are no valid results.

    Args:
        course: the course.
        number: the exercise's number.
        on_start: called with the exercise's number before its checks run.

    Raises:
        UserError: when every task is solved.
    """
    tasks = list(course.exercise(number).tasks)
    found = up_to_date(course, [number], on_start)[number]
    if found.passed:
        raise UserError(ALL_SOLVED.format(number=number, tasks=", ".join(tasks)))
    return [*unsolved(found.verdicts), *tasks][0]


def find_hints(course: Course, number: str, task: str) -> Hints:
    """Read the hints that the course gives for a task.

    Raises:
        UserError: when there are none.
    """
    path = course.visible_checks(number).with_name(FILE_NAME)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    shown = f"{course.task_number(number, task)}, `{task}`"
    heading = re.compile(rf"Task [\d.]+: {re.escape(task)}")
    bodies = [body for name, body in sections(text, 2).items() if heading.fullmatch(name)]
    tiers = sections(bodies[0], 3) if bodies else {}
    if not tiers:
        raise UserError(NO_HINTS.format(task=shown))
    seen = _memory(course).get(number, {}).get(task, 0)
    return Hints(number, task, tiers, min(seen, len(tiers)))


def reveal(course: Course, hints: Hints, *, again: bool = False) -> Iterator[str]:
    """Yield the next hint as lines for a terminal, and record that it was shown.

    Args:
        course: the course.
        hints: the hints for a task.
        again: whether to repeat the hints that were shown before instead of showing a new one.
    """
    number, task, total = hints.number, hints.task, len(hints.tiers)
    first, last = hints.seen, min(hints.seen + 1, total)
    if again or first == total:
        first, last = 0, max(hints.seen, 1)
    yield f"Task {course.task_number(number, task)}, {task}"
    for position, (tier, text) in enumerate(hints.tiers.items(), start=1):
        if first < position <= last:
            yield ""
            yield f"{tier} ({position} of {total})"
            yield ""
            yield from reflow(text)
    yield ""
    if last == total:
        yield LAST.format(number=number, task=task)
    else:
        yield MORE.format(left=total - last, number=number, task=task)
    if last > hints.seen and not _remember(course, number, task, last):
        yield FORGOTTEN.format(folder=course.root / FOLDER)


def seen_hints(course: Course, number: str) -> dict[str, int]:
    """How many hints were shown for each task of an exercise."""
    return _memory(course).get(number, {})


def _remember(course: Course, number: str, task: str, seen: int) -> bool:
    memory = _memory(course)
    memory.setdefault(number, {})[task] = seen
    return write_beside(course, MEMORY, json.dumps(memory, indent=1, sort_keys=True) + "\n")


def _memory(course: Course) -> dict[str, dict[str, int]]:
    """How many hints were shown, by exercise and task; empty if the file cannot be read."""
    with suppress(OSError, ValueError, AttributeError):
        saved = json.loads((course.root / FOLDER / MEMORY).read_bytes())
        return {
            str(number): {str(task): int(seen) for task, seen in tasks.items()}
            for number, tasks in saved.items()
        }
    return {}
