"""Describes a learner's progress in words, for `grader`, `grader progress` and its HTML page."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from grader.common.terminal import print_lines, printable, wrapped
from grader.course.scoring import Status, Verdict
from grader.course.settings import Course
from grader.learner.kept_results import Age, Standing, source_file, unsolved, untouched

PYTEST: Final = "pytest"
PASSED: Final = "passed"
BEGUN: Final = "begun"
OPEN: Final = "open"
FAILED: Final = "failed"
STOPPED: Final = "stopped"
MISSING: Final = "missing"
NOT_ATTEMPTED: Final = "not attempted"
COLORS: Final = {PASSED: "green", BEGUN: "yellow"} | dict.fromkeys(
    (FAILED, STOPPED, MISSING), "red"
)
LABEL: Final = 51  # columns; the state follows, and the longest one needs 15
STATE: Final = 15
ALL_PASS: Final = "Every visible check passes. Well done! Grading also runs hidden checks."
FIRST_TIME: Final = "Exercises: {count}. Each has a lesson, a file to complete, and checks to run."
STALE: Final = "Changed since the last run: {numbers}. `grader progress` runs their checks."
ALL_COMMANDS: Final = "`grader doctor` checks this machine; `grader --help` lists every command."


@dataclass(frozen=True)
class Row:
    """One line of the overview.

    Attributes:
        label: an exercise, or one of its tasks.
        state: how far it is, in a word or two.
        earned: the points that the visible checks give.
        points: the points that it is worth.
        task: whether it is a task, not an exercise.
    """

    label: str
    state: str
    earned: float
    points: int
    task: bool = False


@dataclass(frozen=True)
class Step:
    """What to do next.

    Attributes:
        text: the task or exercise to work on.
        file: the file to edit.
        command: the command to run in the course's folder.
    """

    text: str
    file: Path
    command: str


def exercise_state(course: Course, found: Standing) -> str:
    """The state of an exercise, in a word or two."""
    if not source_file(course, found.number).is_file():
        return MISSING
    if found.age is not Age.CURRENT:
        return "changed" if found.age is Age.CHANGED else "not run"
    if found.problem:
        return STOPPED
    if found.passed:
        return PASSED if all(v.status is Status.PASSED for v in found.verdicts) else OPEN
    return BEGUN if found.begun else NOT_ATTEMPTED


def task_state(found: Standing, task: str) -> str:
    """The state of a task: passed, or how many of its checks pass."""
    verdicts = found.of_task(task)
    if found.age is not Age.CURRENT or not verdicts:
        return ""
    if untouched(verdicts):
        return NOT_ATTEMPTED
    passed = sum(verdict.status is Status.PASSED for verdict in verdicts)
    if passed == len(verdicts):
        return PASSED
    if not unsolved(verdicts):
        return OPEN
    return f"{passed} of {len(verdicts)} pass" if passed else FAILED


def failures(found: Standing) -> list[Verdict]:
    """The checks that went wrong, without those that are not attempted, blocked or pending."""
    silent = (Status.PASSED, Status.NOT_ATTEMPTED, Status.BLOCKED)
    return [v for v in found.verdicts if v.status not in silent and not v.status.pending]


def overview(course: Course, standings: Mapping[str, Standing]) -> Iterator[Row]:
    """The rows of the overview: every exercise, followed by its tasks."""
    for number, found in standings.items():
        exercise = course.exercise(number)
        state = exercise_state(course, found)
        yield Row(f"{number}  {exercise.title}", state, found.earned, found.points)
        for task, points in exercise.tasks.items():
            label = f"    {course.task_number(number, task)}  {task}"
            earned = found.earned_by(task)
            yield Row(label, task_state(found, task), earned, points, task=True)


def next_step(course: Course, standings: Mapping[str, Standing]) -> Step | None:
    """The next step: continue the first exercise that was begun, or begin one; None if all pass."""
    left = [found for found in standings.values() if not found.passed]
    if not left:
        return None
    found = next((found for found in left if found.begun), left[0])
    number, file = found.number, source_file(course, found.number)
    if not file.is_file():
        return Step(f"exercise {number}, whose file is missing", file, f"grader reset {number}")
    todo = unsolved(found.verdicts)
    what = f"exercise {number}"
    if todo:
        what = f"task {course.task_number(number, todo[0])}, `{todo[0]}`"
    return Step(what, file, f"{PYTEST} exercises/{number}")


def tally(standings: Mapping[str, Standing]) -> str:
    """The total of the points, in one line."""
    earned = sum(found.earned for found in standings.values())
    points = sum(found.points for found in standings.values())
    return f"{earned:.4g} of {points} points by the visible checks"


def show_overview(course: Course, standings: Mapping[str, Standing], console: Console) -> None:
    """Print every exercise, and what to do next, within 80 columns."""
    print_lines(console, Text(printable(course.title), style="bold"), f"  {tally(standings)}", "")
    problems = {number: found.problem for number, found in standings.items() if found.problem}
    for row in overview(course, standings):
        label = printable(row.label)
        if len(label) > LABEL:
            label = label[: LABEL - 3] + "..."
        line = Text(f"{label:<{LABEL}} ", style="" if row.task else "bold")
        line.append(f"{row.state:<{STATE}}", style=COLORS.get(row.state, ""))
        line.append(f"{row.earned:>5.4g} of {row.points}")
        print_lines(console, line)
        if not row.task and (problem := problems.get(row.label[:2])):
            for part in wrapped(problem, " " * 4, " " * 4):
                print_lines(console, Text(part, style="red"))
    print_lines(console, "")
    show_next(course, standings, console)


def show_next(course: Course, standings: Mapping[str, Standing], console: Console) -> None:
    """Print what to do next: the file, as a link if the terminal supports it, and the command."""
    step = next_step(course, standings)
    if step is None:
        print_lines(console, ALL_PASS)
        return
    print_lines(console, f"Next: {step.text}")
    line = Text("  edit  ").append(_relative(step.file), style=f"link {step.file.as_uri()}")
    print_lines(console, line, f"  run   {_command_here(course, step)}")


def show_standing(course: Course, standings: Mapping[str, Standing], console: Console) -> None:
    """Print in a few lines where the learner stands, without running any checks."""
    print_lines(console, Text(printable(course.title), style="bold"))
    if all(found.age is Age.NEW for found in standings.values()):
        first = next(iter(standings))
        lesson = source_file(course, first).with_name("README.md")
        line = Text("  read  ").append(_relative(lesson), style=f"link {lesson.as_uri()}")
        print_lines(console, f"  {FIRST_TIME.format(count=len(standings))}", "")
        step = Step("begin", source_file(course, first), f"{PYTEST} exercises/{first}")
        print_lines(console, f"Next: {step.text}", line, f"  run   {_command_here(course, step)}")
    else:
        done = sum(found.passed for found in standings.values())
        print_lines(console, f"  {done} of {len(standings)} exercises pass, {tally(standings)}")
        stale = [number for number, found in standings.items() if _is_stale(found)]
        if stale:
            print_lines(console, f"  {STALE.format(numbers=', '.join(stale))}")
        print_lines(console, "")
        show_next(course, standings, console)
    print_lines(console, "", ALL_COMMANDS)


def _command_here(course: Course, step: Step) -> str:
    """The command to type in the current folder, which may be below the course's folder."""
    if Path.cwd() == course.root or not step.command.startswith(PYTEST):
        return step.command
    try:
        folder = Path(os.path.relpath(step.file.parent)).as_posix()
    except ValueError:  # on Windows, the course is on another drive
        folder = step.file.parent.as_posix()
    return PYTEST if folder == "." else f"{PYTEST} {folder}"


def _is_stale(found: Standing) -> bool:
    return found.age in (Age.CHANGED, Age.PARTIAL)


def _relative(path: Path) -> str:
    """The path, relative to the current folder if it lies below it."""
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return printable(shown.as_posix())
