"""The course writer's verbs: demo and audit."""

import secrets
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from grader.authoring.demo import classify_garments, make_class
from grader.cli.common import CHECKS_FAILED, CourseFolder, app, say, stoppable
from grader.cli.grading import progress, safe_mode, show_grading
from grader.course.settings import find_course
from grader.grading.classroom import find_submissions
from grader.grading.grade_class import GradingOptions, cores
from grader.sandbox.layers import find_mode


@app.command()
def demo(course: CourseFolder = Path()) -> None:
    """Make a small class in a temporary folder, and grade it; then show a trained classifier."""
    found_course = find_course(course.resolve())
    folder = Path(tempfile.mkdtemp(prefix="grader-demo-"))
    submitted = make_class(found_course, folder / "submitted")
    submissions, problems = find_submissions(found_course, submitted)
    mode = find_mode()
    options = GradingOptions(folder / "graded", mode if mode.safe else None, cores())
    show_grading(found_course, submissions, problems, options, forgive=True)
    print(classify_garments(folder))


@app.command()
def audit(
    exercise: Annotated[
        list[str] | None, typer.Option(help="Only this exercise; may be repeated.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="How many to grade at a time (default: one per core).")
    ] = None,
    no_sandbox: Annotated[
        bool,
        typer.Option(
            "--no-sandbox", help="Run the answers with your permissions: trusted code only."
        ),
    ] = False,
    sample: Annotated[
        int | None,
        typer.Option(min=1, help="Draw this many mutants and variants of each exercise."),
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="Seed of the sample and the grading (default: a new one).")
    ] = None,
    points: Annotated[
        bool, typer.Option("--points", help="Show the points that each mutant loses.")
    ] = False,
    course: CourseFolder = Path(),
) -> None:
    """Grade the course's own stubs, solutions, mutants and variants, and report faulty checks.

    Exits with 1 if something is wrong with a check, a mutant or a variant.
    """
    from grader.authoring.audit.answers import find_answers, grade_answers
    from grader.authoring.audit.assertions import find_assertions
    from grader.authoring.audit.faults import find_out
    from grader.authoring.audit.report import show

    found_course = find_course(course.resolve())
    mode = None if no_sandbox else safe_mode()
    seed = seed or secrets.token_hex(4)
    answers = find_answers(found_course, exercise or [], sample=sample, seed=seed)
    if mode is None:
        say("without a sandbox, submissions run with your permissions")
    with stoppable("stopped"), progress(Console(), len(answers)) as on_result:
        judged = grade_answers(
            found_course, answers, mode=mode, jobs=jobs or cores(), seed=seed, on_result=on_result
        )
    numbers = {answer.exercise for answer in answers}
    assertions = {number: find_assertions(found_course, number) for number in numbers}
    reports = find_out(judged, complete=sample is None, assertions=assertions)
    print("\n".join(show(reports, complete=sample is None, points=points)))
    print(f"Seed: {seed} (`--seed` repeats this run)")
    if any(report.faults for report in reports):
        raise typer.Exit(CHECKS_FAILED)
