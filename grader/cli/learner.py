"""The learner's verbs."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.common import CHECKS_FAILED, CourseFolder, app
from grader.course import find_course


@app.command()
def compare(
    exercise: Annotated[str, typer.Argument(help="Its number; only 08 can be compared so far.")],
    labels: Annotated[
        list[int] | None,
        typer.Option(min=10, max=60_000, help="Learn from so many images; may be repeated."),
    ] = None,
    device: Annotated[str, typer.Option(help="Where to train.")] = "cpu",
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Of the images and of the training.")
    ] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the pictures (default: the course's compared).")
    ] = None,
    course: CourseFolder = Path(),
) -> None:
    """Train your classifier and the reference's on the same images, and show them side by side."""
    from grader.compare import LABELS, Settings, compare_classifiers

    settings = Settings(tuple(labels or LABELS), device, seed, out)
    say = partial(print, flush=True)
    if not compare_classifiers(find_course(course.resolve()), exercise, settings, say):
        raise typer.Exit(CHECKS_FAILED)
