"""The instructor's verbs: release, collect, grade, and the course's secret."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from grader.cli.common import USER_MISTAKE, CourseFolder, app, say
from grader.cli.grading import safe_mode, show_grading
from grader.common.terminal import printable
from grader.course.settings import find_course
from grader.grading.classroom import Result, find_submissions
from grader.grading.grade_class import GradingOptions, cores
from grader.grading.seeds import new_secret

secret_app = typer.Typer(no_args_is_help=True, help="The course's secret.")
app.add_typer(secret_app, name="secret")


@app.command()
def grade(
    submitted: Annotated[
        Path, typer.Argument(help="Folder with STUDENT/EXERCISE/module.py or .ipynb in it.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for results.json.")],
    exercise: Annotated[list[str] | None, typer.Option(help="Only this exercise.")] = None,
    student: Annotated[list[str] | None, typer.Option(help="Only this student.")] = None,
    no_sandbox: Annotated[
        bool,
        typer.Option(
            "--no-sandbox", help="Run submissions with your permissions: trusted code only."
        ),
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="How many to grade at a time (default: one per core).")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="Use this seed instead of the output folder's own.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Draw a new seed, and grade everything again.")
    ] = False,
    gradebook: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Also write the points into nbgrader's gradebook."),
    ] = None,
    course: CourseFolder = Path(),
) -> None:
    """Grade a class and write OUT/results.json; unchanged submissions are not graded again."""
    found_course = find_course(course.resolve())
    submissions, problems = find_submissions(
        found_course, submitted, exercises=exercise or [], students=student or []
    )
    options = GradingOptions(out, None, jobs or cores(), seed, fresh)
    options = options if no_sandbox else replace(options, mode=safe_mode())
    if gradebook is None:
        show_grading(found_course, submissions, problems, options)
        return
    from grader.nbgrader.gradebook import check_gradebook, write_gradebook

    check_gradebook(gradebook, found_course, sorted({s.exercise for s in submissions}))

    def write(results: list[Result]) -> list[str]:
        return write_gradebook(gradebook, found_course, results)

    show_grading(found_course, submissions, problems, options, on_results=write)


@app.command()
def collect(
    handed_in: Annotated[
        Path, typer.Argument(help="Folder with STUDENT/EXERCISE/module.py or .ipynb in it.")
    ],
    into: Annotated[Path, typer.Option(help="nbgrader's folder of submissions.")] = Path(
        "submitted"
    ),
    exercise: Annotated[list[str] | None, typer.Option(help="Only this exercise.")] = None,
    student: Annotated[list[str] | None, typer.Option(help="Only this student.")] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Replace versions that were collected before.")
    ] = False,
    course: CourseFolder = Path(),
) -> None:
    """Copy submissions, Python files included, to where `nbgrader autograde` looks for them."""
    from grader.nbgrader.collect import collect as collect_one

    found_course = find_course(course.resolve())
    submissions, problems = find_submissions(
        found_course, handed_in, exercises=exercise or [], students=student or []
    )
    for submission in submissions:
        done = collect_one(found_course, submission, into, update=update)
        name = printable(f"{submission.student}/{submission.exercise}")
        problems += [f"{name}: {done.problem}"] if done.problem else []
        print(f"{name}: {done.done}{', with a notebook made from the Python file' * done.made}")
    for problem in problems:
        say(printable(problem))
    if problems:
        raise typer.Exit(USER_MISTAKE)


@app.command()
def release(
    exercise: Annotated[
        list[str] | None, typer.Option(help="Only this exercise; may be repeated.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="nbgrader's course folder (default: the folder of course.yaml)."),
    ] = None,
    course: CourseFolder = Path(),
) -> None:
    """Make nbgrader's `source` and the bundles for learners; unchanged files are not touched."""
    from grader.authoring.release.course import release_course

    found_course = find_course(course.resolve())
    for released in release_course(found_course, exercise or [], out or found_course.root):
        print(f"{released.place}: {released.summary}")
        for change in released.changes:
            if change.backup:
                say(f"{change.name} was edited since; your version is kept as {change.backup}")


@secret_app.command()
def new(course: CourseFolder = Path()) -> None:
    """Draw the secret from which the random inputs of all gradings are derived."""
    path = new_secret(find_course(course.resolve()))
    print(f"Written: {path}. Keep it to yourself; it is needed to reproduce a grading.")
