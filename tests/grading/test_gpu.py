"""GPU slots, tested with another device instead of a GPU."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from grader.common.errors import NeedsGpu
from grader.course import settings
from grader.course.scoring import Status, Verdict, score_exercise
from grader.course.settings import Limits
from grader.grading.grade_class import gpu_slots
from grader.grading.sandboxed import judge
from grader.judge.gpu_slots import GpuSlots
from grader.judge.run_checks import run_checks
from grader.sandbox.fork_server import Sandbox
from grader.sandbox.layers import Mode, find_mode
from tests.support.corpus import ROOT, SEED, course

CHECK = '''
import torch
from grader.check import check, expect

@check("find_head.on_a_gpu", gpu=True)
def test_on_a_gpu(submission, device):
    """It runs on the GPU."""
    found = submission.call("find_head", torch.device(device))
    expect(found is True, got=found, want=True, because="It did not.")

@check("find_head.anywhere")
def test_anywhere(submission):
    """It runs anywhere."""
    found = submission.call("find_head", None)
    expect(found is True, got=found, want=True, because="It did not.")
'''
STAND_IN = "cpu"  # for the device
DEVICE = "/dev/full"  # for the driver's


@pytest.fixture
def checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two checks instead of the hidden ones of exercise 03."""
    folder = tmp_path / "checks"
    folder.mkdir()
    (folder / "test_03_head.py").write_text(CHECK, "utf-8")
    monkeypatch.setattr(settings, "HIDDEN_CHECKS", folder)
    return tmp_path


def statuses(verdicts: list[Verdict]) -> dict[str, Status]:
    return {v.id.rpartition(".")[2]: v.status for v in verdicts if v.hidden}


def in_process(folder: Path, gpu: GpuSlots) -> list[Verdict]:
    source = folder / "head.py"
    source.write_text("def find_head(model):\n    return True\n", "utf-8")
    return run_checks(course(), "03", source, seed=SEED, gpu=gpu)


def test_with_a_slot_it_runs_and_without_it_is_pending(checks: Path) -> None:
    found = in_process(checks, GpuSlots(checks, 1, STAND_IN))
    assert statuses(found) == {"on_a_gpu": Status.PASSED, "anywhere": Status.PASSED}
    found = in_process(checks, GpuSlots(checks, 0, STAND_IN))
    assert statuses(found) == {"on_a_gpu": Status.NEEDS_GPU, "anywhere": Status.PASSED}
    scores = {v.id: s.score for v, s in score_exercise(course().exercise("03").tasks, found)}
    assert scores["03.find_head.on_a_gpu"] is None


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_cuda_it_is_pending(tmp_path: Path) -> None:
    with pytest.raises(NeedsGpu), GpuSlots(tmp_path, 1).take():
        pass
    assert not torch.cuda.is_initialized()


def test_a_sandbox_without_the_devices_has_no_slots(tmp_path: Path) -> None:
    closed = Mode(namespaces=True, user=None, landlock=False, seccomp=True)
    counts = {
        mode: gpu_slots(course(), mode, tmp_path).count
        for mode in (None, closed, replace(closed, landlock=True, devices=(DEVICE,)))
    }
    assert list(counts.values()) == [1, 0, 1]


HOLDER = """
import sys, time
from pathlib import Path
from grader.judge.gpu_slots import GpuSlots
with GpuSlots(Path(sys.argv[1]), 2, "cpu").take() as device:
    print(f"{time.monotonic()} 1", flush=True)
    time.sleep(float(sys.argv[2]))
    print(f"{time.monotonic()} -1", flush=True)
"""


def holder(folder: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER, str(folder), str(seconds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_never_more_at_once_than_slots(tmp_path: Path) -> None:
    running = [holder(tmp_path, 0.3) for _ in range(6)]
    lines = [line.split() for process in running for line in process.communicate()[0].splitlines()]
    held = most = 0
    for _, change in sorted((float(moment), int(change)) for moment, change in lines):
        held += change
        most = max(most, held)
    assert len(lines) == 12
    assert most == 2


def test_a_killed_holder_frees_its_slot(tmp_path: Path) -> None:
    killed = [holder(tmp_path, 600) for _ in range(2)]
    for process in killed:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    begin = time.monotonic()
    with GpuSlots(tmp_path, 2, STAND_IN).take() as device:
        assert device == "cpu:0"
    assert time.monotonic() - begin < 300, "it waited for a holder that is gone"


@pytest.fixture(scope="module", params=["all", "fallback"])
def sandbox(request: pytest.FixtureRequest, warm_sandbox: Callable[[Mode], Sandbox]) -> Sandbox:
    mode = find_mode()
    if not (mode.safe and mode.landlock):
        pytest.skip("this system offers no isolation (see `grader doctor`)")
    mode = replace(mode, devices=(DEVICE,))
    if request.param == "fallback":
        mode = replace(mode, namespaces=False, user=None)
    return warm_sandbox(mode)


@pytest.fixture
def graded(checks: Path, sandbox: Sandbox) -> Callable[[str], dict[str, Status]]:
    limits = Limits(memory_mib=256)
    exercise = course().exercise("03").model_copy(update={"limits": limits})
    exercises = {**course().exercises, "03": exercise}
    limited = course().model_copy(update={"exercises": exercises})

    def grade(body: str) -> dict[str, Status]:
        text = f"import resource\n\ndef find_head(model):\n    {body}\n    return True\n"
        slots = GpuSlots(checks, 1, STAND_IN)
        found = judge(limited, "03", text.encode(), seed=SEED, sandbox=sandbox, gpu=slots)
        return statuses(found.verdicts)

    return grade


def test_only_a_runner_with_a_gpu_reaches_its_device(
    graded: Callable[[str], dict[str, Status]],
) -> None:
    found = graded(f"open({DEVICE!r}, 'rb').read(1)")
    assert found == {"on_a_gpu": Status.PASSED, "anywhere": Status.FAILED}


ORDER = f"""import errno, fcntl
    try:
        fcntl.ioctl(open({DEVICE!r}, 'rb'), 0x4600)
    except OSError as error:
        assert error.errno == errno.ENOTTY"""


def test_a_runner_with_a_gpu_may_give_its_device_orders(
    graded: Callable[[str], dict[str, Status]],
) -> None:
    # This device does not know the command; a driver's libraries do the same with real ones.
    assert graded(ORDER) == {"on_a_gpu": Status.PASSED, "anywhere": Status.FAILED}


# What CUDA does when it starts, as `strace` shows: without any one of these it gives up.
THREAD = """import threading
    with open(f"/proc/self/task/{threading.get_native_id()}/comm", "w") as file:
        file.write("cuda00001")"""
SOCKET = """import socket
    one = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    one.bind(f"\\0cuda-uvmfd-{id(one)}")
    one.listen()"""


@pytest.mark.parametrize("body", [THREAD, SOCKET], ids=["thread", "socket"])
def test_a_runner_with_a_gpu_may_do_what_cuda_begins_with(
    graded: Callable[[str], dict[str, Status]], body: str
) -> None:
    assert graded(body) == {"on_a_gpu": Status.PASSED, "anywhere": Status.FAILED}


@pytest.mark.proof
@pytest.mark.parametrize(
    "refused",
    [
        "socket.socket(socket.AF_INET, socket.SOCK_SEQPACKET)",
        "socket.socket(socket.AF_INET)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)",
        "one.bind('\\0one'), one.listen(), two.connect('\\0one')",
        "one.bind('\\0one'), one.listen(), one.accept()",
        "os.kill(os.getppid(), 0)",
        "os.fork()",
        "open(f'/proc/{os.getppid()}/oom_score_adj', 'w')",
        "open(f'/proc/{os.getppid()}/mem', 'rb')",
        "open(f'/proc/{os.getppid()}/environ', 'rb')",
        "os.open('/proc/self/coredump_filter', os.O_WRONLY)",
    ],
)
def test_a_runner_with_a_gpu_may_do_no_more(
    graded: Callable[[str], dict[str, Status]], refused: str
) -> None:
    body = f"""import os, socket
    if model is None:
        return True
    one, two = (socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2))
    try:
        {refused}
    except (PermissionError, BlockingIOError):
        return True
    return False"""
    assert graded(body) == {"on_a_gpu": Status.PASSED, "anywhere": Status.PASSED}


def test_a_runner_with_a_gpu_has_its_memory_watched_instead(
    graded: Callable[[str], dict[str, Status]],
) -> None:
    unlimited = "assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY"
    assert graded(unlimited) == {"on_a_gpu": Status.PASSED, "anywhere": Status.FAILED}
    found = graded("kept = [b'x' * (1 << 20) for _ in range(2000)]; [None for _ in range(10**9)]")
    assert set(found.values()) == {Status.OUT_OF_MEMORY}
