"""How long a learner waits: `pytest exercises/NN` against the bare import of torch.

Runs of all kinds take turns, so that a busy machine slows them alike; medians are printed.
The second table times the checks alone, visible and hidden, imports aside, on one thread.

    python benchmarks/learner_loop.py [--runs 5] [--exercise 03]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from grader.course import Course, find_course
from grader.session import run_checks

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--exercise", default="03")
    options = parser.parse_args()
    course = find_course(ROOT)
    print_learner_loop(course, options.exercise, options.runs)
    print_check_times(course)


def print_learner_loop(course: Course, number: str, runs: int) -> None:
    """Time whole commands, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        solved = Path(folder) / "solved"
        untouched = Path(folder) / "untouched"
        for copy in (solved, untouched):
            for name in ("exercises", "grader"):
                shutil.copytree(ROOT / name, copy / name)
            for name in ("course.yaml", "pyproject.toml"):
                shutil.copy(ROOT / name, copy)
        file_name = course.exercise(number).file_name
        shutil.copy(ROOT / "solutions" / file_name, solved / "exercises" / number)
        pytest = [sys.executable, "-m", "pytest", f"exercises/{number}"]
        commands = {
            "python -c 'import torch, torchvision'": (
                [sys.executable, "-c", "import torch, torchvision"],
                untouched,
            ),
            f"pytest exercises/{number}, solved": (pytest, solved),
            f"pytest exercises/{number}, untouched": (pytest, untouched),
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for command, cwd in commands.values():
            seconds(command, cwd)  # fills the caches of files and of bytecode
        for _ in range(runs):
            for name, (command, cwd) in commands.items():
                times[name].append(seconds(command, cwd))
    medians = {name: statistics.median(values) for name, values in times.items()}
    base = next(iter(medians.values()))
    print(f"Medians of {runs} runs")
    for name, median in medians.items():
        print(f"  {name:<40} {median:6.2f} s   {median / base:5.2f} times the import")


def seconds(command: list[str], cwd: Path) -> float:
    """The wall time of a command."""
    start = time.perf_counter()
    subprocess.run(
        command, cwd=cwd, env={**os.environ, "PYTHONPATH": ""}, capture_output=True, check=False
    )
    return time.perf_counter() - start


def print_check_times(course: Course) -> None:
    """Time the checks of every exercise on its solution, on one thread."""
    torch.set_num_threads(1)
    print("\nAll checks of an exercise on its solution, imports aside")
    for number, exercise in course.exercises.items():
        source = ROOT / "solutions" / exercise.file_name
        stopwatch = Stopwatch()
        run_checks(course, number, source, seed="first", on_start=stopwatch.start)
        stopwatch.spent.clear()
        run_checks(
            *(course, number, source),
            seed="second",
            on_start=stopwatch.start,
            on_verdict=stopwatch.stop,
        )
        total = sum(stopwatch.spent)
        print(f"  {number} {exercise.module:<16} {len(stopwatch.spent):3} checks {total:6.2f} s")


class Stopwatch:
    """CPU seconds of each check."""

    def __init__(self) -> None:
        self.started = 0.0
        self.spent: list[float] = []

    def start(self, check: object) -> None:
        """A check begins."""
        self.started = time.process_time()

    def stop(self, verdict: object) -> None:
        """It has ended."""
        self.spent.append(time.process_time() - self.started)


if __name__ == "__main__":
    main()
