"""A learner's folder, and a terminal in which `grader watch` runs there."""

import os
import shutil
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect

from tests.support.corpus import ROOT, solution

PROMPT = "q quit"  # the end of the list of keys, which follows each summary
PATIENCE = 120  # seconds; only a broken program takes so long
SOLVED = solution("03").text
MISTAKEN = SOLVED + "\n\ndef find_head(model):\n    return 'fc'\n"


def learners_folder(folder: Path) -> Path:
    """Make a folder with what a learner has besides the installed kit."""
    shutil.copytree(
        ROOT / "exercises", folder / "exercises", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("course.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


class Terminal:
    """A terminal of 80 columns in which a command runs."""

    def __init__(self, folder: Path, command: list[str], environment: dict[str, str]) -> None:
        self.folder = folder
        self.file = folder / "exercises" / "03" / "head.py"
        self.process = pexpect.spawn(
            *(command[0], command[1:]),
            cwd=str(folder),
            env={**os.environ, "PYTHONPATH": "", **environment},
            encoding=environment.get("PYTHONIOENCODING", "utf-8"),
            timeout=PATIENCE,
            dimensions=(50, 80),
            # If the tests run in the background, they ignore Ctrl-C, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def save(self, text: str) -> None:
        """Write the learner's file like an editor that saves in place."""
        self.file.write_text(text, "utf-8")

    def replace(self, text: str) -> None:
        """Write the file like an editor that writes a new file and renames it."""
        draft = self.file.with_name("head.py.swp")
        draft.write_text(text, "utf-8")
        draft.replace(self.file)

    def press(self, key: str) -> None:
        """Press a key."""
        self.process.send(key)

    def sees(self, *texts: str) -> str:
        """Wait for texts, in this order; returns everything that was shown until then."""
        return "".join(self._sees(text) for text in texts)

    def _sees(self, text: str) -> str:
        self.process.expect_exact(text)
        return str(self.process.before) + str(self.process.after)

    def ends(self) -> tuple[int, str]:
        """Wait for the end; returns the exit code and what was shown until then.

        Also asserts that the terminal is no longer in raw mode.
        """
        self.process.expect(pexpect.EOF)
        shown = str(self.process.before)
        assert not self.is_raw()
        self.process.close()
        code = self.process.exitstatus
        return (code if code is not None else -int(self.process.signalstatus or 0)), shown

    def is_raw(self) -> bool:
        """Whether the terminal delivers keys without Enter, and does not echo them."""
        flags = termios.tcgetattr(self.process.child_fd)[3]
        return not flags & (termios.ICANON | termios.ECHO)


@contextmanager
def watching(
    folder: Path, *arguments: str, prelude: str = "", **environment: str
) -> Iterator[Terminal]:
    """Run `grader watch` in a terminal; `prelude` is Python code that runs first in its process."""
    command = [sys.executable, "-m", "grader", "watch", *arguments]
    if prelude:
        start = (
            f"{prelude}\nimport sys\nsys.argv[0] = 'grader'\nfrom grader.cli import main\nmain()"
        )
        command = [sys.executable, "-c", start, "watch", *arguments]
    terminal = Terminal(folder, command, environment)
    try:
        yield terminal
    finally:
        terminal.process.close(force=True)
