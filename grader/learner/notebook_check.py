"""Runs the visible checks on what is in a notebook's kernel (see `grader.jupyter`)."""

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
RUN_YOURS: Final = "None of your functions is there yet. Run your cell first, then this one."


def check_kernel(number: str, names: Mapping[str, Any]) -> None:
    """Run the visible checks of an exercise on the functions of a kernel.

    Args:
        number: of the exercise.
        names: everything that the kernel knows.
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
    """The text of the executed cells that define functions, each function where it is newest.

    Args:
        cells: all executed cells, in order.
        tasks: the functions' names.

    Returns:
        The text of those cells in the order in which they were run; mostly it is one cell. Empty
        when there is none.
    """
    missing, chosen = set(tasks), []
    for cell in reversed(cells):
        defined = missing & _defined(cell)
        if defined:
            missing -= defined
            chosen.append(cell)
    return "\n\n".join(reversed(chosen))


class KernelRun(LearnerRun):
    """The session of visible checks on what is in a kernel."""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Let the summary stand alone."""
        quieten(config)

    def places(self, number: str) -> tuple[str, str]:
        """What the summary says of where to write and of where the hints are."""
        return YOUR_CELL, f"exercises/{number}/hints.md"


class InKernel(Loopback):
    """The learner's side in a kernel.

    Args:
        source: the text of the learner's cell.
        names: what else the kernel knows.
    """

    def __init__(self, source: Path, names: Mapping[str, object]) -> None:
        self.runner = _KernelRunner(source, names)


class _KernelRunner(Runner):
    """Executes the learner's cell once more, in a module that knows the kernel's names."""

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
    """The functions that a cell defines at its top level; none when Python cannot read it."""
    try:
        body = ast.parse(cell).body
    except (SyntaxError, ValueError):
        return set()
    return {node.name for node in body if isinstance(node, ast.FunctionDef)}
