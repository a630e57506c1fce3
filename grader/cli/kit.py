"""The kit's own verbs: show what it does, get what it needs, prove that it is right."""

import secrets
import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from grader.classroom import find_submissions
from grader.cli.common import (
    CHECKS_FAILED,
    NO_ISOLATION,
    CourseFolder,
    app,
    progress,
    safe_mode,
    say,
    stoppable,
)
from grader.cli.instructor import show_grading
from grader.course import find_course
from grader.demo import make_class, worth_of_transfer
from grader.errors import UserError
from grader.grading import Options, cores
from grader.sandbox.layers import find_layers, find_mode
from grader.text import printable

WITH_GPU: Final = (
    "a check that needs one runs with the driver's devices open and without a limit of its address "
    "space; its memory is watched instead"
)
WITHOUT_GPU: Final = "no NVIDIA device is here; checks that need one stay pending"


@app.command()
def demo(course: CourseFolder = Path()) -> None:
    """Make a small class in a temporary folder, and grade it."""
    found_course = find_course(course.resolve())
    folder = Path(tempfile.mkdtemp(prefix="grader-demo-"))
    submitted = make_class(found_course, folder / "submitted")
    submissions, problems = find_submissions(found_course, submitted)
    mode = find_mode()
    options = Options(folder / "graded", mode if mode.safe else None, cores())
    show_grading(found_course, submissions, problems, options, forgive=True)
    if line := worth_of_transfer(found_course):
        print(line)


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


@app.command()
def audit(
    exercise: Annotated[list[str] | None, typer.Option(help="Only this exercise.")] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Grade so many at a time (default: one per core).")
    ] = None,
    no_sandbox: Annotated[
        bool,
        typer.Option("--no-sandbox", help="Run the answers with your rights: trusted code only."),
    ] = False,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Only so many mutants and variants of an exercise.")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="Of the sample and of the grading (default: a new one).")
    ] = None,
    points: Annotated[
        bool, typer.Option("--points", help="Show the points that each mutant loses.")
    ] = False,
    course: CourseFolder = Path(),
) -> None:
    """Grade the course's own stubs, solutions, mutants and variants, and say what its checks miss.

    Exits with 1 when something is wrong with a check, a mutant or a variant.
    """
    from grader.audit import find_answers, find_out, grade_answers, show

    found_course = find_course(course.resolve())
    mode = None if no_sandbox else safe_mode()
    seed = seed or secrets.token_hex(4)
    answers = find_answers(found_course, exercise or [], sample=sample, seed=seed)
    if mode is None:
        say("without a sandbox submissions run with your rights")
    with stoppable("stopped"), progress(Console(), len(answers)) as on_result:
        judged = grade_answers(
            found_course, answers, mode=mode, jobs=jobs or cores(), seed=seed, on_result=on_result
        )
    reports = find_out(judged, complete=sample is None)
    print("\n".join(show(reports, complete=sample is None, points=points)))
    print(f"Seed: {seed} (`--seed` repeats it)")
    if any(report.faults for report in reports):
        raise typer.Exit(CHECKS_FAILED)
