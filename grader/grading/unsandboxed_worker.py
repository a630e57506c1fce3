"""One submission in a process of its own: reads a job, and answers with events.

The job is one line of JSON on standard input. Each line on standard output is one event: the
checks that there are, a check that begins, a verdict. What the submission prints goes nowhere.
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
    """Grade the submission that the job names."""
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
    """Sends each event to the parent, and gives each check its CPU time."""

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
        # A GPU has its own time limit.
        limit_cpu(WALL_FACTOR * self.budget if check.gpu else self.budget)
        self.answer({"start": check.id})

    def judged(self, verdict: Verdict) -> None:
        self.answer({"verdict": asdict(verdict)})


def limit_cpu(seconds: int) -> None:
    """Let the process use that many more CPU seconds, where the system can limit them."""
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
