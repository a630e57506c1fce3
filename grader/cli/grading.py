"""What the verbs that grade share: the sandbox, the progress bar, the table of results."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.cli.common import KIT_FAULT, USER_MISTAKE, say, stoppable
from grader.common.errors import UserError
from grader.common.terminal import printable
from grader.course.settings import Course
from grader.grading.classroom import Result, SubmittedFolder
from grader.grading.grade_class import GradingOptions, grade_class
from grader.grading.results_json import table
from grader.sandbox.layers import Mode, find_mode

NO_ISOLATION: Final = (
    "this system offers no isolation for submissions (see `grader doctor`); install bubblewrap on "
    "Linux, or pass --no-sandbox for code that you trust"
)


def safe_mode() -> Mode:
    """How submissions are locked down on this system; `UserError` if they cannot be isolated."""
    mode = find_mode()
    if not mode.safe:
        raise UserError(NO_ISOLATION)
    return mode


@contextmanager
def progress(console: Console, total: int) -> Iterator[Callable[[Result], None]]:
    """Show a progress bar on a terminal, or else one line for each submission."""
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


def show_grading(
    course: Course,
    submissions: list[SubmittedFolder],
    problems: list[str],
    options: GradingOptions,
    *,
    forgive: bool = False,
    on_results: Callable[[list[Result]], list[str]] = lambda results: [],
) -> None:
    """Grade a class, write the results and show them.

    Exits with 2 if there are problems, unless `forgive` is set, and with 3 if checks are pending.

    Args:
        course: the course.
        submissions: the submissions to grade.
        problems: problems to report after the results.
        options: how to grade.
        forgive: whether problems do not change the exit code.
        on_results: called with the results; returns one line for each problem that it meets.
    """
    console = Console()
    if options.mode is None:
        say("without a sandbox, submissions run with your permissions")

    def on_damage(path: Path) -> None:
        say(f"the journal was damaged; it is kept as {path}, and everything is graded again")

    with stoppable(), progress(console, len(submissions)) as on_result:
        results, path = grade_class(
            course, submissions, options, on_result=on_result, on_damage=on_damage
        )
    console.print(table(course, results))
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)
    problems += [f"{result.name}: {result.problem}" for result in results if result.problem]
    problems += on_results(results)
    for problem in problems:
        say(printable(problem))
    if any(result.pending for result in results):
        say("some checks could not run: see `pending` in the results")
        raise typer.Exit(KIT_FAULT)
    if problems and not forgive:
        raise typer.Exit(USER_MISTAKE)
