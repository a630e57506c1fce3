"""Runs the visible checks on the functions in a notebook's kernel (see `grader.jupyter`)."""

import ast
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from grader.common.errors import UserError
from grader.course.settings import find_course
from grader.judge.loopback import Loopback
from grader.learner.pytest_summary import LearnerRun, quieten
from grader.runner.dispatcher import Runner
from grader.runner.operations import MODULE_NAME, new_module

YOUR_CELL: Final = "your cell"
RUN_YOURS: Final = "None of your functions is defined yet. Run your cell first, then this one."


def check_kernel(number: str, names: Mapping[str, Any]) -> None:
    """Run the visible checks of an exercise on the functions of a kernel.

    Args:
        number: the exercise's number.
        names: the kernel's global names.
    """
    try:
        course = find_course(Path.cwd())
        exercise, checks = course.exercise(number), course.visible_checks(number)
    except UserError as error:
        print(f"grader: {error}")
        return
    text = latest_cells(names["In"], exercise.tasks)
    if not text:
        print(RUN_YOURS)
        return
    with tempfile.TemporaryDirectory(prefix="grader-") as folder:
        source = Path(folder) / exercise.file_name
        source.write_text(text, encoding="utf-8")
        others = {name: value for name, value in names.items() if name not in exercise.tasks}
        run = KernelRun(
            course,
            lambda _: source,
            connect=lambda path, gpu: InKernel(path, others),
            shown=lambda path: YOUR_CELL,
        )
        options = ["--noconftest", "-c", os.devnull, f"--rootdir={course.root}"]
        options += ["--import-mode=importlib", "-o", "console_output_style=classic"]
        options += ["--disable-plugin-autoload", "-p", "no:cacheprovider"]
        options += ["-p", "no:unraisableexception", "-p", "no:faulthandler"]
        pytest.main([*options, str(checks)], plugins=[run])


def latest_cells(cells: Sequence[str], tasks: Iterable[str]) -> str:
    """Find the executed cells that contain the latest definition of each function.

    Args:
        cells: all executed cells, in order.
        tasks: the functions' names.

    Returns:
        The text of those cells, in the order in which they were run. Usually it is one cell; the
        text is empty if there is none.
    """
    missing, chosen = set(tasks), []
    for cell in reversed(cells):
        defined = missing & _defined(cell)
        if defined:
            missing -= defined
            chosen.append(cell)
    return "\n\n".join(reversed(chosen))


class KernelRun(LearnerRun):
    """A session of visible checks on the functions in a kernel."""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Suppress pytest's own output, so that only the summary appears."""
        quieten(config)

    def places(self, number: str) -> tuple[str, str]:
        """The summary's words for where the learner writes, and for where the hints are."""
        return YOUR_CELL, f"exercises/{number}/hints.md"


class InKernel(Loopback):
    """A channel to a runner in the kernel's own process.

    Args:
        source: the file with the text of the learner's cell.
        names: the other global names of the kernel.
    """

    def __init__(self, source: Path, names: Mapping[str, object]) -> None:
        self.runner = _KernelRunner(source, names)


class _KernelRunner(Runner):
    """Executes the learner's cell again, in a module that contains the kernel's global names."""

    def __init__(self, source: Path, names: Mapping[str, object]) -> None:
        super().__init__(source)
        self.names = names

    def load(self) -> ModuleType:
        """The learner's module."""
        if self.module is None:
            module = new_module(self.source)
            module.__dict__.update({n: v for n, v in self.names.items() if not n.startswith("__")})
            code = compile(self.source.read_bytes(), str(self.source), "exec", dont_inherit=True)
            sys.modules[MODULE_NAME] = module
            exec(code, module.__dict__)
            self.module = module
        return self.module


def _defined(cell: str) -> set[str]:
    """The functions that a cell defines at its top level; none if it is not valid Python."""
    try:
        body = ast.parse(cell).body
    except (SyntaxError, ValueError):
        return set()
    return {node.name for node in body if isinstance(node, ast.FunctionDef)}
