"""What grading one submission costs: in the warm sandbox, and in a fresh process.

All kinds take turns in one run; medians are printed. "The checks' own compute" is the same checks
in this process, without a border; what the sandbox takes beyond it is its overhead.

    python benchmarks/grading.py [--runs 7] [--exercise 03]
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from grader.course import find_course
from grader.judge import judge
from grader.sandbox.client import Sandbox
from grader.sandbox.lockdown import Limits
from grader.session import run_checks
from grader.unconfined import judge_unconfined

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--exercise", default="03")
    options = parser.parse_args()
    torch.set_num_threads(1)
    course = find_course(ROOT)
    number = options.exercise
    source = ROOT / "solutions" / course.exercise(number).file_name
    content = source.read_bytes()
    with Sandbox() as sandbox:
        kinds: dict[str, Callable[[], object]] = {
            "the checks' own compute": lambda: run_checks(course, number, source, seed="0"),
            "a runner forked, locked down, ended": lambda: sandbox.run(
                source.name, content, Limits()
            ).close(),
            "the whole in the sandbox": lambda: judge(
                course, number, content, seed="0", sandbox=sandbox
            ),
            "the whole in a fresh process": lambda: judge_unconfined(
                course, number, content, seed="0"
            ),
        }
        times = measure(kinds, options.runs)
    own, fork, sandboxed, fresh = times.values()
    print(f"Exercise {number}, the solution, all checks; medians of {options.runs} runs")
    for name, median in times.items():
        print(f"  {name:<40} {median:6.3f} s")
    print(f"  {'overhead of the sandbox':<40} {sandboxed - own:6.3f} s (the runner: {fork:.3f} s)")
    print(f"  {'fresh process against the sandbox':<40} {fresh / sandboxed:6.1f} times")


def measure(kinds: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """The median wall time of each kind, in turns, after one warm-up."""
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for turn in range(runs + 1):
        for name, work in kinds.items():
            start = time.perf_counter()
            work()
            if turn:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


if __name__ == "__main__":
    main()
