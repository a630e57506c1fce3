"""What all verbs share: the application, exit codes, progress, and one-line messages."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from grader.course.settings import find_course
from grader.learner.kept_results import standing
from grader.learner.progress import show_standing

CHECKS_FAILED: Final = 1
USER_MISTAKE: Final = 2
KIT_FAULT: Final = 3
INTERRUPTED: Final = 130

app = typer.Typer(invoke_without_command=True, add_completion=False, pretty_exceptions_enable=False)
CourseFolder = Annotated[
    Path, typer.Option("--course", help="The folder of course.yaml (or any folder below it).")
]


@app.callback()
def kit(context: typer.Context) -> None:
    """Exercises with an autograder for transfer learning in PyTorch.

    Without a command, it shows where you stand and what to do next.
    """
    if context.invoked_subcommand is None:
        course = find_course(Path.cwd())
        standings = {number: standing(course, number) for number in course.exercises}
        show_standing(course, standings, Console())


@contextmanager
def checking() -> Iterator[Callable[[str], None]]:
    """Show which exercise is being checked: a status line, or plain lines without a terminal."""
    console = Console(stderr=True)
    with console.status("Checking", spinner="line") as status:

        def on_start(number: str) -> None:
            status.update(f"Checking exercise {number} (Ctrl-C stops)")
            if not console.is_terminal:
                say(f"checking exercise {number}")

        yield on_start


@contextmanager
def stoppable(line: str = "stopped; run the same command again to resume") -> Iterator[None]:
    """Let Ctrl-C end the block with one line and no traceback."""
    try:
        yield
    except KeyboardInterrupt:
        say(line)
        raise typer.Exit(INTERRUPTED) from None


def say(line: str) -> None:
    """Print one line to stderr, beginning with `grader:`."""
    print(f"grader: {line}", file=sys.stderr)
