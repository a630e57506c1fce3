"""Child processes: Python modules that run on their own and answer in lines of JSON.

A process of its own may crash, never end, or bring along what its parent does without. The child's
side is `answering`, the parent's side is `Child`.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from grader.common.fingerprint import KIT

# Threads that wait for one another by spinning would take the neighbours' cores.
SINGLE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)


class Child:
    """A module as a child process. Use it as a context manager: at its end the child is gone.

    Args:
        module: such as "grader.learner.rerun_worker".
        *arguments: of its command line.
        folder: its current folder; nothing in there can be imported by chance.
        order: sent as one line of JSON to its standard input.
    """

    def __init__(self, module: str, *arguments: str, folder: Path, order: Any = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": python_path()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        assert self._process.stdin is not None
        with self._process.stdin as stream:
            stream.write(json.dumps(order).encode() + b"\n")

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def receive(self, seconds: float) -> Any:
        """The content of the child's next line.

        Raises:
            TimeoutError: when none comes within so many seconds.
            EOFError: when the child has ended.
        """
        try:
            line = self._lines.get(timeout=max(seconds, 0.0))
        except Empty:
            raise TimeoutError from None
        if not line.endswith(b"\n"):  # the end, perhaps in the middle of a line
            raise EOFError
        return json.loads(line)

    def exit_code(self) -> int:
        """How the child ended, as `subprocess` tells it; waits for that."""
        return self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                self._lines.put(line)
        self._lines.put(b"")


@contextmanager
def answering() -> Iterator[Callable[[Any], None]]:
    """In a child: gives a function that sends one line of JSON; nothing else reaches the parent."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)

        def answer(content: Any) -> None:
            print(json.dumps(content), file=answers, flush=True)

        yield answer


def python_path() -> str:
    """The environment variable PYTHONPATH with which a child finds this very kit."""
    return os.pathsep.join(filter(None, (str(KIT.parent), os.environ.get("PYTHONPATH"))))
