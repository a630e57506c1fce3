"""A check that waits too long gets a second chance, and no third."""

import select
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from grader.course.scoring import Status
from grader.grading.sandboxed import judge
from grader.judge.loopback import Loopback
from grader.protocol.channel import RunnerEnded
from grader.sandbox.channel import RunnerChannel
from grader.sandbox.fork_server import Sandbox
from grader.sandbox.layers import Mode, find_mode
from tests.support.corpus import SEED, course, solution

TASK = "mlp_head"


class Sleepy(Loopback):
    """A runner that never answers a call of `mlp_head`."""

    def exchange(self, request: bytes, answer: Callable[[bytes], bytes]) -> bytes:
        if TASK.encode() in request:
            raise RunnerEnded(Status.TIMEOUT, "no answer", doubtful=True)
        return super().exchange(request, answer)


class BusyMachine:
    """Stands in for a sandbox: its first `sleepy` runners do not answer in time."""

    def __init__(self, folder: Path, sleepy: int) -> None:
        self.folder = folder
        self.sleepy = sleepy
        self.started = 0

    def run(self, file_name: str, content: bytes, limits: Any, *, gpu: bool) -> Loopback:
        path = self.folder / file_name
        path.write_bytes(content)
        self.started += 1
        return Sleepy(path) if self.started <= self.sleepy else Loopback(path)


def graded(machine: BusyMachine) -> dict[str, Status]:
    sandbox = cast(Sandbox, machine)
    content = solution("03").text.encode()
    judgement = judge(course(), "03", content, seed=SEED, sandbox=sandbox)
    return {verdict.id: verdict.status for verdict in judgement.verdicts}


def test_a_busy_machine_costs_nothing(tmp_path: Path) -> None:
    found = graded(BusyMachine(tmp_path, sleepy=1))
    assert set(found.values()) == {Status.PASSED}


def test_a_second_timeout_is_final_and_costs_no_other_task(tmp_path: Path) -> None:
    found = graded(BusyMachine(tmp_path, sleepy=99))
    for id_, status in found.items():
        slept = id_.startswith(f"03.{TASK}.")
        assert (status in (Status.TIMEOUT, Status.BLOCKED)) == slept, id_
    assert Status.TIMEOUT in found.values()


@pytest.mark.skipif(not find_mode().safe, reason="this system offers no isolation")
@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("before the runner", marks=pytest.mark.proof),
        pytest.param("before a check", marks=pytest.mark.proof),
        pytest.param("in a call", marks=pytest.mark.proof),
    ],
)
def test_a_server_that_is_killed_costs_nothing(
    moment: str, warm_sandbox: Callable[[Mode], Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [3]

    def kill_once(sandbox: Sandbox) -> None:
        left[0] -= 1
        if left[0] == 0:
            sandbox.process.kill()
            sandbox.process.wait()
            hung_up = select.poll()
            hung_up.register(sandbox.control, select.POLLHUP)
            hung_up.poll()

    begin_check, receive = RunnerChannel.begin_check, RunnerChannel._receive

    def killed_begin_check(self: RunnerChannel, *, hidden: bool) -> None:
        kill_once(self.sandbox)
        begin_check(self, hidden=hidden)

    def killed_receive(self: RunnerChannel) -> bytes:
        kill_once(self.sandbox)
        return receive(self)

    sandbox = warm_sandbox(find_mode())
    if moment == "before the runner":
        left[0] = 1
        kill_once(sandbox)
    elif moment == "before a check":
        monkeypatch.setattr(RunnerChannel, "begin_check", killed_begin_check)
    else:
        monkeypatch.setattr(RunnerChannel, "_receive", killed_receive)
    content = solution("03").text.encode()
    judgement = judge(course(), "03", content, seed=SEED, sandbox=sandbox)
    assert left[0] <= 0
    assert {verdict.status for verdict in judgement.verdicts} == {Status.PASSED}
