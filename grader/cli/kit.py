"""The kit's own verbs: doctor examines this system, prepare gets the files that a course needs."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader.cli.common import CHECKS_FAILED, CourseFolder, app, say, stoppable
from grader.common.errors import UserError
from grader.common.terminal import printable
from grader.course.settings import find_course


@app.command()
def doctor(course: CourseFolder = Path()) -> None:
    """Check whether you can work on this machine, and how it isolates submissions.

    Says how to fix each problem. Exits with 1 if something must be fixed; notes do not count.
    """
    from grader.learner.doctor.examine import Severity, examine

    with stoppable("stopped"):
        findings = []
        for finding in examine(course.resolve()):
            findings.append(finding)
            print("\n".join(finding.lines()), flush=True)
    if find_spec("grader.sandbox"):  # a learner's bundle has no sandbox
        _tell_isolation()
    if any(finding.severity is Severity.FAULT for finding in findings):
        raise typer.Exit(CHECKS_FAILED)


def _tell_isolation() -> None:
    """Print how submissions are isolated here, and whether that is enough to grade."""
    from grader.cli.grading import NO_ISOLATION
    from grader.sandbox.layers import find_mode, in_words

    mode = find_mode()
    print("\n".join(in_words(mode)))
    print("`grader grade` runs here" if mode.safe else f"`grader grade` refuses: {NO_ISOLATION}")


@app.command()
def prepare(
    offline_bundle: Annotated[
        Path | None, typer.Option(help="Also pack everything into this file, for other machines.")
    ] = None,
    from_bundle: Annotated[
        Path | None, typer.Option(help="Unpack this file instead of downloading.")
    ] = None,
    course: CourseFolder = Path(),
) -> None:
    """Download the data and weights that course.yaml names; afterwards you can work offline."""
    # Not imported at the top: they import torch, which takes longer than most other verbs.
    from grader.materials.offline_bundle import pack
    from grader.materials.prepare import WAY_OUT, prepare_course

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
