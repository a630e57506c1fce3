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

PROMPT = "q quit"  # ends the list of keys, which ends each summary
PATIENCE = 120  # seconds: only a broken program takes so long
SOLVED = solution("03").text
MISTAKEN = SOLVED + "\n\ndef find_head(model):\n    return 'fc'\n"


def learners_folder(folder: Path) -> Path:
    """What a learner has besides the installed kit."""
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
            # Where the tests run in the background, Ctrl-C is ignored, and that is inherited.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def save(self, text: str) -> None:
        """Write the learner's file as an editor does that writes in place."""
        self.file.write_text(text, "utf-8")

    def replace(self, text: str) -> None:
        """Write it as an editor does that writes beside it and renames."""
        draft = self.file.with_name("head.py.swp")
        draft.write_text(text, "utf-8")
        draft.replace(self.file)

    def press(self, key: str) -> None:
        """Press a key."""
        self.process.send(key)

    def sees(self, *texts: str) -> str:
        """Wait for texts, in this order; gives all that was shown until then."""
        return "".join(self._sees(text) for text in texts)

    def _sees(self, text: str) -> str:
        self.process.expect_exact(text)
        return str(self.process.before) + str(self.process.after)

    def ends(self) -> tuple[int, str]:
        """Wait for the end; gives the exit code and what was shown until then.

        The terminal must be as it was before.
        """
        self.process.expect(pexpect.EOF)
        shown = str(self.process.before)
        assert not self.is_raw()
        self.process.close()
        code = self.process.exitstatus
        return (code if code is not None else -int(self.process.signalstatus or 0)), shown

    def is_raw(self) -> bool:
        """Whether the terminal gives keys without Enter, and does not echo them."""
        flags = termios.tcgetattr(self.process.child_fd)[3]
        return not flags & (termios.ICANON | termios.ECHO)


@contextmanager
def watching(
    folder: Path, *arguments: str, prelude: str = "", **environment: str
) -> Iterator[Terminal]:
    """`grader watch` in a terminal; `prelude` is Python that runs in its process before it."""
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
