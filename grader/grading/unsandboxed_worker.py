"""One submission in a process of its own: `python -m` this module reads a job.

The job is one line of JSON on standard input. Each line on standard output is one event: the
checks that there are, a check that begins, a verdict. What the submission prints goes nowhere.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grader.course.scoring import Status, Verdict
from grader.course.settings import load_course
from grader.grading.unsandboxed import WALL_FACTOR
from grader.judge.gpu_slots import GpuSlots
from grader.judge.pytest_plugin import Check
from grader.judge.run_checks import run_checks


def main() -> None:
    """Grade the submission that the job names."""
    job = json.loads(sys.stdin.readline())
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)

    def tell(event: str, content: Any) -> None:
        events.write(json.dumps({event: content}) + "\n")
        events.flush()

    course = load_course(Path(job["course"]))
    budget = course.exercise(job["exercise"]).limits.cpu_seconds
    known = [Verdict(**{**v, "status": Status(v["status"])}) for v in job["known"]]

    def start(check: Check) -> None:
        limit_cpu(WALL_FACTOR * budget if check.gpu else budget)  # a GPU has its own time limit
        tell("start", check.id)

    run_checks(
        course,
        job["exercise"],
        Path(job["source"]),
        seed=job["seed"],
        gpu=GpuSlots(Path(job["gpu"]["folder"]), job["gpu"]["count"]),
        known={verdict.id: verdict for verdict in known},
        on_collected=lambda checks: tell("checks", [asdict(check) for check in checks]),
        on_unloadable=lambda problem: tell("unloadable", problem),
        on_setting=lambda name: tell("setting", name),
        on_start=start,
        on_verdict=lambda verdict: tell("verdict", asdict(verdict)),
    )
    tell("end", None)


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
