"""The judge's channel to one locked-down runner, and the verdict when that runner ends."""

import os
import select
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from grader.common.errors import KitError, ServerGone
from grader.course.scoring import Status
from grader.course.settings import WALL_FACTOR
from grader.protocol.channel import RunnerEnded
from grader.sandbox.frames import Stream
from grader.sandbox.lockdown import RunnerLimits
from grader.sandbox.server import READY

if TYPE_CHECKING:
    from grader.sandbox.fork_server import Sandbox

LARGEST_REPLY: Final = 256 << 20
_T = TypeVar("_T")


class RunnerChannel:
    """A channel to one locked-down runner.

    Attributes:
        output: what the submission has printed since `printed` was last read, as far as it is kept.
        dropped: the number of further bytes that it printed.
    """

    def __init__(
        self,
        sandbox: "Sandbox",
        file_name: str,
        content: bytes,
        limits: RunnerLimits,
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
        """Begin a check with a fresh budget; from the first hidden check on, output is dropped."""
        self._drain()
        self.keep_output = self.keep_output and not hidden
        self.allow(self.limits.cpu_seconds)

    def allow(self, seconds: int) -> None:
        """Allow this many CPU seconds from now on, and ten times as much wall time."""
        self.budget = seconds
        self.deadline = time.monotonic() + WALL_FACTOR * seconds
        try:
            self.sandbox.order({"check": seconds})
        except ServerGone:
            raise self._end("gone") from None

    @property
    def printed(self) -> str:
        """What the submission has printed since this was last read, as far as it is kept."""
        self._drain()
        text = self.output.decode(errors="replace")
        if self.dropped:
            kept = self.limits.output_kib
            text += f"\n({self.dropped} more bytes were dropped: at most {kept} KiB are kept)"
        self.output.clear()
        self.dropped = 0
        return text

    def exchange(self, request: bytes, answer: Callable[[bytes], bytes]) -> bytes:
        """Send a request and return the runner's reply; `RunnerEnded` when there is none."""
        if self.ended is not None:
            raise self.ended
        self._guarded(partial(self.stream.send, request, self.deadline))
        while True:
            frame = self._guarded(self._receive)
            if frame[:1] == b"=":
                return frame[1:]
            self._guarded(partial(self.stream.send, answer(frame[1:]), self.deadline))

    def close(self) -> None:
        """End the runner and everything that it started."""
        if self.ended is None:
            self._end("order")
        os.close(self.pipe)

    def _receive(self) -> bytes:
        """Receive one frame, and meanwhile read the output so that the submission never blocks."""
        while True:
            left = self.deadline - time.monotonic()
            sources = (self.stream.connection.fileno(), self.pipe)
            ready, _, _ = select.select(sources, [], [], max(left, 0))
            if not ready:
                raise TimeoutError
            if self.pipe in ready and not self._drain():
                break  # its output is closed, so wait for the socket only
            if sources[0] in ready:
                break
        return self.stream.receive(self.deadline, LARGEST_REPLY)

    def _drain(self) -> bool:
        """Read what was printed; returns False when the output is closed."""
        try:
            while part := os.read(self.pipe, 1 << 16):
                room = self.limits.output_kib * 1024 - len(self.output) if self.keep_output else 0
                self.output += part[: max(room, 0)]
                self.dropped += max(len(part) - max(room, 0), 0)
        except BlockingIOError:
            return True
        return False

    def _guarded(self, step: Callable[[], _T]) -> _T:
        """Do one step with the runner; any failure ends the runner and raises `RunnerEnded`."""
        try:
            return step()
        except TimeoutError:
            raise self._end("wall") from None
        except (EOFError, OSError):
            raise self._end("gone") from None
        except ValueError:
            raise self._end("protocol") from None

    def _end(self, reason: str) -> RunnerEnded:
        """Stop the runner and return how it ended."""
        self.stream.connection.close()
        with suppress(ServerGone):
            self.sandbox.order({"stop": True})
        ended = self.sandbox.ended()
        self._drain()
        self.ended = _verdict(reason, ended, replace(self.limits, cpu_seconds=self.budget))
        return self.ended


def _verdict(reason: str, ended: dict[str, Any], limits: RunnerLimits) -> RunnerEnded:
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
    # The kernel also kills processes when memory runs out, which may even have hit the server.
    killed = ended["reason"] == "lost" or ended["code"] == -signal.SIGKILL
    return RunnerEnded(Status.CRASHED, because, doubtful=killed)


def _named(file_name: str, content: bytes) -> bytes:
    return file_name.encode() + b"\n" + content
