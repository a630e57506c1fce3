"""Grades one submission: the checks run here, the submission in the sandbox."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from grader.course import Course
from grader.plugin import Check
from grader.sandbox.client import Runner, Sandbox
from grader.sandbox.lockdown import Limits
from grader.session import run_checks
from grader.verdicts import Verdict

Judge = Callable[[str, bytes], "Judgement"]


@dataclass(frozen=True)
class Judgement:
    """All verdicts on a file, and one line about it when it could not even be loaded."""

    verdicts: list[Verdict]
    problem: str


def judge(course: Course, number: str, content: bytes, *, seed: str, sandbox: Sandbox) -> Judgement:
    """Grade a file against all checks of an exercise.

    A check that ends its runner (a crash, or an endless loop that is stopped) gets that verdict,
    and a fresh runner goes on with the checks that are left. A check that ran out of wall time
    without using its CPU time may have met a busy machine: its task is run once more.

    Args:
        course: the course.
        number: of the exercise.
        content: of the learner's file.
        seed: of the grading.
        sandbox: where the submission runs.

    Raises:
        KitError: when the checks or the sandbox cannot be run.
    """
    exercise = course.exercise(number)
    limits = Limits(**exercise.limits.model_dump())
    problems: list[str] = []

    def connect(source: Path) -> Runner:
        return sandbox.run(source.name, content, limits)

    waited: list[Check] = []
    with TemporaryDirectory(prefix="grader-") as folder:
        source = Path(folder) / exercise.file_name
        source.write_bytes(content)  # for the line numbers in messages
        run = partial(
            run_checks,
            *(course, number, source),
            seed=seed,
            connect=connect,
            on_unloadable=problems.append,
        )
        verdicts = run(on_waited=waited.append)
        if waited:  # perhaps the machine was busy: those tasks once more, and then it counts
            again = {check.task for check in waited}
            verdicts = run(known={v.id: v for v in verdicts if v.task not in again})
    return Judgement(verdicts, problems[0] if problems else "")
