"""How a notebook's text is executed: cell by cell, as Jupyter would.

A cell that fails does not keep the next ones from running, and one that computes for long is
interrupted: learners leave their experiments between the answers. What a cell defined before it
failed stands.
"""

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Final

from grader.protocol.cell_text import split_cells

ALL_CELLS: Final = 4.0  # CPU seconds; answers define functions, which takes none
ONE_CELL: Final = 0.5  # CPU seconds that a cell has even when others used up the rest


class Cells:
    """The cells of a notebook that were executed.

    Args:
        content: the notebook's text.
        file_name: what tracebacks call it.
        module: where its names go.
    """

    def __init__(self, content: bytes, file_name: str, module: ModuleType) -> None:
        self.failed: list[tuple[bytes, Exception]] = []
        module.__dict__["display"] = _nowhere  # Jupyter's own
        left = ALL_CELLS
        for line, code in split_cells(content):
            # As text: a coding line in it is about the file that it came from.
            whole = "\n" * (line - 1) + code.decode("utf-8", errors="replace")
            timer = _Timer()
            try:
                with timer.interrupts_after(max(left, ONE_CELL)):
                    exec(compile(whole, file_name, "exec", dont_inherit=True), module.__dict__)
            except Exception as error:
                self.failed.append((code, error))
            left -= timer.used

    def error_of(self, function: str) -> Exception | None:
        """Why a function is not there: the error of the cell that would define it, or the first."""
        definition = re.compile(rb"\bdef\s+" + re.escape(function.encode()) + rb"\b")
        own = [error for code, error in self.failed if definition.search(code)]
        return next(iter([*own, *(error for _, error in self.failed)]), None)


class CellTooLong(Exception):
    """A cell used up its time."""


class _Timer:
    """Interrupts what computes for too long, where the system has timers for that.

    Attributes:
        used: how many CPU seconds the block took.
    """

    def __init__(self) -> None:
        self.used = 0.0
        self.running = False

    @contextmanager
    def interrupts_after(self, seconds: float) -> Iterator[None]:
        """Raise `CellTooLong` in the block once it has used that many CPU seconds."""
        main = threading.current_thread() is threading.main_thread()
        if not main or not hasattr(signal, "setitimer"):
            yield
            return
        before = signal.signal(signal.SIGPROF, self._interrupt)
        self.running = True
        # Again and again: the cell may catch the first one.
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
            raise CellTooLong("the cell computes for longer than one may while it is graded")


def _nowhere(*_: Any, **__: Any) -> None:
    """Show nothing: nobody looks."""
