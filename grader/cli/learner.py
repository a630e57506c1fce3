"""The learner's verbs: progress, hint, reset, compare, watch."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader.cli.common import CHECKS_FAILED, CourseFolder, app, checking, stoppable
from grader.course.settings import find_course


@app.command()
def progress(
    html: Annotated[
        bool,
        typer.Option("--html", help="Write an HTML page, with the figures from your code."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="File for the page (default: progress.html in the course's folder)."),
    ] = None,
    course: CourseFolder = Path(),
) -> None:
    """Show how far you are; runs only the checks of exercises that have changed."""
    from grader.learner.progress import show_overview
    from grader.learner.progress_page import FILE_NAME, write_page
    from grader.learner.rerun import up_to_date

    found_course, console = find_course(course.resolve()), Console()
    with stoppable("stopped; the results so far are saved"), checking() as on_start:
        standings = up_to_date(found_course, list(found_course.exercises), on_start)
    show_overview(found_course, standings, console)
    if html or out:
        path = out or found_course.root / FILE_NAME
        write_page(found_course, standings, datetime.now(), path)
        console.print(f"\nWritten: {path}", soft_wrap=True, highlight=False, markup=False)


@app.command()
def hint(
    exercise: Annotated[str, typer.Argument(help="The exercise's number.")],
    task: Annotated[
        str | None,
        typer.Argument(help="The task's function or number (default: the next task to solve)."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Repeat earlier hints, without a new one.")
    ] = False,
    course: CourseFolder = Path(),
) -> None:
    """Show one more hint for a task; each tells a little more than the last."""
    from grader.learner.hints import find_hints, find_task, next_task, reveal

    found_course = find_course(course.resolve())
    if task is None:
        with stoppable("stopped"), checking() as on_start:
            name = next_task(found_course, exercise, on_start)
    else:
        name = find_task(found_course, exercise, task)
    for line in reveal(found_course, find_hints(found_course, exercise, name), again=again):
        print(line)


@app.command()
def reset(
    exercise: Annotated[str, typer.Argument(help="The exercise's number.")],
    course: CourseFolder = Path(),
) -> None:
    """Restore an exercise's original file; your work is kept beside it as a backup."""
    from grader.learner.reset import reset as restore

    for line in restore(find_course(course.resolve()), exercise, datetime.now()):
        print(line)


@app.command()
def compare(
    exercise: Annotated[str, typer.Argument(help="The exercise's number.")],
    reveal: Annotated[
        bool,
        typer.Option("--reveal", help="Show the sources even though not all checks pass."),
    ] = False,
    labels: Annotated[
        list[int] | None,
        typer.Option(
            min=10,
            max=60_000,
            help="Exercise 08: how many images to learn from; may be repeated.",
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="The device on which to train.")] = "cpu",
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Seed for the inputs and for training.")
    ] = 0,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the pictures (default: the course's figures/NN)."),
    ] = None,
    course: CourseFolder = Path(),
) -> None:
    """Run your functions and the reference's on the same inputs, and show them side by side."""
    from grader.learner.compare import LABELS, Settings, compare

    settings = Settings(seed, device, tuple(labels or LABELS), out, reveal)
    with stoppable("stopped"):
        same = compare(find_course(course.resolve()), exercise, settings, Console())
    if not same:
        raise typer.Exit(CHECKS_FAILED)


@app.command()
def watch(
    exercise: Annotated[
        str | None,
        typer.Argument(help="The exercise's number (default: all, from the first unsolved one)."),
    ] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Clear the screen before each summary.")
    ] = False,
    no_fork: Annotated[
        bool,
        typer.Option(
            "--no-fork", help="Start a fresh process for each run, as on Windows and macOS."
        ),
    ] = False,
    course: CourseFolder = Path(),
) -> None:
    """Run an exercise's checks whenever its file is saved. Keys: n next, h hint, r run, q quit."""
    from grader.learner.watch.begin import begin

    with stoppable("stopped"):
        found_course = find_course(course.resolve())
        if not begin(found_course, exercise, clear=clear, forks=not no_fork):
            raise typer.Exit(CHECKS_FAILED)
