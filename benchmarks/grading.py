"""Measures the time to grade one submission: in the warm sandbox, in a fresh process, in nbgrader.

All kinds take turns in one run; medians are printed. "The checks' own compute" is the time of the
same checks in this process, without a sandbox; the sandbox's overhead is the time beyond that.
nbgrader's `autograde` runs a notebook with the same code and the same checks in its kernel; this
part is skipped if nbgrader is not installed
(`pip install --constraint constraints.txt ".[nbgrader]"`).

    python benchmarks/grading.py [--runs 7] [--exercise 03]
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import torch

from grader.course.settings import Course, find_course
from grader.grading.sandboxed import judge
from grader.grading.unsandboxed import judge_unconfined
from grader.judge.gpu_slots import GpuSlots
from grader.judge.run_checks import run_checks
from grader.sandbox.fork_server import Sandbox
from grader.sandbox.lockdown import RunnerLimits

ROOT: Final = Path(__file__).resolve().parent.parent
WITH_NBGRADER: Final = shutil.which("nbgrader", path=str(Path(sys.executable).parent))
CHECKS_IN_THE_KERNEL: Final = """\
from pathlib import Path
from grader.course.settings import find_course
from grader.judge.run_checks import run_checks
source = Path("{file_name}").resolve()
source.write_text(In[1])
verdicts = run_checks(find_course(Path({root!r})), "{number}", source, seed="0")
assert all(verdict.status == "passed" for verdict in verdicts)
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--exercise", default="03")
    options = parser.parse_args()
    torch.set_num_threads(1)
    course = find_course(ROOT)
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        kinds = kinds_of_grading(course, options.exercise, sandbox, Path(folder))
        times = measure(kinds, options.runs)
    print(f"Exercise {options.exercise}, the solution, all checks; medians of {options.runs} runs")
    for name, median in times.items():
        print(f"  {name:<40} {median:6.3f} s")
    own, fork, sandboxed, *others = times.values()
    print(f"  {'overhead of the sandbox':<40} {sandboxed - own:6.3f} s (the runner: {fork:.3f} s)")
    for name, other in zip(("fresh process", "nbgrader"), others, strict=False):
        print(f"  {name + ' against the sandbox':<40} {other / sandboxed:6.1f} times")


def kinds_of_grading(
    course: Course, number: str, sandbox: Sandbox, folder: Path
) -> dict[str, Callable[[], object]]:
    """The kinds of grading that are compared, by name."""
    source = ROOT / "solutions" / course.exercise(number).file_name
    content = source.read_bytes()
    slots = GpuSlots(folder, 0)
    kinds: dict[str, Callable[[], object]] = {
        "the checks' own compute": lambda: run_checks(course, number, source, seed="0"),
        "a runner forked, locked down, ended": lambda: sandbox.run(
            source.name, content, RunnerLimits()
        ).close(),
        "the whole in the sandbox": lambda: judge(
            course, number, content, seed="0", sandbox=sandbox
        ),
        "the whole in a fresh process": lambda: judge_unconfined(
            course, number, content, seed="0", gpu=slots
        ),
    }
    if WITH_NBGRADER:
        make_nbgrader_course(course, number, source.read_text("utf-8"), folder)
        kinds["nbgrader autograde"] = lambda: nbgrader(
            "autograde", number, "--force", folder=folder
        )
    return kinds


def make_nbgrader_course(course: Course, number: str, answer: str, folder: Path) -> None:
    """Make a course with one student and one notebook: the answer in a cell, then the checks."""
    import nbformat

    exercise = course.exercise(number)
    checks = CHECKS_IN_THE_KERNEL.format(
        file_name=exercise.file_name, root=str(ROOT), number=number
    )
    for place, text in (
        (folder / "source" / number, f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION"),
        (folder / "submitted" / "student" / number, answer),
    ):
        cells = [
            cell(text, grade_id="answer", solution=True),
            cell(checks, grade_id="checks", grade=True, locked=True, points=exercise.points),
        ]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        place.mkdir(parents=True)
        nbformat.write(notebook, place / f"{exercise.module}.ipynb")
    nbgrader("generate_assignment", number, folder=folder)


def cell(text: str, **settings: Any) -> Any:
    """A code cell with nbgrader's metadata."""
    import nbformat

    flags = dict.fromkeys(("grade", "locked", "solution", "task"), False)
    made = nbformat.v4.new_code_cell(text)
    made.metadata["nbgrader"] = {"schema_version": 3, **flags, **settings}
    return made


def nbgrader(*arguments: str, folder: Path) -> None:
    """Run nbgrader's command line in a course folder."""
    subprocess.run([str(WITH_NBGRADER), *arguments], cwd=folder, check=True, capture_output=True)


def measure(kinds: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """The median wall time of each kind; they run in turns, after one warm-up."""
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
