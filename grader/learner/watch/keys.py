"""Reads single key presses, without Enter, if standard input is a terminal.

A POSIX terminal is switched to cbreak mode (https://docs.python.org/3/library/tty.html) and always
restored at the end; on Windows, `msvcrt` reads the keys.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from grader.learner.watch.events import Key, Tell

INTERRUPT: Final = "\x03"  # Ctrl-C, if the terminal does not turn it into a signal
ESCAPE: Final = b"\x1b"
SPECIAL: Final = ("\x00", "\xe0")  # Windows: a function key; its code is the next character


@contextmanager
def reading_keys(tell: Tell) -> Iterator[bool]:
    """Report every key press until the block ends; yields whether there is a keyboard."""
    if not sys.stdin or not sys.stdin.isatty():
        yield False
        return
    try:
        import termios
    except ImportError:
        yield _read_windows(tell)
        return
    with _cbreak(termios) as ours:
        if ours:
            threading.Thread(target=_read_posix, args=(tell,), daemon=True).start()
        yield ours


@contextmanager
def _cbreak(termios: Any) -> Iterator[bool]:
    """Turn off echo and waiting for Enter; yields False for a background job."""
    import tty

    terminal = sys.stdin.fileno()
    if os.tcgetpgrp(terminal) != os.getpgrp():
        yield False  # changing the terminal would stop a background job
        return
    before = termios.tcgetattr(terminal)

    def again(number: int, frame: FrameType | None) -> None:
        """Set cbreak mode again after Ctrl-Z and `fg`: the shell has reset the terminal."""
        if os.tcgetpgrp(terminal) == os.getpgrp():
            tty.setcbreak(terminal)

    earlier = signal.signal(signal.SIGCONT, again)
    try:
        tty.setcbreak(terminal)
        yield True
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        signal.signal(signal.SIGCONT, earlier)


def _read_posix(tell: Tell) -> None:
    terminal = sys.stdin.fileno()
    while True:
        try:
            pressed = os.read(terminal, 64)
        except OSError:  # the terminal was closed
            return
        if not pressed:
            return
        if not pressed.startswith(
            ESCAPE
        ):  # ignore arrow keys and the like, which send several characters
            for character in pressed.decode(errors="ignore"):
                tell(Key(character))


def _read_windows(tell: Tell) -> bool:
    try:
        import msvcrt
    except ImportError:
        return False

    def read() -> None:
        while True:
            character: str = msvcrt.getwch()  # type: ignore[attr-defined, unused-ignore]
            if character in SPECIAL:
                msvcrt.getwch()  # type: ignore[attr-defined, unused-ignore]
            else:
                tell(Key(character))

    threading.Thread(target=read, daemon=True).start()
    return True
