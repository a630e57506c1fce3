"""One submission to grade, as a job that any executor can run in any process."""

import atexit
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from grader.course.scoring import Judgement
from grader.course.settings import Course
from grader.judge.gpu_slots import GpuSlots
from grader.sandbox.layers import Mode

if TYPE_CHECKING:
    from grader.sandbox.fork_server import Sandbox


@dataclass(frozen=True)
class Job:
    """What a worker needs to grade one submission.

    Attributes:
        course: the course.
        exercise: the exercise's number.
        content: the content of the learner's file.
        seed: the seed of this grading.
        mode: how the runner is locked down (None: not at all, for code that is trusted).
        gpu: the GPU slots.
    """

    course: Course
    exercise: str
    content: bytes
    seed: str
    mode: Mode | None
    gpu: GpuSlots


def grade_job(job: Job) -> Judgement:
    """Grade a submission.

    Raises:
        KitError: when the checks or the sandbox cannot be run.
    """
    # Imported here, so that a grading that only reads the journal does not import torch.
    if job.mode is None:
        from grader.grading.unsandboxed import judge_unconfined

        return judge_unconfined(job.course, job.exercise, job.content, seed=job.seed, gpu=job.gpu)
    from grader.grading.sandboxed import judge

    sandbox = _sandbox(job.mode)
    return judge(job.course, job.exercise, job.content, seed=job.seed, sandbox=sandbox, gpu=job.gpu)


@cache
def _sandbox(mode: Mode) -> "Sandbox":
    """This process's sandbox: started by the first job, kept for later ones, closed at exit."""
    from grader.sandbox.fork_server import Sandbox

    sandbox = Sandbox(mode)
    atexit.register(sandbox.close)
    return sandbox
