"""Grades one submission: the checks run in this process, the submission in the sandbox."""

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
    """Collects what a run reports besides its verdicts."""

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

    If the runner crashes during a check, or is stopped in an endless loop, that becomes the check's
    verdict, and a fresh runner continues with the remaining checks. Two outcomes may be the
    machine's fault: a check that ran out of wall time without using its CPU time (the machine was
    busy), and a runner that was killed (the machine was short of memory). The tasks of such checks
    are run once more.

    Args:
        course: the course.
        number: the exercise's number.
        content: the content of the learner's file.
        seed: the seed of this grading.
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
        source.write_bytes(content)  # messages refer to its lines
        run = partial(run_checks, *(course, number, source), seed=seed, connect=connect, gpu=gpu)
        verdicts, problem = run(listener=first), first.problem
        if first.doubtful:  # perhaps the machine's fault: run these tasks again; that one counts
            again = {check.task for check in first.doubtful}
            known = {v.id: v for v in verdicts if v.task not in again and not problem}
            verdicts, problem = run(known=known, listener=second), second.problem
    return Judgement(verdicts, problem, tuple(sorted(first.settings | second.settings)))
