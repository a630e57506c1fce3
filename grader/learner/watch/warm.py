"""The warm process: imports everything that checks need, then runs checks on request.

    python -m grader.learner.watch.warm COURSE [--fork]

It reads orders from standard input, one line of JSON each:

    {"run": 7, "folder": "exercises/03", "output": "…/7.txt", "color": true}
    {"stop": true}          stop the run in progress, if any; a new run does that, too

It answers on standard output, one line of JSON each:

    {"ready": {"forks": true}}
    {"ended": {"run": 7, "code": 0, "how": ""}}     code: pytest's; null if the run was cut short

With `--fork`, each run is forked from this process. This process must not have other threads then:
a fork copies only one thread, and locks that others hold would stay locked forever. Without
`--fork`, this process runs the checks once and ends.
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
# Plugins of pytest that these checks do not need; together they take a tenth of the time.
IDLE: Final = (
    *("cacheprovider", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging"),
    *("pastebin", "setuponly", "setupplan", "stepwise", "threadexception", "unittest"),
)
TASKS: Final = Path("/proc/self/task")  # on Linux: one entry for each thread
RESULT: Final = ".code"


class Front:
    """The connection to the front end, which is the process that reads keys and prints."""

    def __init__(self) -> None:
        self.orders = os.dup(0)
        self.answers = os.dup(1)
        self._rest = b""
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(2, 1)  # whatever is printed goes to standard error
        os.close(nothing)

    def tell(self, event: str, content: Any) -> None:
        """Send one line."""
        with suppress(BrokenPipeError):
            os.write(self.answers, json.dumps({event: content}).encode() + b"\n")

    def read(self) -> list[dict[str, Any]] | None:
        """Wait for orders, and return them; None if the front end closed the connection."""
        content = os.read(self.orders, 1 << 16)
        if not content:
            return None
        *lines, self._rest = (self._rest + content).split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """Close the connection in a forked child; the parent keeps it."""
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
    os._exit(0)  # an ordinary exit takes a while with torch


def warm_up(root: Path) -> None:
    """Import what checks and pytest need, and compute the fingerprints once."""
    for name in WARM:
        importlib.import_module(name)
    import pytest
    import torch

    torch.set_num_threads(1)
    with suppress(UserError):  # each run reports a broken course.yaml
        course = find_course(root)
        for number in course.exercises:
            fingerprint(course, number)
    with tempfile.TemporaryDirectory(prefix="grader-") as folder:
        pytest.main(["--collect-only", "-qq", folder])
    sys.stdout.flush()  # otherwise each fork would print it again
    sys.stderr.flush()
    gc.collect()
    gc.freeze()  # otherwise each fork's garbage collector would touch, and so copy, every page


def threads() -> int:
    """How many threads this process has, as far as that can be found out."""
    return len(list(TASKS.iterdir())) if TASKS.is_dir() else threading.active_count()


class ForkServer:
    """Forks a process for each run, one at a time."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.child = 0
        self.handle = -1
        self.order: dict[str, Any] = {}

    def serve(self) -> None:
        """Follow orders until the front end closes the connection."""
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
            os.setpgid(
                self.child, self.child
            )  # set by parent and child, so that `_kill` always finds the group
        self.handle = os.pidfd_open(self.child)

    def _kill(self) -> None:
        """Kill the run and all processes of its group."""
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
    """End the process when the front end is gone, even in the middle of an endless run."""
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
    asked = os.environ.get("PYTEST_ADDOPTS")  # may contain options that those plugins define
    idle = [option for name in IDLE for option in ("-p", f"no:{name}") if not asked]
    color = "yes" if order["color"] else "no"
    code = pytest.main([order["folder"], f"--color={color}", *idle])
    sys.stdout.flush()
    sys.stderr.flush()
    Path(order["output"]).with_suffix(RESULT).write_text(str(int(code)), "utf-8")
    os._exit(0)


def outcome(order: dict[str, Any], exit_code: int) -> dict[str, Any]:
    """How a run ended, from the file that `run` writes: the code under test cannot fake it."""
    try:
        code = int(Path(order["output"]).with_suffix(RESULT).read_text("utf-8"))
    except (OSError, ValueError):
        how = f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
        return {"run": order["run"], "code": None, "how": how}
    return {"run": order["run"], "code": code, "how": ""}


if __name__ == "__main__":
    main()
