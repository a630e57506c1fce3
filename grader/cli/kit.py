"""The kit's own verbs: say what this system offers, get what the course needs."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from grader.cli.common import NO_ISOLATION, CourseFolder, app, say, stoppable
from grader.course import find_course
from grader.errors import UserError
from grader.sandbox.layers import find_layers, find_mode
from grader.text import printable

WITH_GPU: Final = (
    "a check that needs one runs with the driver's devices open and without a limit of its address "
    "space; its memory is watched instead"
)
WITHOUT_GPU: Final = "no NVIDIA device is here; checks that need one stay pending"


@app.command()
def doctor() -> None:
    """Say which layers of isolation are active here, and what a missing one would stop."""
    mode = find_mode()
    for layer in find_layers(mode):
        state = "active       " if layer.active else "not available"
        print(f"{state}  {layer.name}: stops {layer.stops}")
        if layer.why:
            print(f"{'':15}{layer.why}")
    print(f"GPU: {WITH_GPU if mode.devices else WITHOUT_GPU}")
    print("`grader grade` runs here" if mode.safe else f"`grader grade` refuses: {NO_ISOLATION}")


@app.command()
def prepare(
    offline_bundle: Annotated[
        Path | None, typer.Option(help="Pack everything into this file, for other machines.")
    ] = None,
    from_bundle: Annotated[
        Path | None, typer.Option(help="Unpack this file instead of downloading.")
    ] = None,
    course: CourseFolder = Path(),
) -> None:
    """Get the data and weights that course.yaml names, once; afterwards no network is needed."""
    # Not at the top: they bring torch along, whose import takes longer than most other verbs.
    from grader.bundle import pack
    from grader.prepare import WAY_OUT, prepare_course

    found_course = find_course(course.resolve())
    with stoppable():
        outcomes = prepare_course(found_course, Console(), bundle=from_bundle)
        problems = [outcome.problem for outcome in outcomes if outcome.problem]
        for problem in problems:
            say(printable(problem))
        if problems:
            raise UserError(f"{len(problems)} of {len(outcomes)} files cannot be used: {WAY_OUT}")
        if offline_bundle:
            pack(offline_bundle, [outcome.wanted for outcome in outcomes])
            print(f"Written: {offline_bundle} ({offline_bundle.stat().st_size:,} bytes)")
