"""The fork server: imports torch once, then forks one locked-down runner per submission.

It never reads a submission. It receives orders from the judge over a socket, one JSON object each:

    {"start": {...limits...}, "gpu": false}
                                with two file descriptors: the runner's socket and its output
    {"check": 20}               a new check begins, with this budget of CPU seconds
    {"stop": true}              the submission is done, or its time is up

It answers `{"ready": ...}` once, and `{"ended": {...}}` for every runner.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from grader.sandbox.frames import Stream
    from grader.sandbox.lockdown import RunnerLimits

POLL_SECONDS: Final = 0.05
LARGEST_ORDER: Final = 1 << 16
READY: Final = b"+"
# Modules that submissions and runners import, imported once for all of them.
WARM: Final = (
    *("matplotlib.pyplot", "optuna", "resource", "torchvision.transforms.v2"),
    *("grader.jupyter", "grader.learner.figures", "grader.materials.garments"),
    *("grader.runner.dispatcher", "grader.runner.figure_facts"),
    *("grader.sandbox.frames", "grader.sandbox.lockdown"),
)
# Where torch and other libraries get a random seed from.
RANDOM_SOURCES: Final = ("/dev/urandom", "/dev/random")
OWN_THREADS: Final = "/proc/self/task"


@dataclass(frozen=True)
class Setup:
    """How runners are locked down on this system, as determined by the judge.

    Attributes:
        namespaces: whether each runner gets namespaces of its own.
        user: the user id that runners change to (None: they keep the server's).
        landlock: whether Landlock restricts access to files.
        seccomp: whether system calls are filtered.
        readable: the paths that runners may read.
        devices: the devices that runners with a GPU may use in addition.
    """

    namespaces: bool
    user: int | None
    landlock: bool
    seccomp: bool
    readable: tuple[str, ...]
    devices: tuple[str, ...]


class Server:
    """Forks runners, watches their CPU time, and ends them."""

    def __init__(self, control: socket.socket, setup: Setup) -> None:
        from grader.sandbox import kernel

        self.control = control
        self.setup = setup
        self.memory = _memory()
        self.pids = os.open("/proc/self/ns/pid", os.O_RDONLY) if setup.namespaces else -1
        if setup.user is None:
            kernel.hide_memory()

    def serve(self) -> None:
        """Run one submission after the other until the judge closes the connection."""
        while True:
            order, descriptors = self._order()
            if order is None:
                return
            if "start" in order and len(descriptors) == 2:
                self._run(order["start"], descriptors, order["gpu"])

    def _order(self) -> tuple[dict[str, Any] | None, list[int]]:
        message, descriptors, _, _ = socket.recv_fds(self.control, LARGEST_ORDER, 2)
        return (json.loads(message) if message else None), list(descriptors)

    def _run(self, limits: dict[str, int], descriptors: list[int], gpu: bool) -> None:
        from grader.sandbox import kernel

        # CUDA looks up its own process in /proc, which shows the server's PID namespace, so the
        # runner must be in it. It still leaves no process behind: seccomp lets it start none.
        if self.setup.namespaces and not (gpu and self.setup.seccomp):
            kernel.unshare(kernel.NEW_PIDS)
        child = os.fork()
        if child == 0:
            # A GPU's driver needs a huge address space, so memory use is monitored instead.
            memory = None if gpu else self.memory
            _become_runner(self.setup, limits, descriptors, memory)
        if self.setup.namespaces:
            kernel.join_pids(self.pids)
        for descriptor in descriptors:
            os.close(descriptor)
        reason = self._watch(child, limits, gpu)
        _, status, usage = os.wait4(child, 0)
        if not self.setup.namespaces:
            _sweep(self.setup.user)
        ended = {
            "code": os.waitstatus_to_exitcode(status),
            "reason": reason,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
        }
        self.control.send(json.dumps({"ended": ended}).encode())

    def _watch(self, child: int, limits: dict[str, int], gpu: bool) -> str:
        """Wait until the runner ends, and kill it when it exceeds a limit or on order.

        Returns:
            The reason: "itself", "order", "cpu", "memory" or "files".
        """
        from grader.sandbox import lockdown

        poll = select.poll()
        handle = os.pidfd_open(child)
        poll.register(handle, select.POLLIN)
        poll.register(self.control, select.POLLIN | select.POLLHUP)
        deadline = limits["cpu_seconds"]
        most = _resident(child) + (limits["memory_mib"] << 20)
        reason = ""
        while not reason:
            ready = dict(poll.poll(POLL_SECONDS * 1000))
            if handle in ready:
                reason = "itself"
            elif self.control.fileno() in ready:
                order, _ = self._order()
                if order is not None and "check" in order:
                    deadline = int(_cpu_seconds(child)) + 1 + order["check"]
                else:
                    reason = "order"
            elif _cpu_seconds(child) > deadline:
                reason = "cpu"
            elif gpu and _resident(child) > most:
                reason = "memory"
            elif not self.setup.namespaces and lockdown.too_many_files(child, limits):
                reason = "files"
        signal.pidfd_send_signal(handle, signal.SIGKILL) if reason != "itself" else None
        os.close(handle)
        return reason


def _become_runner(
    setup: Setup, limits: dict[str, int], descriptors: list[int], memory: int | None
) -> None:
    """In the forked child: lock down, report to the judge, serve its requests. Never returns."""
    from grader.sandbox import lockdown
    from grader.sandbox.frames import Stream

    try:
        lockdown.take_descriptors(*descriptors)
        stream = Stream(socket.socket(fileno=lockdown.SOCKET))
        try:
            _lock_down(setup, lockdown.RunnerLimits(**limits), memory)
        except BaseException as error:
            stream.send(f"!{type(error).__name__}: {error}".encode())
            raise
        _serve_judge(stream)
    finally:
        os._exit(0)


def _lock_down(setup: Setup, limits: "RunnerLimits", memory: int | None) -> None:
    """Apply every layer of `setup`.

    `memory` is the size of the address space so far, in bytes, or None for a runner with a GPU.
    """
    from grader.sandbox import kernel, lockdown

    gpu = memory is None
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    kernel.die_with_parent()
    os.setsid()
    with suppress(OSError):  # when memory runs out, the kernel kills the runner first
        Path("/proc/self/oom_score_adj").write_text("1000")
    scratch = lockdown.SCRATCH
    if setup.namespaces:
        lockdown.enter_namespaces(limits)
    else:
        scratch = lockdown.own_folder(setup.user)
    if setup.user is not None:
        lockdown.become(setup.user)
    others = 0 if setup.namespaces or setup.user is not None else lockdown.count_threads()
    lockdown.limit_resources(limits, memory, others)
    kernel.drop_capabilities()
    kernel.no_new_privileges()
    lockdown.clean_surroundings(scratch)
    if not setup.namespaces:
        kernel.show_files()
    if setup.landlock:
        writable, readable = [scratch, os.devnull], [*setup.readable, *RANDOM_SOURCES]
        if gpu:
            # CUDA writes its threads' names there. The descriptor stays open because the Landlock
            # rule refers to this very entry of /proc.
            os.open(OWN_THREADS, os.O_PATH)
            writable += [*setup.devices, OWN_THREADS]
            readable += ["/proc", "/sys"]
        kernel.restrict_files(map(Path, readable), map(Path, writable))
    if setup.seccomp:
        lockdown.filter_calls(gpu=gpu)


def _serve_judge(stream: "Stream") -> None:
    """Receive the submission, which the judge sends first, and answer requests about it."""
    from grader.runner.dispatcher import Runner

    stream.send(READY)
    name, _, content = stream.receive().partition(b"\n")
    source = Path(name.decode())
    source.write_bytes(content)
    runner = Runner(source)

    def ask(question: bytes) -> bytes:
        stream.send(b"?" + question)
        return stream.receive()

    while True:
        stream.send(b"=" + runner.serve(stream.receive(), ask))


def _sweep(user: int | None) -> None:
    """Without namespaces: kill every process of the runners' user."""
    if user is None:
        return
    sweeper = os.fork()
    if sweeper == 0:
        os.setresuid(user, user, user)
        try:
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(sweeper, 0)


def _cpu_seconds(process: int) -> float:
    """The CPU time of a process so far, from its clock (see clock_getcpuclockid(3))."""
    try:
        return time.clock_gettime((~process << 3) | 2)
    except OSError:
        return 0.0


def _resident(process: int) -> int:
    """The resident memory of a process, in bytes; 0 when it has ended."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _memory() -> int:
    """The size of this process's address space, in bytes."""
    pages = Path("/proc/self/statm").read_text().split()[0]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _warm_up() -> None:
    """Import the modules that submissions import, without operations that would start threads."""
    import matplotlib as mpl

    mpl.use("Agg")
    import torch

    for name in WARM:
        importlib.import_module(name)

    torch.backends.cpu.get_cpu_capability()  # reads /proc, which runners cannot, and is cached


def main() -> None:
    """Serve as in `python -m grader.sandbox.server DESCRIPTOR SETUP`."""
    control = socket.socket(fileno=int(sys.argv[1]))
    content = json.loads(sys.argv[2])
    _warm_up()
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        raise SystemExit(f"the server has {threads} threads, and a fork needs exactly one")
    lists = {name: tuple(content[name]) for name in ("readable", "devices")}
    server = Server(control, Setup(**{**content, **lists}))
    gc.collect()
    gc.freeze()
    control.send(json.dumps({"ready": True}).encode())
    server.serve()


if __name__ == "__main__":
    main()
