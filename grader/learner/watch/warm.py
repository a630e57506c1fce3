"""The warm process has imported what checks need, and runs them.

    python -m grader.learner.watch.warm COURSE [--fork]

Orders come on standard input, one line of JSON each:

    {"run": 7, "folder": "exercises/03", "output": "…/7.txt", "color": true}
    {"stop": true}          end the run, if there is one; an order to run does so, too

and it answers on standard output, one line each:

    {"ready": {"forks": true}}
    {"ended": {"run": 7, "code": 0, "how": ""}}     code: pytest's, null when the run broke off

With `--fork` each run is forked from this process, which starts no thread: a fork copies one thread
alone, and locks that others hold would stay locked. Without it this process runs once, and ends.
"""

import gc
import importlib
import io
import json
import os
import select
import signal
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from grader.common.errors import UserError
from grader.course.settings import find_course
from grader.learner.kept_results import fingerprint

WARM: Final = (
    *("torch", "torchvision.transforms.v2", "matplotlib.pyplot", "optuna", "grader.check"),
    *("grader.learner.figures", "grader.learner.pytest_summary", "grader.runner.dispatcher"),
    *("grader.runner.figure_facts", "grader.runner.headless_backend"),
)
# Plugins of pytest that do nothing for these checks, and cost a tenth of the time together.
IDLE: Final = (
    *("cacheprovider", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging"),
    *("pastebin", "setuponly", "setupplan", "stepwise", "threadexception", "unittest"),
)
TASKS: Final = Path("/proc/self/task")  # of Linux: one entry for each thread
RESULT: Final = ".code"


class Front:
    """The way to the process that reads keys and prints."""

    def __init__(self) -> None:
        self.orders = os.dup(0)
        self.answers = os.dup(1)
        self._rest = b""
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(2, 1)  # whatever prints goes where errors go
        os.close(nothing)

    def tell(self, event: str, content: Any) -> None:
        """Send one line."""
        with suppress(BrokenPipeError):
            os.write(self.answers, json.dumps({event: content}).encode() + b"\n")

    def read(self) -> list[dict[str, Any]] | None:
        """The orders that have come, after waiting for some; None when the other side hung up."""
        content = os.read(self.orders, 1 << 16)
        if not content:
            return None
        *lines, self._rest = (self._rest + content).split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """Leave the front to the parent of a forked run."""
        os.close(self.orders)
        os.close(self.answers)


def main() -> None:
    """Warm up, then serve."""
    front = Front()
    warm_up(Path(sys.argv[1]))
    forks = "--fork" in sys.argv and threads() == 1
    front.tell("ready", {"forks": forks})
    if forks:
        ForkServer(front).serve()
    else:
        run_once(front)
    os._exit(0)  # torch takes a while to take leave


def warm_up(root: Path) -> None:
    """Import what checks need, let pytest import what it needs itself, read the kit once."""
    for name in WARM:
        importlib.import_module(name)
    import pytest
    import torch

    torch.set_num_threads(1)
    with suppress(UserError):  # of a broken course.yaml each run tells
        course = find_course(root)
        for number in course.exercises:
            fingerprint(course, number)
    with tempfile.TemporaryDirectory(prefix="grader-") as folder:
        pytest.main(["--collect-only", "-qq", folder])
    sys.stdout.flush()  # or each fork would print it again
    sys.stderr.flush()
    gc.collect()
    gc.freeze()  # or the collector of each fork would touch, and so copy, every page


def threads() -> int:
    """How many threads this process has, as far as the system tells."""
    return len(list(TASKS.iterdir())) if TASKS.is_dir() else threading.active_count()


class ForkServer:
    """Forks a process for each run, one at a time."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.child = 0
        self.handle = -1
        self.order: dict[str, Any] = {}

    def serve(self) -> None:
        """Follow orders until the front hangs up."""
        while True:
            waited = [self.front.orders, *([self.handle] if self.child else [])]
            ready, _, _ = select.select(waited, [], [])
            if self.handle in ready:
                self._end()
            if self.front.orders in ready:
                orders = self.front.read()
                self._kill()
                if orders is None:
                    return
                if "run" in (orders[-1:] or [{}])[0]:
                    self._start(orders[-1])

    def _start(self, order: dict[str, Any]) -> None:
        self.order = order
        self.child = os.fork()
        if self.child == 0:
            os.setpgid(0, 0)
            self.front.close()
            run(order)
        with suppress(OSError):
            os.setpgid(self.child, self.child)  # whoever is first: `_kill` must find the group
        self.handle = os.pidfd_open(self.child)

    def _kill(self) -> None:
        """End the run, and what it may have started."""
        if self.child:
            with suppress(ProcessLookupError):
                os.killpg(self.child, signal.SIGKILL)
            self._end()

    def _end(self) -> None:
        _, status = os.waitpid(self.child, 0)
        os.close(self.handle)
        self.child, self.handle = 0, -1
        self.front.tell("ended", outcome(self.order, os.waitstatus_to_exitcode(status)))


def run_once(front: Front) -> None:
    """Wait for an order, run it in this process, and end."""
    while (orders := front.read()) is not None:
        if orders and "run" in orders[-1]:
            threading.Thread(target=_end_with_front, args=(front,), daemon=True).start()
            run(orders[-1])


def _end_with_front(front: Front) -> None:
    """An endless run must not stay behind when nobody watches any more."""
    while front.read() is not None:
        pass
    os._exit(1)


def run(order: dict[str, Any]) -> None:
    """Run the visible checks of an exercise as `pytest exercises/03` does, and end the process."""
    import pytest

    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    for stream in (sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(encoding="utf-8")
    asked = os.environ.get("PYTEST_ADDOPTS")  # may hold options that those plugins define
    idle = [option for name in IDLE for option in ("-p", f"no:{name}") if not asked]
    color = "yes" if order["color"] else "no"
    code = pytest.main([order["folder"], f"--color={color}", *idle])
    sys.stdout.flush()
    sys.stderr.flush()
    Path(order["output"]).with_suffix(RESULT).write_text(str(int(code)), "utf-8")
    os._exit(0)


def outcome(order: dict[str, Any], exit_code: int) -> dict[str, Any]:
    """How a run ended. The code is none that a file under test can choose by exiting."""
    try:
        code = int(Path(order["output"]).with_suffix(RESULT).read_text("utf-8"))
    except (OSError, ValueError):
        how = f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
        return {"run": order["run"], "code": None, "how": how}
    return {"run": order["run"], "code": code, "how": ""}


if __name__ == "__main__":
    main()
