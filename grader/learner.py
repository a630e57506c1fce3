"""`pytest exercises/03`: the same checks, with a summary that a beginner understands."""

import textwrap
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from grader.course import Course, find_course
from grader.errors import UserError
from grader.plugin import CheckRun
from grader.text import printable
from grader.verdicts import Score, Status, Verdict, score_exercise

WORDS: Final = {Status.PASSED: "pass", Status.NOT_ATTEMPTED: "todo", Status.BLOCKED: "wait"}
COLORS: Final = {Status.PASSED: "green", Status.NOT_ATTEMPTED: "yellow", Status.BLOCKED: "cyan"}
WIDTH: Final = 80
FIRST_STEPS: Final = "Nothing is attempted yet: that is how every exercise begins."


class LearnerRun(CheckRun):
    """A session of visible checks that ends in a summary."""

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Generator[None, Any, Any]:
        """Leave the progress line empty: the summary says it all."""
        category, _, word = yield
        return category, "", word

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the summary of every exercise that was run."""
        numbers = sorted({id_.partition(".")[0] for id_ in self.verdicts})
        for number in numbers:
            self._print_exercise(terminalreporter, number)

    def _print_exercise(self, terminal: Any, number: str) -> None:
        exercise = self.course.exercise(number)
        mine = [v for id_, v in self.verdicts.items() if id_.startswith(f"{number}.")]
        scored = score_exercise(exercise.tasks, mine)
        terminal.write_line("")
        terminal.write_line(f"Exercise {number} · {exercise.title}", bold=True)
        for task, points in exercise.tasks.items():
            of_task = [(v, s) for v, s in scored if v.task == task]
            if of_task:
                self._print_task(terminal, number, task, points, of_task)
        terminal.write_line("")
        for line in _closing(self.course, number, self.places(number), scored):
            terminal.write_line(line)

    def places(self, number: str) -> tuple[str, str]:
        """What the summary says of where to write and of where the hints are."""
        source = self.locate(number)
        return str(source), str(source.parent / "hints.md")

    def _print_task(
        self,
        terminal: Any,
        number: str,
        task: str,
        points: int,
        scored: list[tuple[Verdict, Score]],
    ) -> None:
        earned = sum(score.score or 0.0 for _, score in scored)
        heading = f"  Task {self.course.task_number(number, task)}  {task}"
        tally = f"{earned:g} of {points} points"
        untouched = _untouched([verdict for verdict, _ in scored])
        if untouched:
            tally = "not attempted yet"
        terminal.write_line("")
        terminal.write_line(f"{heading:<{WIDTH - len(tally) - 1}} {tally}")
        for verdict, _ in scored:
            status = Status.NOT_ATTEMPTED if untouched else verdict.status
            word = "open" if status.pending else WORDS.get(status, "FAIL")
            terminal.write(f"    {word}  ", **{COLORS.get(status, "red"): True})
            terminal.write_line(wrapped(verdict.title, 10).lstrip())
            if status is not Status.NOT_ATTEMPTED:
                for row in rows(verdict.message):
                    terminal.write_line(row)


def learner_run(exercises: Path) -> LearnerRun:
    """The session for the exercises below a folder; `pytest.UsageError` for a broken course."""
    try:
        course = find_course(exercises)
    except UserError as error:
        raise pytest.UsageError(str(error)) from None
    return LearnerRun(course, lambda number: _learner_file(exercises, course, number), shrinks=True)


def quieten(config: pytest.Config) -> None:
    """Let the summary stand alone, unless the learner asked pytest for more."""
    if config.option.verbose == 0:
        config.option.verbose = -2
        config.option.tbstyle = "no"
        config.option.reportchars = ""
        config.option.disable_warnings = True


def _learner_file(exercises: Path, course: Course, number: str) -> Path:
    """The learner's file, relative to the current folder where that is shorter to read."""
    path = exercises / number / course.exercise(number).file_name
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _untouched(verdicts: list[Verdict]) -> bool:
    """Whether nothing was attempted: a check that waits for one not attempted is no attempt."""
    waiting = (Status.NOT_ATTEMPTED, Status.BLOCKED)
    statuses = [verdict.status for verdict in verdicts]
    return Status.NOT_ATTEMPTED in statuses and all(status in waiting for status in statuses)


def rows(message: str) -> Iterator[str]:
    """A message's rows under their check, wrapped to the width of a terminal."""
    for row in message.splitlines():
        yield wrapped(printable(row), 20, first=10)


def wrapped(text: str, indent: int, first: int | None = None) -> str:
    """A text within the width of a terminal; its first line may have another indent."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=" " * (indent if first is None else first),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _closing(
    course: Course, number: str, places: tuple[str, str], scored: list[tuple[Verdict, Score]]
) -> Iterator[str]:
    """The tally and the next step."""
    verdicts = [verdict for verdict, _ in scored]
    if _untouched(verdicts):
        verdicts = [replace(v, status=Status.NOT_ATTEMPTED) for v in verdicts]
    count = {status: sum(v.status is status for v in verdicts) for status in Status}
    failed = len(verdicts) - sum(count[s] for s in WORDS) - sum(v.status.pending for v in verdicts)
    parts = [
        (count[Status.PASSED], "passed"),
        (failed, "failed"),
        (count[Status.NOT_ATTEMPTED], "not attempted"),
        (count[Status.BLOCKED], "waiting for another"),
    ]
    tally = ", ".join(f"{number_} {word}" for number_, word in parts if number_)
    earned = sum(score.score or 0.0 for _, score in scored)
    points = sum(score.max_score for _, score in scored)
    yield f"  {tally} · {earned:g} of {points:g} points by the visible checks"
    open_ones = [v for v in verdicts if v.status is not Status.PASSED]
    if not open_ones:
        yield "  All visible checks pass. Well done! Grading runs further, hidden checks."
        return
    ranked = [v for v in open_ones if v.status not in (Status.NOT_ATTEMPTED, Status.BLOCKED)]
    task = (ranked or open_ones)[0].task
    if _untouched(verdicts):
        yield f"  {FIRST_STEPS}"
    yield f"  Next: task {course.task_number(number, task)}, `{task}` in {places[0]}."
    yield f"  Stuck? {places[1]} has {course.release.in_words}."
