"""Measures the cost of grading a class: time, memory, one worker against two, and a repeated run.

Classes of different sizes are graded in one run. Every submission is the solution with an extra
line of its own, so that no two share a cached verdict. The time per submission is measured from the
moment when every worker has given its first result; the workers' start is shown separately.

    python benchmarks/class_size.py [--sizes 10 50 200 500] [--exercise 03]
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from grader.course.settings import Course, find_course
from grader.grading.classroom import Result, find_submissions
from grader.grading.grade_class import GradingOptions, grade_class
from grader.sandbox.layers import find_mode

ROOT: Final = Path(__file__).resolve().parent.parent
MIB: Final = 1 << 20


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 50, 200, 500])
    parser.add_argument("--exercise", default="03")
    options = parser.parse_args()
    course = find_course(ROOT)
    print(f"Exercise {options.exercise}, the solution, all checks, two workers")
    print("  submissions   start   each          judge   command")
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            place = make_class(course, options.exercise, Path(folder) / str(size), size)
            measured = measure(course, place, place / "out", workers=2)
            print(f"  {size:>11} {measured.row()}", flush=True)
        again = measure(course, place, place / "out", workers=2)
        print(f"  {size:>11} graded again, unchanged: {again.whole:.2f} s")
        place = make_class(course, options.exercise, Path(folder) / "workers", 40)
        one, two = (measure(course, place, place / f"out{n}", workers=n) for n in (1, 2))
        print(f"  two workers against one: {one.each / two.each:.2f} times as fast")


def make_class(course: Course, number: str, folder: Path, size: int) -> Path:
    """Make a folder `submitted/` in which no two submissions are the same."""
    file_name = course.exercise(number).file_name
    solution = (ROOT / "solutions" / file_name).read_text(encoding="utf-8")
    for student in range(size):
        path = folder / "submitted" / f"student {student:03}" / number / file_name
        path.parent.mkdir(parents=True)
        path.write_text(f"{solution}\n# student {student}\n", encoding="utf-8")
    return folder


@dataclass
class Measured:
    """The figures of a grading: seconds, and the peak memory of the command and its judges."""

    workers: int
    begin: float
    results: list[float] = field(default_factory=list)
    whole: float = 0.0
    command: int = 0
    judge: int = 0

    @property
    def each(self) -> float:
        """Seconds for each submission, once every worker has given its first result."""
        begin = self.results[self.workers - 1]
        return (self.results[-1] - begin) / (len(self.results) - self.workers)

    def row(self) -> str:
        """The figures of a class as a row of the table."""
        start = self.results[0] - self.begin
        memory = f"{self.judge / MIB:6.0f} MiB {self.command / MIB:5.0f} MiB"
        return f"{start:5.1f} s {self.each * 1000:6.0f} ms   {memory}"


def measure(course: Course, folder: Path, out: Path, *, workers: int) -> Measured:
    """Grade a class, and measure time and memory."""
    submissions, _ = find_submissions(course, folder / "submitted")
    measured = Measured(workers, time.perf_counter())
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(measured, stop))

    def on_result(result: Result) -> None:
        if round(result.score, 6) != result.max_score:
            sys.exit(f"{result.name} got {result.score} of {result.max_score}")
        measured.results.append(time.perf_counter())

    options = GradingOptions(out, find_mode(), workers)
    watcher.start()
    try:
        grade_class(course, submissions, options, on_result=on_result, on_damage=lambda path: None)
    finally:
        stop.set()
        watcher.join()
    measured.whole = time.perf_counter() - measured.begin
    return measured


def _watch(measured: Measured, stop: threading.Event) -> None:
    """Sample the memory of this process and of its workers twice a second."""
    while not stop.wait(0.5):
        measured.command = max(measured.command, _memory(os.getpid()))
        for task in Path("/proc/self/task").glob("*/children"):
            for child in task.read_text().split():
                measured.judge = max(measured.judge, _memory(int(child)))


def _memory(process: int) -> int:
    """The memory of a process in bytes; 0 if it has ended."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
