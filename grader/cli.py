"""The command line: one verb, one small function, no logic."""

import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.classroom import Result, Submission, find_submissions, grade_class
from grader.course import Course, find_course
from grader.demo import make_class
from grader.errors import KitError, UserError
from grader.judge import Judge, judge
from grader.report import prepare_folder, table, write_results
from grader.sandbox.client import Sandbox
from grader.sandbox.layers import find_layers, find_mode
from grader.seeds import grading_seed, new_secret
from grader.text import printable
from grader.unconfined import judge_unconfined

USER_MISTAKE = 2
KIT_FAULT = 3

NO_ISOLATION = (
    "this system offers no isolation for submissions (see `grader doctor`); install bubblewrap on "
    "Linux, or pass --no-sandbox for code that you trust"
)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
secret_app = typer.Typer(no_args_is_help=True, help="The course's secret.")
app.add_typer(secret_app, name="secret")
CourseFolder = Annotated[
    Path, typer.Option("--course", help="The folder of course.yaml (or any folder below it).")
]


@app.callback()
def kit() -> None:
    """Exercises with an autograder for transfer learning in PyTorch."""


@app.command()
def grade(
    submitted: Annotated[
        Path, typer.Argument(help="Folder with STUDENT/EXERCISE/module.py in it.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for results.json.")],
    exercise: Annotated[list[str] | None, typer.Option(help="Only this exercise.")] = None,
    student: Annotated[list[str] | None, typer.Option(help="Only this student.")] = None,
    no_sandbox: Annotated[
        bool,
        typer.Option("--no-sandbox", help="Run submissions with your rights: trusted code only."),
    ] = False,
    seed: Annotated[
        str | None, typer.Option(help="Use this seed instead of the output folder's own.")
    ] = None,
    course: CourseFolder = Path(),
) -> None:
    """Grade a class and write OUT/results.json."""
    found_course = find_course(course.resolve())
    submissions, problems = find_submissions(
        found_course, submitted, exercises=exercise or [], students=student or []
    )
    _grade(found_course, submissions, problems, out, sandboxed=not no_sandbox, seed=seed)


@app.command()
def demo(course: CourseFolder = Path()) -> None:
    """Make a small class in a temporary folder, and grade it."""
    found_course = find_course(course.resolve())
    folder = Path(tempfile.mkdtemp(prefix="grader-demo-"))
    submitted = make_class(found_course, folder / "submitted")
    submissions, problems = find_submissions(found_course, submitted)
    sandboxed = find_mode().safe
    _grade(
        *(found_course, submissions, problems, folder / "graded"), sandboxed=sandboxed, forgive=True
    )


@secret_app.command()
def new(course: CourseFolder = Path()) -> None:
    """Draw the secret that the hidden inputs of all gradings come from."""
    path = new_secret(find_course(course.resolve()))
    print(f"Written: {path}. Keep it to yourself; it is needed to reproduce a grading.")


@app.command()
def doctor() -> None:
    """Say which layers of isolation are active here, and what a missing one would stop."""
    mode = find_mode()
    for layer in find_layers(mode):
        state = "active       " if layer.active else "not available"
        print(f"{state}  {layer.name}: stops {layer.stops}")
        if layer.why:
            print(f"{'':15}{layer.why}")
    print("`grader grade` runs here" if mode.safe else f"`grader grade` refuses: {NO_ISOLATION}")


def _grade(
    course: Course,
    submissions: list[Submission],
    problems: list[str],
    out: Path,
    *,
    sandboxed: bool,
    seed: str | None = None,
    forgive: bool = False,
) -> None:
    """Grade, write, show; exit 2 for unreadable submissions unless they are part of the show."""
    prepare_folder(out)
    console = Console()
    seed = seed or grading_seed(course, out)
    if sandboxed:
        if not find_mode().safe:
            raise UserError(NO_ISOLATION)
        with Sandbox() as sandbox:
            confined = partial(judge, course, seed=seed, sandbox=sandbox)
            results = _with_progress(console, course, submissions, confined)
    else:
        print("grader: without a sandbox submissions run with your rights", file=sys.stderr)
        unconfined = partial(judge_unconfined, course, seed=seed)
        results = _with_progress(console, course, submissions, unconfined)
    path = write_results(course, results, out)
    console.print(table(course, results))
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)
    problems += [f"{result.name}: {result.problem}" for result in results if result.problem]
    for problem in problems:
        print(f"grader: {printable(problem)}", file=sys.stderr)
    if any(result.status == "pending" for result in results):
        print("grader: some checks could not run: see `pending` in the results", file=sys.stderr)
        raise typer.Exit(KIT_FAULT)
    if problems and not forgive:
        raise typer.Exit(USER_MISTAKE)


def _with_progress(
    console: Console, course: Course, submissions: list[Submission], judge: Judge
) -> list[Result]:
    """Grade with a progress bar on a terminal, with one line a submission elsewhere."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Grading", total=len(submissions))

        def on_result(result: Result) -> None:
            progress.advance(task)
            if not console.is_terminal:
                score = f"{result.score:.4g} of {result.max_score:g}"
                print(f"{printable(result.name)}: {score}", flush=True)

        return grade_class(course, submissions, judge=judge, on_result=on_result)


def main() -> None:
    """Run the command line; a foreseen failure is one line, not a traceback."""
    try:
        app()
    except UserError as error:
        print(f"grader: {error}", file=sys.stderr)
        sys.exit(USER_MISTAKE)
    except KitError as error:
        print(f"grader: {error}", file=sys.stderr)
        sys.exit(KIT_FAULT)
    except KeyboardInterrupt:
        sys.exit(130)
