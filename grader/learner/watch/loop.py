"""The main loop of `grader watch`: takes events from a queue, acts on them, and prints."""

import os
import queue
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.common.errors import KitError
from grader.common.terminal import printable
from grader.course.settings import Course
from grader.learner.watch.events import Changed, Ended, Event, Key, Lost, NoEvents
from grader.learner.watch.files import Files, listen
from grader.learner.watch.keys import INTERRUPT, reading_keys
from grader.learner.watch.worker import Worker, can_fork, working

TICK: Final = 1.0  # seconds between two polls of the files; also how soon Windows notices Ctrl-C
LONG: Final = 15  # ticks after which a run counts as long
KEYS: Final = "n next · h hint · r run · q quit"
CLEAR: Final = "\x1b[2J\x1b[H"  # clear the screen, and move the cursor to the top left

WARMING: Final = "Importing torch: the first run takes a few seconds, later ones do not."
WATCHING: Final = "Save {file} to run its checks. Ctrl-C ends."
NO_FILE_EVENTS: Final = (
    "File events do not arrive here ({reason}), so the files are polled once a second.\n"
    "By hand: {command}"
)
UNHEARD: Final = "a file changed without one"
CANNOT_READ: Final = "{file}, line {line}: Python cannot read the file: {problem}"
WAITING: Final = "The checks run once it can. Look at that line and the one above it."
DELETED: Final = (
    "{file} is missing. Put it back, or restore the original file: grader reset {number}"
)
BROKE_OFF: Final = (
    "The run was cut short: {file} ended the whole process ({how}). An exit, or a crash?\n"
    "By hand: {command}"
)
STILL_RUNNING: Final = (
    "The checks of {file} are still running. Is there an endless loop? The next save stops them.\n"
    "By hand: {command}"
)
NOT_RUN: Final = "pytest could not run the checks. By hand: {command}"
WARM_AGAIN: Final = "The process that runs the checks was killed ({problem}); starting another one."
LAST_ONE: Final = "Exercise {number} is the last one."


@dataclass(frozen=True)
class WatchOptions:
    """How to watch.

    Attributes:
        forks: whether runs may be forked from the warm process.
        clear: whether to clear the screen before each summary, on a terminal.
        next_hint: returns the text of the next hint for an exercise, given its number.
    """

    forks: bool
    clear: bool
    next_hint: Callable[[str], str]


def watch_course(course: Course, number: str, options: WatchOptions, *, only: bool) -> bool:
    """Watch until the learner quits.

    Args:
        course: the course.
        number: the number of the exercise to begin with.
        options: how to watch.
        only: whether to watch only that exercise's file, until the learner chooses another one.

    Returns:
        Whether the checks passed in the last run; True if there was none.
    """
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    root = course.root / "exercises"
    files = Files({n: root / n / e.file_name for n, e in course.exercises.items()})
    forks = options.forks and can_fork()
    with reading_keys(events.put) as keys, working(events.put, course.root, forks=forks) as worker:
        listen(root, events.put)
        loop = Loop(course, number, options, files, worker, keys=keys, only=only)
        loop.begin()
        next_tick = time.monotonic() + TICK
        while not loop.over:
            try:
                loop.handle(events.get(timeout=max(0.0, next_tick - time.monotonic())))
            except queue.Empty:
                loop.tick()
                next_tick = time.monotonic() + TICK
    return loop.passed


class Loop:
    """Reacts to each event.

    Args:
        course: the course.
        number: the number of the exercise to begin with.
        options: how to watch.
        files: the learner's files.
        worker: runs the checks.
        keys: whether there is a keyboard.
        only: whether to ignore saved files of other exercises.

    Attributes:
        over: whether the learner has quit.
        passed: whether the checks passed in the last run.
    """

    def __init__(
        self,
        course: Course,
        number: str,
        options: WatchOptions,
        files: Files,
        worker: Worker,
        *,
        keys: bool,
        only: bool,
    ) -> None:
        self.course = course
        self.number = number
        self.options = options
        self.files = files
        self.worker = worker
        self.keys = keys
        self.only = only
        self.over = False
        self.passed = True
        self._told_of_no_events = False
        self._latest_run = 0
        self._ticks_of_run = 0

    def begin(self) -> None:
        """Print the instructions, and run the checks once."""
        say(WATCHING.format(file=self._file()) + (f"\n{KEYS}" if self.keys else ""))
        say(WARMING)
        self.run()

    def handle(self, event: Event) -> None:
        """React to an event."""
        match event:
            case Changed(paths):
                self._saved(self.files.announced(paths))
            case NoEvents(reason):
                self.files.deaf = True
                self._no_events(reason)
            case Key(character):
                self._key(character)
            case Ended():
                self._ended(event)
            case Lost():
                self._lost(event)

    def tick(self) -> None:
        """Poll the files, in case an event did not arrive, and look at the run in progress."""
        changed, gone = self.files.look()
        if self.files.deaf:
            self._no_events(UNHEARD)
        self._saved(changed)
        for number in gone:
            if self._is_watched(number):
                self.number = number
                self.worker.stop()
                self.passed = False
                say(DELETED.format(file=self._file(), number=number))
        self._look_at_run()

    def _look_at_run(self) -> None:
        if self.worker.begun != self._latest_run:
            self._latest_run, self._ticks_of_run = self.worker.begun, 0
        self._ticks_of_run += 1
        if self._latest_run and self._ticks_of_run == LONG:
            say(STILL_RUNNING.format(file=self._file(), command=self._command()))

    def run(self) -> None:
        """Run the checks of the exercise; a run in progress is stopped."""
        source = self.files.paths[self.number]
        if not source.is_file():
            self.worker.stop()
            self.passed = False
            say(DELETED.format(file=self._file(), number=self.number))
        elif problem := cannot_read(source):
            self.worker.stop()
            self.passed = False
            self._title()
            line, words, code = problem
            say(CANNOT_READ.format(file=self._file(), line=line, problem=words))
            say(f"  {code}\n{WAITING}" if code else WAITING)
        else:
            self.worker.run(source.parent, color=has_color())

    def _saved(self, numbers: list[str]) -> None:
        """Run the checks of a file that was saved, preferably the current exercise's."""
        mine = [number for number in numbers if self._is_watched(number)]
        if mine:
            self.number = self.number if self.number in mine else mine[0]
            self.run()

    def _is_watched(self, number: str) -> bool:
        return number == self.number or not self.only

    def _key(self, character: str) -> None:
        if character == INTERRUPT:
            raise KeyboardInterrupt
        match character.lower():
            case "q":
                self.over = True
            case "r":
                self.run()
            case "n":
                self._next()
            case "h":
                say(self.options.next_hint(self.number))

    def _next(self) -> None:
        later = [number for number in self.course.exercises if number > self.number]
        if not later:
            say(LAST_ONE.format(number=self.number))
            return
        self.number = later[0]
        say(WATCHING.format(file=self._file()))
        self.run()

    def _ended(self, event: Ended) -> None:
        if not self.worker.ended(event):
            return
        self.passed = event.code == 0
        self._title()
        output = self.worker.output(event.run).strip("\n")
        if event.code is None:
            words = {"file": self._file(), "how": event.how, "command": self._command()}
            say(BROKE_OFF.format(**words))
        elif event.code not in (0, 1):
            say(f"{output}\n{NOT_RUN.format(command=self._command())}")
        else:
            say(output)
        if self.keys:
            say(f"\n{KEYS}")

    def _lost(self, event: Lost) -> None:
        if not self.worker.lost(event):
            return
        if not event.was_ready:
            raise KitError(f"the process for the checks does not start: {printable(event.problem)}")
        say(WARM_AGAIN.format(problem=printable(event.problem) or "it printed no error"))
        self.worker.restart()

    def _no_events(self, reason: str) -> None:
        if not self._told_of_no_events:
            self._told_of_no_events = True
            say(NO_FILE_EVENTS.format(reason=printable(reason), command=self._command()))

    def _title(self) -> None:
        if self.options.clear and sys.stdout.isatty():
            print(CLEAR, end="")
        say(f"\n--- {self._file()} at {time.strftime('%H:%M:%S')}")

    def _file(self) -> str:
        return shown(self.files.paths[self.number])

    def _command(self) -> str:
        return f"pytest {shown(self.files.paths[self.number].parent)}"


def say(text: str) -> None:
    """Print a text, and flush it at once."""
    print(text, flush=True)


def shown(path: Path) -> str:
    """A path, relative to the current folder if it lies below it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def has_color() -> bool:
    """Whether colours are wanted: on a terminal, unless NO_COLOR is set (https://no-color.org)."""
    return (
        sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "") != "dumb"
    )


def cannot_read(source: Path) -> tuple[int, str, str] | None:
    """The line number, message and code of a syntax error; None if Python can read the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source.read_bytes(), str(source), "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or 1, printable(error.msg), printable((error.text or "").strip())
    except (OSError, ValueError, RecursionError, MemoryError):
        return None  # running the checks gives a better message
    return None
