"""`pytest exercises/03`: runs the visible checks, with a summary that a beginner understands."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from grader.common.errors import UserError
from grader.common.terminal import WIDTH, printable, wrapped
from grader.course.lesson import beyond
from grader.course.scoring import Score, Status, Verdict, score_exercise
from grader.course.settings import Course, find_course
from grader.judge.pytest_plugin import CheckRun
from grader.learner.kept_results import unsolved, untouched
from grader.learner.result_keeper import all_checks

WORDS: Final = {Status.PASSED: "pass", Status.NOT_ATTEMPTED: "todo", Status.BLOCKED: "wait"}
COLORS: Final = {Status.PASSED: "green", Status.NOT_ATTEMPTED: "yellow", Status.BLOCKED: "cyan"}
SPACE: Final = " " * 10
FIRST_STEPS: Final = "Nothing is attempted yet: that is how every exercise begins."
ALL_PASS: Final = "All visible checks pass. Well done! Grading also runs hidden checks."
COMPARE: Final = (
    "`grader compare {number}` shows your results beside the reference's, with pictures."
)
PART_PASSES: Final = (
    "The checks that were run pass. `pytest exercises/{number}` runs all visible checks."
)
REST_IS_OPEN: Final = (
    "All checks that can run here pass. Well done! Each open check says what it waits for."
)


class LearnerRun(CheckRun):
    """A session of visible checks that ends in a summary."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.all_checks: set[str] = set()

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Record all checks in the file, whether or not they are selected."""
        self.all_checks.update(all_checks(item))

    def left_out(self, number: str) -> bool:
        """Whether some check of the exercise was not run."""
        mine = {id_ for id_ in self.all_checks if id_.startswith(f"{number}.")}
        return not mine <= set(self.verdicts)

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Generator[None, Any, Any]:
        """Leave pytest's progress line empty: the summary replaces it."""
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
        places, left_out = self.places(number), self.left_out(number)
        for line in _closing(self.course, number, places, scored, left_out=left_out):
            terminal.write_line(_fitted(line))

    def places(self, number: str) -> tuple[str, str]:
        """The summary's words for where the learner writes, and for where the hints are."""
        return str(self.locate(number)), f"`grader hint {number}`"

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
        is_untouched = untouched([verdict for verdict, _ in scored])
        if is_untouched:
            tally = "not attempted yet"
        terminal.write_line("")
        terminal.write_line(f"{heading:<{WIDTH - len(tally) - 1}} {tally}")
        for verdict, _ in scored:
            status = Status.NOT_ATTEMPTED if is_untouched else verdict.status
            word = "open" if status.pending else WORDS.get(status, "FAIL")
            terminal.write(f"    {word}  ", **{COLORS.get(status, "red"): True})
            terminal.write_line(beside_verdict(verdict.title))
            if status is not Status.NOT_ATTEMPTED:
                for row in rows(verdict.message):
                    terminal.write_line(row)


def learner_run(exercises: Path) -> LearnerRun:
    """The session for the exercises below a folder; `pytest.UsageError` if the course is broken."""
    try:
        course = find_course(exercises)
    except UserError as error:
        raise pytest.UsageError(str(error)) from None
    return LearnerRun(course, lambda number: _learner_file(exercises, course, number), shrinks=True)


def quieten(config: pytest.Config) -> None:
    """Suppress pytest's own output, unless the learner asked for more with `-v`."""
    if config.option.verbose == 0:
        config.option.verbose = -2
        config.option.tbstyle = "no"
        config.option.reportchars = ""
        config.option.disable_warnings = True


def _learner_file(exercises: Path, course: Course, number: str) -> Path:
    """The learner's file, relative to the current folder if it lies below it."""
    path = exercises / number / course.exercise(number).file_name
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def beside_verdict(title: str) -> str:
    """A check's title, wrapped to fit after the word for its verdict."""
    return "\n".join(wrapped(title, SPACE, SPACE)).lstrip()


def rows(message: str) -> Iterator[str]:
    """The rows of a message, indented and wrapped to the width of a terminal."""
    for row in message.splitlines():
        yield from wrapped(printable(row), SPACE, 2 * SPACE) or [""]


def _fitted(line: str) -> str:
    """A closing line, wrapped if it is longer than a terminal is wide."""
    return line if len(line) <= WIDTH else "\n".join(wrapped(line.strip(), "  ", "    "))


def _closing(
    course: Course,
    number: str,
    places: tuple[str, str],
    scored: list[tuple[Verdict, Score]],
    *,
    left_out: bool,
) -> Iterator[str]:
    """The closing lines of an exercise: the tally and the next step."""
    verdicts = [verdict for verdict, _ in scored]
    if untouched(verdicts):
        verdicts = [replace(v, status=Status.NOT_ATTEMPTED) for v in verdicts]
    yield f"  {_tally(verdicts)} · {_points(scored)} by the visible checks"
    todo = unsolved(verdicts)
    if not todo:
        yield from _done(course, number, verdicts, left_out=left_out)
        return
    if untouched(verdicts):
        yield f"  {FIRST_STEPS}"
    yield f"  Next: task {course.task_number(number, todo[0])}, `{todo[0]}` in {places[0]}."
    yield f"  Stuck? {places[1]} has {course.release.in_words}."


def _tally(verdicts: list[Verdict]) -> str:
    count = {status: sum(v.status is status for v in verdicts) for status in Status}
    pending = sum(verdict.status.pending for verdict in verdicts)
    parts = [
        (count[Status.PASSED], "passed"),
        (len(verdicts) - sum(count[s] for s in WORDS) - pending, "failed"),
        (count[Status.NOT_ATTEMPTED], "not attempted"),
        (count[Status.BLOCKED], "waiting for another"),
        (pending, "open"),
    ]
    return ", ".join(f"{number} {word}" for number, word in parts if number)


def _points(scored: list[tuple[Verdict, Score]]) -> str:
    earned = sum(score.score or 0.0 for _, score in scored)
    return f"{earned:g} of {sum(score.max_score for _, score in scored):g} points"


def _done(course: Course, number: str, verdicts: list[Verdict], *, left_out: bool) -> Iterator[str]:
    """The closing lines when nothing is left to do: the exercise passes, or the part that ran."""
    if left_out:
        yield f"  {PART_PASSES.format(number=number)}"
    elif any(verdict.status.pending for verdict in verdicts):
        yield f"  {REST_IS_OPEN}"
    else:
        yield f"  {ALL_PASS}"
    if not left_out:
        yield f"  {COMPARE.format(number=number)}"
        yield from beyond(course, number)
