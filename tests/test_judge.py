"""A check that waits too long gets a second chance, and no third."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from grader.judge import judge
from grader.sandbox.client import Sandbox
from grader.submission import Loopback, RunnerEnded
from grader.verdicts import Status
from tests.corpus import SEED, course, solution

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


def test_who_sleeps_twice_has_timed_out_and_keeps_the_other_tasks(tmp_path: Path) -> None:
    found = graded(BusyMachine(tmp_path, sleepy=99))
    for id_, status in found.items():
        slept = id_.startswith(f"03.{TASK}.")
        assert (status in (Status.TIMEOUT, Status.BLOCKED)) == slept, id_
    assert Status.TIMEOUT in found.values()
