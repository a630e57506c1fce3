"""Whatever bytes a runner sends, the judge comes to a verdict in time."""

import json
import os
import socket
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader.course.scoring import Status, Verdict
from grader.judge.expectations import Mismatch, pair, tensor
from grader.judge.run_checks import run_checks
from grader.judge.submission import LearnerError, Submission
from grader.protocol import codec
from grader.protocol.channel import RunnerEnded
from grader.sandbox import channel
from grader.sandbox.channel import RunnerChannel
from grader.sandbox.frames import Stream
from grader.sandbox.lockdown import RunnerLimits
from grader.sandbox.server import READY
from tests.support.corpus import SEED, course

VERDICTS = (RunnerEnded, LearnerError, Mismatch, codec.FrameError)
LENGTH = struct.Struct("<Q")
QUICK = settings(
    max_examples=80,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class FakeSandbox:
    """Hands each runner's socket to a thread that answers with given bytes."""

    def __init__(self, reply: bytes, pause: float = 0.0, hang_up: bool = True) -> None:
        self.reply = reply
        self.pause = pause
        self.hang_up = hang_up

    def order(self, order: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
        if "start" in order:
            connection = socket.socket(fileno=os.dup(descriptors[0]))
            threading.Thread(target=self.play, args=(connection,), daemon=True).start()

    def ended(self) -> dict[str, Any]:
        return {"code": 0, "reason": "itself"}

    def play(self, connection: socket.socket) -> None:
        stream = Stream(connection)
        with suppress(OSError, EOFError), connection:
            stream.send(READY)
            stream.receive()  # the submission's text
            stream.receive()  # the first request
            for byte in [self.reply] if self.pause == 0 else [bytes([b]) for b in self.reply]:
                connection.sendall(byte)
                time.sleep(self.pause)
            if self.hang_up:
                connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass


def ask(reply: bytes, **options: Any) -> Any:
    """What a check's call returns or raises when the runner answers with these bytes."""
    sandbox: Any = FakeSandbox(reply, **options)
    runner = RunnerChannel(sandbox, "head.py", b"", RunnerLimits(cpu_seconds=1))
    try:
        return Submission(runner, "head.py").call("find_head", 1)
    finally:
        runner.close()


def framed(content: bytes) -> bytes:
    """`content` as one frame on the socket."""
    return LENGTH.pack(len(content)) + content


def reply(tree: object, blob: bytes = b"", kind: bytes = b"=") -> bytes:
    """A frame with a valid header, around any JSON."""
    text = json.dumps(tree).encode()
    return framed(kind + codec.HEADER.pack(len(text), len(blob)) + text + blob)


ERROR = {
    "dict": [
        ["types", ["ValueError"]],
        ["message", "no"],
        ["lines", [{"dict": [["line", 3], ["function", "f"], ["code", "x"]]}]],
        ["own", True],
    ]
}
HANDLE = {"handle": {"key": 1, "type": "a.B", "kinds": ["model"], "facts": {"dict": []}}}
TENSOR = {"tensor": {"dtype": "float32", "shape": [2], "offset": 0}}
VALID = [
    reply({"dict": [["value", "fc"]]}),
    reply({"dict": [["value", {"tuple": [1, 2.5, None]}]]}),
    reply({"dict": [["value", HANDLE]]}),
    reply({"dict": [["value", TENSOR]]}, bytes(8)),
    reply({"dict": [["error", ERROR]]}),
    reply({"dict": [["question", "should_prune"]]}, kind=b"?") + reply({"dict": [["value", 1]]}),
]
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))
tags = st.sampled_from(
    [
        *("tuple", "dict", "set", "frozenset", "iterator", "float", "tensor", "array", "image"),
        *("meta", "handle", "parameter", "device", "dtype", "weights", "trial", "value", "error"),
        *("dtype", "shape", "offset", "mode", "size", "key", "kinds", "facts", "type", "name"),
    ]
)
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(tags, inner, max_size=4)
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid reply with some bytes replaced, or cut short."""
    frame = bytearray(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(0, 4))):
        frame[draw(st.integers(0, len(frame) - 1))] = draw(st.integers(0, 255))
    return bytes(frame[: draw(st.integers(0, len(frame)))] if draw(st.booleans()) else frame)


replies = st.one_of(
    st.binary(max_size=300),
    mutated(),
    st.binary(max_size=100).map(framed),
    st.builds(reply, trees, st.binary(max_size=16), st.sampled_from([b"=", b"?", b"x"])),
    st.builds(lambda tree: reply({"dict": [["value", tree]]}), trees),
    st.builds(lambda tree: reply({"dict": [["error", tree]]}), trees),
    st.integers(0, (1 << 64) - 1).map(LENGTH.pack),
)


@pytest.fixture(autouse=True)
def short_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow only two seconds of wall time for each CPU second."""
    monkeypatch.setattr(channel, "WALL_FACTOR", 2)


@QUICK
@given(content=replies)
@example(LENGTH.pack((1 << 64) - 1))
@example(framed(b"=" + codec.HEADER.pack((1 << 32) - 1, (1 << 64) - 1)))
@example(framed(b"=" + codec.HEADER.pack(4 << 20, 0) + b"[" * (4 << 20)))
@example(framed(b"=" + codec.HEADER.pack(5000, 0) + b"9" * 5000))
@example(framed(b""))
@example(b"")
def test_any_bytes_give_a_verdict_in_time(content: bytes) -> None:
    start = time.monotonic()
    with suppress(*VERDICTS):
        ask(content)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (VALID[0][:-1], {"hang_up": False}),
        (b"", {"hang_up": False}),
        (VALID[0], {"pause": 0.01}),
        (VALID[0][:8] + b"?", {"pause": 0.3, "hang_up": False}),
    ],
    ids=["half a frame", "silence", "slow but whole", "byte by byte"],
)
def test_waiting_ends_with_the_wall_time(content: bytes, options: dict[str, Any]) -> None:
    start = time.monotonic()
    if options.get("hang_up", True):
        assert ask(content, **options) == "fc"
    else:
        with pytest.raises(RunnerEnded) as ended:
            ask(content, **options)
        assert ended.value.status is Status.TIMEOUT
    assert time.monotonic() - start < 5


def test_endless_questions_time_out_and_are_not_collected() -> None:
    question = reply({"dict": [["question", "report"], ["step", 1], ["value", 1]]}, kind=b"?")
    with pytest.raises(RunnerEnded):
        ask(question * 200_000)


class Chatty:
    """A channel whose every reply is the same bytes."""

    printed = ""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def exchange(self, request: bytes, answer: Any) -> bytes:
        loaded = codec.encode({"value": None}, lambda value: ("", {}))
        return loaded if b'"load"' in request or b'"reset"' in request else self.content

    def begin_check(self, *, hidden: bool) -> None:
        """Nothing to do."""

    def allow(self, seconds: int) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


def run_checks_against(content: bytes, folder: Path) -> list[Verdict]:
    """The verdicts of all checks of 03 when every reply is `content`."""
    source = folder / "head.py"
    source.write_text("", "utf-8")
    channel: Any = Chatty(content)
    return run_checks(course(), "03", source, seed=SEED, connect=lambda *_: channel)


def drawn(count: int) -> list[bytes]:
    """Examples of replies, drawn beforehand: checks that use hypothesis cannot run inside it."""
    found: list[bytes] = []
    settings(QUICK, max_examples=count)(
        given(content=replies)(lambda content: found.append(content))
    )()
    return found


@pytest.mark.parametrize("content", [*VALID[2:], *drawn(12)])
def test_no_reply_passes_a_check_or_is_the_graders_fault(content: bytes, tmp_path: Path) -> None:
    verdicts = run_checks_against(content[9:], tmp_path)
    assert verdicts
    assert not any(verdict.status.pending for verdict in verdicts)
    passed = {verdict.id for verdict in verdicts if verdict.status is Status.PASSED}
    honest = ("error", "no_linear", "same_model")  # what a constant answer really satisfies
    assert not [id_ for id_ in passed if not any(word in id_ for word in honest)]


def test_answers_of_the_wrong_form_are_mismatches() -> None:
    for value in (ask(content) for content in VALID[:2]):
        with pytest.raises(Mismatch):
            tensor(value, "the answer")
        with pytest.raises(Mismatch):
            pair(value, ("loss", "accuracy"))
