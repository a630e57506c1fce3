"""The front end's view of the warm process: starts it, gives it orders, ends it."""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from grader.common.child_process import SINGLE_THREAD, python_path
from grader.common.errors import KitError
from grader.learner.watch.events import Ended, Lost, Tell
from grader.learner.watch.warm import outcome

LONGEST_OUTPUT: Final = 1 << 20  # the most bytes of a run's output that are shown
Order = dict[str, Any]


def can_fork(platform: str = sys.platform) -> bool:
    """Whether runs can be forked here.

    Windows has no fork; on macOS the system's own libraries start threads that a fork breaks
    (https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods).
    """
    return platform == "linux" and hasattr(os, "fork") and hasattr(os, "pidfd_open")


class Worker:
    """Runs checks in a warm process, and reports what happens.

    Args:
        tell: called with the events `Ended` and `Lost`.
        course: the course's folder.
        folder: the folder for the output of runs.
        forks: whether runs are forked from one warm process; otherwise each run has its own.

    Attributes:
        running: the number of the run in progress; 0 if there is none.
    """

    def __init__(self, tell: Tell, course: Path, folder: Path, *, forks: bool) -> None:
        self.tell = tell
        self.course = course
        self.folder = folder
        self.forks = forks
        self.running = 0
        self._runs = 0
        self._processes = 0
        self._start()

    def run(self, exercise: Path, *, color: bool) -> None:
        """Start to run the checks in a folder; a run in progress is stopped."""
        self.stop()
        self._runs += 1
        self.running = self._runs
        output = str(self._output(self.running))
        self._process.order(
            {"run": self.running, "folder": str(exercise), "output": output, "color": color}
        )

    def stop(self) -> None:
        """Stop the run in progress, whatever it is doing."""
        if self.running and not self._process.stop():
            self.restart()
        self.running = 0

    @property
    def begun(self) -> int:
        """The number of the run in progress; 0 while it waits for the process to warm up."""
        return self.running if self._process.begun else 0

    def ended(self, event: Ended) -> bool:
        """Whether the run in progress has ended; starts the next process if one is needed."""
        if event.run != self.running:
            return False
        self.running = 0
        if not self._process.forks:
            self.restart()
        return True

    def lost(self, event: Lost) -> bool:
        """Whether the process that was lost is the one in use."""
        return event.process == self._process.number

    def output(self, run: int) -> str:
        """The output of a run, up to `LONGEST_OUTPUT` bytes."""
        try:
            with self._output(run).open("rb") as file:
                return file.read(LONGEST_OUTPUT).decode(errors="replace")
        except OSError:
            return ""

    def restart(self) -> None:
        """End the warm process, and start another one."""
        self.close()
        self._start()

    def close(self) -> None:
        """End the warm process and the run that it may have forked."""
        self._process.close()

    def _output(self, run: int) -> Path:
        return self.folder / f"{run}.txt"

    def _start(self) -> None:
        self._processes += 1
        log = self.folder / f"warm-{self._processes}.log"
        self._process = _WarmProcess(self._processes, self.course, log, self.tell, forks=self.forks)


class _WarmProcess:
    """One warm process. Until it is ready, only the latest order is kept.

    Attributes:
        number: the process's number.
        forks: whether it forks its runs and so can do many; final only when it is ready.
    """

    def __init__(self, number: int, course: Path, log: Path, tell: Tell, *, forks: bool) -> None:
        self.number = number
        self.forks = forks
        self._log = log
        self._tell = tell
        self._ready = False
        self._closed = False
        self._waiting: Order = {}
        self._sent: Order = {}
        self._lock = threading.Lock()  # protects all of these: `_listen` runs in another thread
        self._process = _spawn(course, log, forks=forks)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def begun(self) -> bool:
        """Whether it was sent an order."""
        return bool(self._sent)

    def order(self, order: Order) -> None:
        """Send an order to run, or keep it until the process is ready."""
        with self._lock:
            if self._ready:
                self._send(order)
            else:
                self._waiting = order

    def stop(self) -> bool:
        """Stop the run; False if that requires ending the whole process."""
        with self._lock:
            self._waiting = {}
            if self._sent and self.forks:
                self._send({"stop": True})
            return self.forks or not self._sent

    def close(self) -> None:
        """End the process; a fork server ends itself and its run when its input is closed."""
        with self._lock:
            self._closed = True
            if not (self.forks and self._ready):
                self._process.kill()
            assert self._process.stdin is not None
            with suppress(OSError):
                self._process.stdin.close()
        self._process.wait()

    def _send(self, order: Order) -> None:
        self._sent = order
        assert self._process.stdin is not None
        with suppress(OSError):  # `_listen` reports a process that is gone
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            if "ready" in event:
                self._begin(forks=event["ready"]["forks"])
            else:
                self._tell(Ended(**event["ended"]))
        code = self._process.wait()
        with self._lock:
            if self._sent and not self.forks:
                self._tell(Ended(**outcome(self._sent, code)))
            elif not self._closed:
                self._tell(Lost(self.number, self._ready, _last_line(self._log)))

    def _begin(self, *, forks: bool) -> None:
        with self._lock:
            self.forks = forks
            self._ready = True
            if self._waiting and not self._closed:
                self._send(self._waiting)


@contextmanager
def working(tell: Tell, course: Path, *, forks: bool) -> Iterator[Worker]:
    """A worker with a temporary folder for its output; both are gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True) as folder:
        worker = Worker(tell, course, Path(folder), forks=forks)
        try:
            yield worker
        finally:
            worker.close()


def _spawn(course: Path, log: Path, *, forks: bool) -> "subprocess.Popen[bytes]":
    """Start a warm process that gets no signals from the terminal: the front end handles Ctrl-C."""
    environment = {**os.environ, **SINGLE_THREAD, "PYTHONPATH": python_path()}
    # -P: a learner's `data.py` in the current folder must not shadow a module.
    command = [sys.executable, "-P", "-m", "grader.learner.watch.warm", str(course)]
    command += ["--fork"] if forks else []
    new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # exists only on Windows
    try:
        with log.open("wb") as errors:
            return subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                creationflags=new_group,
            )
    except OSError as error:
        raise KitError(f"{sys.executable} cannot be started: {error.strerror or error}") from None


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
