"""The command line: one verb, one small function, no logic."""

import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.classroom import Result, Submission, find_submissions
from grader.course import Course, find_course
from grader.demo import make_class, worth_of_transfer
from grader.errors import KitError, UserError
from grader.grading import Options, cores, grade_class
from grader.report import table
from grader.sandbox.layers import Mode, find_layers, find_mode
from grader.seeds import new_secret
from grader.text import printable

CHECKS_FAILED = 1
USER_MISTAKE = 2
KIT_FAULT = 3
INTERRUPTED = 130

NO_ISOLATION = (
    "this system offers no isolation for submissions (see `grader doctor`); install bubblewrap on "
    "Linux, or pass --no-sandbox for code that you trust"
)

WITH_GPU = (
    "a check that needs one runs with the driver's devices open and without a limit of its address "
    "space; its memory is watched instead"
)
WITHOUT_GPU = "no NVIDIA device is here; checks that need one stay pending"

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
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Grade so many at a time (default: one per core).")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="Use this seed instead of the output folder's own.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Draw a new seed, and grade everything anew.")
    ] = False,
    course: CourseFolder = Path(),
) -> None:
    """Grade a class and write OUT/results.json; what has not changed is not graded again."""
    found_course = find_course(course.resolve())
    submissions, problems = find_submissions(
        found_course, submitted, exercises=exercise or [], students=student or []
    )
    options = Options(out, None, jobs or cores(), seed, fresh)
    options = options if no_sandbox else replace(options, mode=_safe_mode())
    _grade(found_course, submissions, problems, options)


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
    with _stoppable():
        outcomes = prepare_course(found_course, Console(), bundle=from_bundle)
        problems = [outcome.problem for outcome in outcomes if outcome.problem]
        for problem in problems:
            _say(printable(problem))
        if problems:
            raise UserError(f"{len(problems)} of {len(outcomes)} files cannot be used: {WAY_OUT}")
        if offline_bundle:
            pack(offline_bundle, [outcome.wanted for outcome in outcomes])
            print(f"Written: {offline_bundle} ({offline_bundle.stat().st_size:,} bytes)")


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
    mode = None if no_sandbox else _safe_mode()
    seed = seed or secrets.token_hex(4)
    answers = find_answers(found_course, exercise or [], sample=sample, seed=seed)
    if mode is None:
        _say("without a sandbox submissions run with your rights")
    with _stoppable("stopped"), _progress(Console(), len(answers)) as on_result:
        judged = grade_answers(
            found_course, answers, mode=mode, jobs=jobs or cores(), seed=seed, on_result=on_result
        )
    reports = find_out(judged, complete=sample is None)
    print("\n".join(show(reports, complete=sample is None, points=points)))
    print(f"Seed: {seed} (`--seed` repeats it)")
    if any(report.faults for report in reports):
        raise typer.Exit(CHECKS_FAILED)


@app.command()
def demo(course: CourseFolder = Path()) -> None:
    """Make a small class in a temporary folder, and grade it."""
    found_course = find_course(course.resolve())
    folder = Path(tempfile.mkdtemp(prefix="grader-demo-"))
    submitted = make_class(found_course, folder / "submitted")
    submissions, problems = find_submissions(found_course, submitted)
    mode = find_mode()
    options = Options(folder / "graded", mode if mode.safe else None, cores())
    _grade(found_course, submissions, problems, options, forgive=True)
    if line := worth_of_transfer(found_course):
        print(line)


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
    print(f"GPU: {WITH_GPU if mode.devices else WITHOUT_GPU}")
    print("`grader grade` runs here" if mode.safe else f"`grader grade` refuses: {NO_ISOLATION}")


def _safe_mode() -> Mode:
    """How submissions are locked down here; `UserError` when they cannot be."""
    mode = find_mode()
    if not mode.safe:
        raise UserError(NO_ISOLATION)
    return mode


def _grade(
    course: Course,
    submissions: list[Submission],
    problems: list[str],
    options: Options,
    *,
    forgive: bool = False,
) -> None:
    """Grade, write, show; exit 2 for unreadable submissions unless they are part of the show."""
    console = Console()
    if options.mode is None:
        _say("without a sandbox submissions run with your rights")

    def on_damage(path: Path) -> None:
        _say(f"the journal was damaged; it is kept as {path}, and everything is graded anew")

    with _stoppable(), _progress(console, len(submissions)) as on_result:
        results, path = grade_class(
            course, submissions, options, on_result=on_result, on_damage=on_damage
        )
    console.print(table(course, results))
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)
    problems += [f"{result.name}: {result.problem}" for result in results if result.problem]
    for problem in problems:
        _say(printable(problem))
    if any(result.pending for result in results):
        _say("some checks could not run: see `pending` in the results")
        raise typer.Exit(KIT_FAULT)
    if problems and not forgive:
        raise typer.Exit(USER_MISTAKE)


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Callable[[Result], None]]:
    """A progress bar on a terminal, one line a submission elsewhere."""
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


@contextmanager
def _stoppable(line: str = "stopped; the same command goes on where it was") -> Iterator[None]:
    """Work that can be stopped: then one line, and no traceback."""
    try:
        yield
    except KeyboardInterrupt:
        _say(line)
        raise typer.Exit(INTERRUPTED) from None


def _say(line: str) -> None:
    print(f"grader: {line}", file=sys.stderr)


def main() -> None:
    """Run the command line; a foreseen failure is one line, not a traceback."""
    try:
        app()
    except UserError as error:
        _say(str(error))
        sys.exit(USER_MISTAKE)
    except KitError as error:
        _say(str(error))
        sys.exit(KIT_FAULT)
