"""Grades one submission: the checks run here, the submission in the sandbox."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from grader.course.scoring import Judgement
from grader.course.settings import Course
from grader.judge.gpu_slots import GpuSlots
from grader.judge.listener import Listener
from grader.judge.markers import Check
from grader.judge.run_checks import run_checks
from grader.sandbox.channel import RunnerChannel
from grader.sandbox.fork_server import Sandbox
from grader.sandbox.lockdown import RunnerLimits


class _Notes(Listener):
    """What a run tells beside its verdicts."""

    def __init__(self) -> None:
        self.problem = ""
        self.settings: set[str] = set()
        self.doubtful: list[Check] = []

    def unloadable(self, problem: str) -> None:
        self.problem = self.problem or problem

    def looked_at(self, setting: str) -> None:
        self.settings.add(setting)

    def doubted(self, check: Check) -> None:
        self.doubtful.append(check)


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

    def connect(source: Path, on_gpu: bool) -> RunnerChannel:
        return sandbox.run(source.name, content, limits, gpu=on_gpu)

    first, second = _Notes(), _Notes()
    with TemporaryDirectory(prefix="grader-") as folder:
        source = Path(folder) / exercise.file_name
        source.write_bytes(content)  # for the line numbers in messages
        run = partial(run_checks, *(course, number, source), seed=seed, connect=connect, gpu=gpu)
        verdicts, problem = run(listener=first), first.problem
        if first.doubtful:  # perhaps the machine's fault: those tasks once more, and then it counts
            again = {check.task for check in first.doubtful}
            known = {v.id: v for v in verdicts if v.task not in again and not problem}
            verdicts, problem = run(known=known, listener=second), second.problem
    return Judgement(verdicts, problem, tuple(sorted(first.settings | second.settings)))
