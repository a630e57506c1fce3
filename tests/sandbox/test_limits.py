"""Each limit of a submission has its own status, and the message names it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from grader.course.scoring import Status
from grader.course.settings import Course, Limits
from grader.grading.sandboxed import judge
from grader.sandbox.fork_server import Sandbox
from grader.sandbox.layers import Mode, find_mode
from tests.support.corpus import SEED, course

pytestmark = pytest.mark.skipif(
    not find_mode().safe, reason="this system offers no isolation (see `grader doctor`)"
)
MODE = find_mode()
FALLBACK = replace(MODE, namespaces=False, user=None)
LIMITS = Limits(cpu_seconds=2, memory_mib=256, scratch_mib=4, scratch_files=50, processes=8)
OVERRUNS = {
    "while True: pass": (Status.TIMEOUT, "2 CPU seconds"),
    "bytearray(1 << 30)": (Status.OUT_OF_MEMORY, "memory (256 MiB)"),
    "for n in range(20): open(f'{n}', 'wb').write(bytes(1 << 20)); time.sleep(0.05)": (
        *(Status.OUT_OF_SPACE, "files (4 MiB, 50 files)"),
    ),
    "for n in range(99): open(f'{n}', 'w'); time.sleep(0.01)": (
        *(Status.OUT_OF_SPACE, "files (4 MiB, 50 files)"),
    ),
    "for n in range(30): threading.Thread(target=time.sleep, args=(9,)).start()": (
        *(Status.TOO_MANY_PROCESSES, "8 threads"),
    ),
    "os.fork()": (Status.TOO_MANY_PROCESSES, "processes (one"),
}


@pytest.fixture(scope="module", params=[MODE, FALLBACK], ids=["all", "fallback"])
def sandbox(request: pytest.FixtureRequest, warm_sandbox: Callable[[Mode], Sandbox]) -> Sandbox:
    return warm_sandbox(request.param)


def limited_course() -> Course:
    exercises = {
        number: exercise.model_copy(update={"limits": LIMITS})
        for number, exercise in course().exercises.items()
    }
    return course().model_copy(update={"exercises": exercises})


@pytest.mark.parametrize("code", OVERRUNS)
def test_an_overrun_has_its_own_status(code: str, sandbox: Sandbox) -> None:
    status, limit = OVERRUNS[code]
    text = f"import os, threading, time\n\ndef find_head(model):\n    {code}\n"
    found = judge(limited_course(), "03", text.encode(), seed=SEED, sandbox=sandbox)
    [verdict] = [v for v in found.verdicts if v.id == "03.find_head.well_known_models"]
    assert verdict.status is status, verdict.message
    assert limit in verdict.message
