"""Grades one submission in its own process: reads a job, and reports events.

The job is one line of JSON on standard input. Each line on standard output is one event: the list
of checks, the start of a check, a verdict and so on. What the submission prints is discarded.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grader.common.child_process import answering
from grader.course.scoring import Status, Verdict
from grader.course.settings import WALL_FACTOR, load_course
from grader.judge.gpu_slots import GpuSlots
from grader.judge.listener import Listener
from grader.judge.markers import Check
from grader.judge.run_checks import run_checks


def main() -> None:
    """Read the job, and grade its submission."""
    job = json.loads(sys.stdin.readline())
    course = load_course(Path(job["course"]))
    budget = course.exercise(job["exercise"]).limits.cpu_seconds
    known = [Verdict(**{**v, "status": Status(v["status"])}) for v in job["known"]]
    with answering() as answer:
        run_checks(
            course,
            job["exercise"],
            Path(job["source"]),
            seed=job["seed"],
            gpu=GpuSlots(Path(job["gpu"]["folder"]), job["gpu"]["count"]),
            known={verdict.id: verdict for verdict in known},
            listener=_Events(answer, budget),
        )
        answer({"end": None})


class _Events(Listener):
    """Sends each event to the parent, and sets the CPU time limit of each check."""

    def __init__(self, answer: Callable[[Any], None], budget: int) -> None:
        self.answer = answer
        self.budget = budget

    def collected(self, checks: list[Check]) -> None:
        self.answer({"checks": [asdict(check) for check in checks]})

    def unloadable(self, problem: str) -> None:
        self.answer({"unloadable": problem})

    def looked_at(self, setting: str) -> None:
        self.answer({"setting": setting})

    def started(self, check: Check) -> None:
        # A check on the GPU gets more CPU time.
        limit_cpu(WALL_FACTOR * self.budget if check.gpu else self.budget)
        self.answer({"start": check.id})

    def judged(self, verdict: Verdict) -> None:
        self.answer({"verdict": asdict(verdict)})


def limit_cpu(seconds: int) -> None:
    """Limit the process to that many more CPU seconds, where the system supports it."""
    try:
        import resource
    except ImportError:  # Windows: the judge's wall time is the only limit
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, hard))


if __name__ == "__main__":
    main()
