"""What all verbs share: the application, exit codes, progress, one-line messages."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.common.errors import UserError
from grader.common.terminal import printable
from grader.course.settings import find_course
from grader.grading.classroom import Result
from grader.learner.kept_results import standing
from grader.learner.progress import show_standing
from grader.sandbox.layers import Mode, find_mode

CHECKS_FAILED: Final = 1
USER_MISTAKE: Final = 2
KIT_FAULT: Final = 3
INTERRUPTED: Final = 130

NO_ISOLATION: Final = (
    "this system offers no isolation for submissions (see `grader doctor`); install bubblewrap on "
    "Linux, or pass --no-sandbox for code that you trust"
)

app = typer.Typer(invoke_without_command=True, add_completion=False, pretty_exceptions_enable=False)
CourseFolder = Annotated[
    Path, typer.Option("--course", help="The folder of course.yaml (or any folder below it).")
]


@app.callback()
def kit(context: typer.Context) -> None:
    """Exercises with an autograder for transfer learning in PyTorch.

    Without a command: where you stand, and what to do next.
    """
    if context.invoked_subcommand is None:
        course = find_course(Path.cwd())
        standings = {number: standing(course, number) for number in course.exercises}
        show_standing(course, standings, Console())


def safe_mode() -> Mode:
    """How submissions are locked down here; `UserError` when they cannot be."""
    mode = find_mode()
    if not mode.safe:
        raise UserError(NO_ISOLATION)
    return mode


@contextmanager
def progress(console: Console, total: int) -> Iterator[Callable[[Result], None]]:
    """A progress bar on a terminal, one line a submission elsewhere."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Grading", total=total)

        def on_result(result: Result) -> None:
            progress.advance(task)
            if not console.is_terminal:
                score = f"{result.score:.4g} of {result.max_score:g}"
                print(f"{printable(result.name)}: {score}", flush=True)

        yield on_result


@contextmanager
def checking() -> Iterator[Callable[[str], None]]:
    """Says which exercise is being checked: a line that goes away again, or one that stays."""
    console = Console(stderr=True)
    with console.status("Checking", spinner="line") as status:

        def on_start(number: str) -> None:
            status.update(f"Checking exercise {number} (Ctrl-C stops)")
            if not console.is_terminal:
                say(f"checking exercise {number}")

        yield on_start


@contextmanager
def stoppable(line: str = "stopped; the same command goes on where it was") -> Iterator[None]:
    """Work that can be stopped: then one line, and no traceback."""
    try:
        yield
    except KeyboardInterrupt:
        say(line)
        raise typer.Exit(INTERRUPTED) from None


def say(line: str) -> None:
    """Print one line to stderr, with the name of the command before it."""
    print(f"grader: {line}", file=sys.stderr)
