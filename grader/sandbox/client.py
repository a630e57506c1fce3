"""The judge's side of the sandbox: starts the fork server, and talks to one runner at a time."""

import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import torch

from grader.common.errors import KitError, ServerGone
from grader.common.files import remove_trees
from grader.common.fingerprint import HIDDEN_CHECKS, KIT
from grader.course.scoring import Status
from grader.grading.worker_pool import SINGLE_THREAD
from grader.protocol.channel import RunnerEnded
from grader.sandbox.frames import Stream
from grader.sandbox.layers import Layer, Mode, find_layers, find_mode
from grader.sandbox.lockdown import (
    SCRATCH,
    SCRATCH_PREFIX,
    WHICH_GPU,
    Limits,
    readable_paths,
)
from grader.sandbox.server import READY

WALL_FACTOR: Final = 10
START_SECONDS: Final = 120
LARGEST_REPLY: Final = 256 << 20
# Users that nothing else on a machine has (https://systemd.io/UIDS-GIDS): what runs as one of them
# is a runner's, and can be ended without asking.
RUNNER_USERS: Final = range(60_600, 61_184)
_T = TypeVar("_T")


class Sandbox:
    """A fork server and the runners that it starts, one at a time.

    Use it as a context manager: at its end nothing of it is left.
    """

    def __init__(self, mode: Mode | None = None) -> None:
        self.mode = mode or find_mode()
        if self.mode.user is not None:  # another one than that of a grading at the same time
            self.mode = replace(self.mode, user=secrets.choice(RUNNER_USERS))
        self.layers: list[Layer] = find_layers(self.mode)
        self.scratch = tempfile.TemporaryDirectory(prefix="grader-sandbox-")
        self._start()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server and whatever runs in it."""
        self.control.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._sweep()
        self.scratch.cleanup()

    def run(self, file_name: str, content: bytes, limits: Limits, *, gpu: bool = False) -> "Runner":
        """Start a runner for one submission, with the GPU's devices or without."""
        if self.process.poll() is not None:
            self._restart()
        return Runner(self, file_name, content, limits, gpu=gpu)

    def order(self, order: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
        """Send an order to the server."""
        try:
            socket.send_fds(self.control, [json.dumps(order).encode()], list(descriptors))
        except OSError:
            raise ServerGone("the sandbox's server is gone") from None

    def _places(self) -> dict[str, str]:
        """Where the server keeps caches, and runners without namespaces their scratch folders."""
        if self.mode.namespaces:
            return {"HOME": "/tmp", "TMPDIR": "/tmp"}
        Path(self.scratch.name).chmod(0o711)
        return {"HOME": self.scratch.name, "TMPDIR": self.scratch.name}

    def _sweep(self) -> None:
        """Remove what a runner without namespaces left in its scratch folder."""
        remove_trees(list(Path(self.scratch.name).glob(f"{SCRATCH_PREFIX}*")))

    def ended(self) -> dict[str, Any]:
        """How the latest runner ended; the server is started anew when it does not say."""
        self.control.settimeout(10)
        try:
            message = self.control.recv(1 << 16)
            self._sweep()
            return dict(json.loads(message)["ended"])
        except (OSError, ValueError):
            self._restart()
            return {"code": None, "reason": "lost"}

    def _restart(self) -> None:
        """Start the server anew: it was killed, or does not answer."""
        self.process.kill()
        self.process.wait()
        self.control.close()
        self._sweep()
        self._start()

    def _start(self) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        setup = {
            "namespaces": self.mode.namespaces,
            "user": self.mode.user,
            "landlock": self.mode.landlock,
            "seccomp": self.mode.seccomp,
            "devices": self.mode.devices,
            "readable": [str(path) for path in readable_paths(_roots(), secret_paths())],
        }
        modules = f"{KIT.resolve().parent}\n{_site()}"
        python = [sys.executable, "-I", "-c", _BOOT, modules, str(theirs.fileno())]
        self.process = subprocess.Popen(
            [*_wrapper(self.mode), *python, json.dumps(setup)],
            pass_fds=[theirs.fileno()],
            env={**_environment(), **self._places(), **SINGLE_THREAD},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
        )
        theirs.close()
        self.control.settimeout(START_SECONDS)
        if not self.control.recv(1 << 16):
            _, errors = self.process.communicate()
            last = errors.decode(errors="replace").strip().splitlines()[-1:]
            raise KitError(f"the sandbox does not start: {' '.join(last) or 'no message'}")


class Runner:
    """A channel to one locked-down runner.

    Attributes:
        output: what the submission printed so far, as far as it is kept.
        dropped: how many bytes more it printed.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        file_name: str,
        content: bytes,
        limits: Limits,
        *,
        gpu: bool = False,
    ) -> None:
        self.sandbox = sandbox
        self.limits = limits
        self.output = bytearray()
        self.dropped = 0
        self.keep_output = True
        ours, theirs = socket.socketpair()
        self.pipe, written = os.pipe()
        os.set_blocking(self.pipe, False)
        sandbox.order({"start": asdict(limits), "gpu": gpu}, (theirs.fileno(), written))
        theirs.close()
        os.close(written)
        self.stream = Stream(ours)
        self.ended: RunnerEnded | None = None
        self.budget = limits.cpu_seconds
        self.deadline = time.monotonic() + WALL_FACTOR * self.budget
        greeting = self._guarded(lambda: self.stream.receive(self.deadline, 4096))
        if greeting != READY:
            self.close()
            raise KitError(f"a runner cannot be locked down: {greeting.decode(errors='replace')}")
        self._guarded(lambda: self.stream.send(_named(file_name, content), self.deadline))

    def begin_check(self, *, hidden: bool) -> None:
        """A check begins, with its own budget; once a hidden one began, output is dropped."""
        self._drain()
        self.keep_output = self.keep_output and not hidden
        self.allow(self.limits.cpu_seconds)

    def allow(self, seconds: int) -> None:
        """From now on the check may use so many CPU seconds, and ten times as many on the wall."""
        self.budget = seconds
        self.deadline = time.monotonic() + WALL_FACTOR * seconds
        try:
            self.sandbox.order({"check": seconds})
        except ServerGone:
            raise self._end("gone") from None

    @property
    def printed(self) -> str:
        """What the submission printed since this was last asked, as far as it is kept."""
        self._drain()
        text = self.output.decode(errors="replace")
        if self.dropped:
            kept = self.limits.output_kib
            text += f"\n({self.dropped} bytes more were dropped: {kept} KiB are kept)"
        self.output.clear()
        self.dropped = 0
        return text

    def exchange(self, request: bytes, answer: Callable[[bytes], bytes]) -> bytes:
        """The runner's reply to a request; `RunnerEnded` when there is none."""
        if self.ended is not None:
            raise self.ended
        self._guarded(partial(self.stream.send, request, self.deadline))
        while True:
            frame = self._guarded(self._receive)
            if frame[:1] == b"=":
                return frame[1:]
            self._guarded(partial(self.stream.send, answer(frame[1:]), self.deadline))

    def close(self) -> None:
        """End the runner, and everything that it started."""
        if self.ended is None:
            self._end("order")
        os.close(self.pipe)

    def _receive(self) -> bytes:
        """One frame, while the output is read so that the submission never waits for that."""
        while True:
            left = self.deadline - time.monotonic()
            sources = (self.stream.connection.fileno(), self.pipe)
            ready, _, _ = select.select(sources, [], [], max(left, 0))
            if not ready:
                raise TimeoutError
            if self.pipe in ready and not self._drain():
                break  # it closed its output; the socket alone is left to wait for
            if sources[0] in ready:
                break
        return self.stream.receive(self.deadline, LARGEST_REPLY)

    def _drain(self) -> bool:
        """Read what was printed; False when the output was closed."""
        try:
            while part := os.read(self.pipe, 1 << 16):
                room = self.limits.output_kib * 1024 - len(self.output) if self.keep_output else 0
                self.output += part[: max(room, 0)]
                self.dropped += max(len(part) - max(room, 0), 0)
        except BlockingIOError:
            return True
        return False

    def _guarded(self, step: Callable[[], _T]) -> _T:
        """Do something with the runner; whatever goes wrong ends it, with a verdict."""
        try:
            return step()
        except TimeoutError:
            raise self._end("wall") from None
        except (EOFError, OSError):
            raise self._end("gone") from None
        except ValueError:
            raise self._end("protocol") from None

    def _end(self, reason: str) -> RunnerEnded:
        """Stop the runner and say how it ended."""
        self.stream.connection.close()
        with suppress(ServerGone):
            self.sandbox.order({"stop": True})
        ended = self.sandbox.ended()
        self._drain()
        self.ended = _verdict(reason, ended, replace(self.limits, cpu_seconds=self.budget))
        return self.ended


def _verdict(reason: str, ended: dict[str, Any], limits: Limits) -> RunnerEnded:
    seconds = limits.cpu_seconds
    if ended["reason"] == "cpu":
        return RunnerEnded(
            Status.TIMEOUT,
            f"The code ran longer than the {seconds} CPU seconds that a check may take: "
            "is there a loop that never ends?",
        )
    if ended["reason"] == "files":
        limit = f"{limits.scratch_mib} MiB, {limits.scratch_files} files"
        because = f"The code went over its limit of files ({limit})."
        return RunnerEnded(Status.OUT_OF_SPACE, because)
    if ended["reason"] == "memory":
        because = f"The code went over its limit of memory ({limits.memory_mib} MiB)."
        return RunnerEnded(Status.OUT_OF_MEMORY, because)
    if reason == "wall":
        return RunnerEnded(
            Status.TIMEOUT,
            f"The code did not answer within {WALL_FACTOR * seconds} seconds: does it wait for "
            "something?",
            doubtful=True,
        )
    if reason == "protocol":
        return RunnerEnded(Status.CRASHED, "The code broke the connection to the checks.")
    because = "The code ended the whole process: an exit, a signal or a crash."
    # A system short of memory kills so, too, and it may have been the server that it killed.
    killed = ended["reason"] == "lost" or ended["code"] == -signal.SIGKILL
    return RunnerEnded(Status.CRASHED, because, doubtful=killed)


def _named(file_name: str, content: bytes) -> bytes:
    return file_name.encode() + b"\n" + content


# Isolated from the environment and the current folder: it looks for modules where this process
# found the kit and torch.
_BOOT: Final = (
    "import sys; sys.path[:0] = sys.argv.pop(1).split(chr(10)); "
    "from grader.sandbox.server import main; main()"
)


def secret_paths() -> list[Path]:
    """What no submission may read, wherever the kit is installed: solutions may lie beside it."""
    return [HIDDEN_CHECKS.resolve(), KIT.resolve().parent / "solutions"]


def _site() -> Path:
    """The folder of the packages that the kit uses."""
    return Path(torch.__file__).resolve().parent.parent


def _roots() -> list[Path]:
    """What Python, its libraries and the runner's own code need."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    places = [Path(prefix).resolve() for prefix in prefixes]
    places += [_site(), KIT.resolve()]
    system = [
        Path(name) for name in ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache")
    ]
    return sorted({*places, *system})


def _environment() -> dict[str, str]:
    """What the server knows of the machine: the name of a user for torch 2.11, which asks for one
    where none has an entry in `/etc/passwd`, and of a GPU where its driver's libraries are and
    which one is meant.
    """
    kept = {n: os.environ[n] for n in ("LD_LIBRARY_PATH", *WHICH_GPU) if n in os.environ}
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "USER": "grader", **kept}


def _wrapper(mode: Mode) -> list[str]:
    """The bubblewrap command line around the server (https://github.com/containers/bubblewrap)."""
    if not mode.namespaces:
        return []
    program = shutil.which("bwrap") or "bwrap"
    if mode.user is None:
        rights = ["--unshare-all", "--uid", "0", "--gid", "0"]
        rights += ["--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP"]
    else:
        rights = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    options = [*rights, "--die-with-parent", "--new-session", "--proc", "/proc", "--dev", "/dev"]
    options += ["--perms", "1777", "--tmpfs", "/tmp", "--perms", "0755", "--dir", SCRATCH]
    for device in mode.devices:
        options += ["--dev-bind", device, device]
    if mode.devices:
        options += ["--ro-bind", "/sys", "/sys"]
    for path in _roots():
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            for parent in reversed(path.parents[:-1]):
                options += ["--perms", "0755", "--dir", str(parent)]
            options += ["--ro-bind", str(path), str(path)]
    for path in secret_paths():
        if any(path.is_relative_to(root) for root in _roots()):
            options += ["--tmpfs", str(path)]
    return [program, *options]
