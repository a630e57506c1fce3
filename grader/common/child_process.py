"""Child processes: Python modules that run in a process of their own and answer in lines of JSON.

A child may crash, hang, or import libraries that its parent does not need. The child uses
`answering`, the parent uses `Child`.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from grader.common.fingerprint import KIT

# Numerical libraries wait for their threads in busy loops, which would take cores from neighbouring
# processes.
SINGLE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)


class Child:
    """A module that runs as a child process. As a context manager, it kills the child on exit.

    Args:
        module: the module's name, such as "grader.learner.rerun_worker".
        *arguments: the arguments on its command line.
        folder: the child's working directory; nothing in it can be imported by accident.
        order: the value that is sent to its standard input as one line of JSON.
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
        with suppress(BrokenPipeError), self._process.stdin as stream:  # it may have ended already
            stream.write(json.dumps(order).encode() + b"\n")

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def receive(self, seconds: float) -> Any:
        """Return the decoded content of the child's next line.

        Args:
            seconds: how long to wait for that line.

        Raises:
            TimeoutError: when no line arrives in that time.
            EOFError: when the child has ended.
        """
        try:
            line = self._lines.get(timeout=max(seconds, 0.0))
        except Empty:
            raise TimeoutError from None
        if not line.endswith(b"\n"):  # the child ended, perhaps in the middle of a line
            raise EOFError
        return json.loads(line)

    def exit_code(self) -> int:
        """Wait for the child to end and return its exit code, as `subprocess` defines it."""
        return self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                self._lines.put(line)
        self._lines.put(b"")


@contextmanager
def answering() -> Iterator[Callable[[Any], None]]:
    """In a child: yield a function that sends one line of JSON; all other output is discarded."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)

        def answer(content: Any) -> None:
            print(json.dumps(content), file=answers, flush=True)

        yield answer


def python_path() -> str:
    """The value of PYTHONPATH with which a child process imports this copy of the kit."""
    return os.pathsep.join(filter(None, (str(KIT.parent), os.environ.get("PYTHONPATH"))))
