"""Measures how long a learner waits for `pytest exercises/NN` and `grader watch`.

The first table compares commands with the bare import of torch. Runs of all kinds take turns, so
that a busy machine slows all of them; medians are printed. The second table is the time from a save
to the verdict of `grader watch`: from writing the learner's file until the summary's tally has been
read from its output. The third table times only the checks, visible and hidden, without imports, on
one thread.

    python benchmarks/learner_loop.py [--runs 5] [--exercise 03] [--saves 15]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import torch

from grader.course.scoring import Verdict
from grader.course.settings import Course, find_course
from grader.judge.listener import Listener
from grader.judge.markers import Check
from grader.judge.run_checks import run_checks

ROOT = Path(__file__).resolve().parent.parent
STRUCTURAL = ("00", "01", "02", "03")  # exercises in which nothing is trained
LIMIT = 0.3  # seconds from save to verdict
VERDICT = "points by the visible checks"
PAUSE = 0.5  # seconds between a verdict and the next save, in which a learner reads


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--exercise", default="03")
    parser.add_argument("--saves", type=int, default=15)
    options = parser.parse_args()
    course = find_course(ROOT)
    base = print_learner_loop(course, options.exercise, options.runs)
    print_watch(course, options.saves, base)
    print_check_times(course)


def print_learner_loop(course: Course, number: str, runs: int) -> float:
    """Time whole commands, in turns; returns the seconds of the bare import."""
    with tempfile.TemporaryDirectory() as folder:
        solved = Path(folder) / "solved"
        untouched = Path(folder) / "untouched"
        for copy in (solved, untouched):
            copy_kit(copy)
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
    return base


def copy_kit(folder: Path) -> None:
    """Copy the parts of the kit that a learner has."""
    for name in ("exercises", "grader"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("course.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)


def print_watch(course: Course, saves: int, base: float) -> None:
    """Time `grader watch` from each save of a solution to its verdict, exercises in turns."""
    with tempfile.TemporaryDirectory() as folder:
        copy_kit(Path(folder))
        times: dict[str, list[float]] = {number: [] for number in STRUCTURAL}
        with watching(Path(folder)) as lines:
            next_verdict(lines)  # the first run waits for torch: not counted
            for turn in range(saves + 1):
                for number in STRUCTURAL:
                    time.sleep(PAUSE)
                    file_name = course.exercise(number).file_name
                    text = (ROOT / "solutions" / file_name).read_text("utf-8")
                    start = time.perf_counter()
                    (Path(folder) / "exercises" / number / file_name).write_text(text, "utf-8")
                    next_verdict(lines)
                    if turn:  # the first turn fills caches
                        times[number].append(time.perf_counter() - start)
    print(f"\nFrom save to verdict with `grader watch`, the solution saved; {saves} saves each")
    for number, values in times.items():
        name = f"{number} {course.exercise(number).module}"
        median, worst = statistics.median(values), max(values)
        print(
            f"  {name:<24} median {median:5.2f} s   worst {worst:5.2f} s   "
            f"{median / base:5.2f} times the import"
        )
    slowest = max(statistics.median(values) for values in times.values())
    kept = "kept" if slowest <= LIMIT else "NOT kept"
    print(f"  slowest median {slowest:.2f} s; the limit of {LIMIT} s is {kept}")


@contextmanager
def watching(folder: Path) -> Iterator[TextIO]:
    """The output of `grader watch` on all exercises, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "watch"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.terminate()
        process.communicate()


def next_verdict(lines: TextIO) -> None:
    """Read until the tally of a summary; the whole summary comes in one `print`."""
    for line in lines:
        if VERDICT in " ".join(line.split()):
            return
    raise SystemExit("grader watch has ended")


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
        run_checks(course, number, source, seed="first", listener=stopwatch)
        stopwatch.spent.clear()
        run_checks(course, number, source, seed="second", listener=stopwatch)
        total = sum(stopwatch.spent)
        print(f"  {number} {exercise.module:<16} {len(stopwatch.spent):3} checks {total:6.2f} s")


class Stopwatch(Listener):
    """Measures the CPU seconds of each check."""

    def __init__(self) -> None:
        self.begin = 0.0
        self.spent: list[float] = []

    def started(self, check: Check) -> None:
        """Record the start of a check."""
        self.begin = time.process_time()

    def judged(self, verdict: Verdict) -> None:
        """Record the end of a check."""
        self.spent.append(time.process_time() - self.begin)


if __name__ == "__main__":
    main()
