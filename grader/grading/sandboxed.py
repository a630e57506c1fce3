"""Grades one submission: the checks run here, the submission in the sandbox."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from grader.course.scoring import Judgement
from grader.course.settings import Course
from grader.judge.gpu_slots import GpuSlots
from grader.judge.pytest_plugin import Check
from grader.judge.run_checks import run_checks
from grader.sandbox.channel import RunnerChannel
from grader.sandbox.fork_server import Sandbox
from grader.sandbox.lockdown import RunnerLimits


def judge(
    course: Course,
    number: str,
    content: bytes,
    *,
    seed: str,
    sandbox: Sandbox,
    gpu: GpuSlots | None = None,
) -> Judgement:
    """Grade a file against all checks of an exercise.

    A check that ends its runner (a crash, or an endless loop that is stopped) gets that verdict,
    and a fresh runner goes on with the checks that are left. A check that ran out of wall time
    without using its CPU time may have met a busy machine, and a killed one a machine short of
    memory: its task is run once more.

    Args:
        course: the course.
        number: of the exercise.
        content: of the learner's file.
        seed: of the grading.
        sandbox: where the submission runs.
        gpu: the GPU slots.

    Raises:
        KitError: when the checks or the sandbox cannot be run.
    """
    exercise = course.exercise(number)
    limits = RunnerLimits(**exercise.limits.model_dump())
    problems: list[str] = []

    def connect(source: Path, on_gpu: bool) -> RunnerChannel:
        return sandbox.run(source.name, content, limits, gpu=on_gpu)

    doubtful: list[Check] = []
    used: set[str] = set()
    with TemporaryDirectory(prefix="grader-") as folder:
        source = Path(folder) / exercise.file_name
        source.write_bytes(content)  # for the line numbers in messages
        run = partial(
            run_checks,
            *(course, number, source),
            seed=seed,
            connect=connect,
            gpu=gpu,
            on_unloadable=problems.append,
            on_setting=used.add,
        )
        verdicts = run(on_doubtful=doubtful.append)
        if doubtful:  # perhaps the machine's fault: those tasks once more, and then it counts
            again = {check.task for check in doubtful}
            known = {v.id: v for v in verdicts if v.task not in again and not problems}
            problems.clear()
            verdicts = run(known=known)
    return Judgement(verdicts, problems[0] if problems else "", tuple(sorted(used)))
