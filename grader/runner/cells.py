"""Executes a notebook's text cell by cell, as Jupyter would.

Learners leave experiments between their answers. So a cell that fails does not keep later cells
from running, a cell that takes too long is interrupted, and whatever a cell defined before it
failed is kept.
"""

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

from grader.protocol.cell_text import split_cells

ALL_CELLS: Final = 4.0  # CPU seconds; answers only define functions, which takes almost no time
ONE_CELL: Final = 0.5  # CPU seconds for a cell even when earlier cells have used up `ALL_CELLS`


class Cells:
    """The executed cells of a notebook.

    Args:
        content: the notebook's text.
        file_name: the file's name in tracebacks.
        module: the module that the cells' names are defined in.
    """

    def __init__(self, content: bytes, file_name: str, module: ModuleType) -> None:
        self.failed: list[tuple[bytes, Exception]] = []
        module.__dict__["display"] = _nowhere  # a built-in function in Jupyter
        left = ALL_CELLS
        for line, code in split_cells(content):
            # As text, so that a PEP 263 encoding line in a cell has no effect.
            whole = "\n" * (line - 1) + code.decode("utf-8", errors="replace")
            timer = _Timer()
            try:
                with timer.interrupts_after(max(left, ONE_CELL)):
                    exec(compile(whole, file_name, "exec", dont_inherit=True), module.__dict__)
            except Exception as error:
                self.failed.append((code, error))
            left -= timer.used

    def error_of(self, function: str) -> Exception | None:
        """The error of the cell that should define a function, else the first cell's error."""
        definition = re.compile(rb"\bdef\s+" + re.escape(function.encode()) + rb"\b")
        own = [error for code, error in self.failed if definition.search(code)]
        return next(iter([*own, *(error for _, error in self.failed)]), None)


class CellTooLong(Exception):
    """A cell takes too long."""


class _Timer:
    """Interrupts code that takes too long, where the system has CPU timers.

    Attributes:
        used: the CPU seconds that the block took.
    """

    def __init__(self) -> None:
        self.used = 0.0
        self.running = False

    @contextmanager
    def interrupts_after(self, seconds: float) -> Iterator[None]:
        """Raise `CellTooLong` in the block once it has used this many CPU seconds."""
        main = threading.current_thread() is threading.main_thread()
        if not main or not hasattr(signal, "setitimer"):
            yield
            return
        before = signal.signal(signal.SIGPROF, self._interrupt)
        self.running = True
        # The timer repeats, because the cell may catch the first exception.
        signal.setitimer(signal.ITIMER_PROF, seconds, ONE_CELL)
        try:
            yield
        finally:
            self.running = False
            left, _ = signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before or signal.SIG_DFL)
            self.used = max(seconds - left, 0.0)

    def _interrupt(self, *_: object) -> None:
        if self.running:
            raise CellTooLong("the cell takes longer than a cell may during grading")


def _nowhere(*_: Any, **__: Any) -> None:
    """Ignore what a cell wants to display."""
