"""What an answer may import and read of the kit: only little, and the same on every surface."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.common.fingerprint import KIT
from grader.judge.loopback import Loopback
from grader.judge.submission import LearnerError, Submission
from grader.learner.notebook_check import InKernel
from grader.runner.import_guard import ALLOWED
from grader.sandbox.fork_server import Sandbox
from grader.sandbox.layers import Mode, find_mode
from grader.sandbox.lockdown import RunnerLimits
from tests.support.corpus import ROOT

Open = Callable[[str], Submission]
SURFACES = ("in process", "notebook", "sandbox", "fallback")
SHOWN_BY_LESSONS = """
import grader.materials.backbone
import grader.learner.figures as figures
from grader.jupyter import check
from grader.materials import garments
from grader.materials.garments import *

def find_head(model):
    from grader.materials.garments import CLASSES
    check("03")
    return CLASSES[0] + str(len(draw_garments(1, seed=1)[0]))
"""
REFUSED = (
    *("import grader", "import grader.runner.dispatcher", "from grader import check"),
    *("from grader.judge.submission import Submission", "import grader.learner.figures, grader"),
    *("from grader.learner import hints", "__import__('grader.protocol.codec')"),
)
USES_ITS_MODULE = """
from __future__ import annotations
import dataclasses, pickle, typing
import torch

@dataclasses.dataclass
class Config:
    width: int = 3

def double(x: torch.Tensor) -> torch.Tensor:
    import math
    return x * 2 + math.floor(0.5) + len(range(0))

def find_head(model):
    compiled = torch.compile(double, backend="eager", fullgraph=True)
    return [
        float(compiled(torch.ones(1))),
        typing.get_type_hints(Config)["width"] is int,
        pickle.loads(pickle.dumps(Config(5))).width,
        eval("max(1, 2)"),
    ]
"""
READ = """
def find_head(path):
    with open(path, "rb") as file:
        return len(file.read())
"""


@pytest.fixture(scope="module")
def sandboxes(warm_sandbox: Callable[[Mode], Sandbox]) -> dict[str, Sandbox]:
    mode = find_mode()
    if not mode.safe:
        return {}
    fallback = replace(mode, namespaces=False, user=None)
    return {"sandbox": warm_sandbox(mode), "fallback": warm_sandbox(fallback)}


@pytest.fixture
def opened(request: Any, sandboxes: dict[str, Sandbox], tmp_path: Path) -> Iterator[Open]:
    """Opens a module on a surface, the test's parameter."""
    channels: list[Any] = []

    def open_module(text: str) -> Submission:
        source = tmp_path / "head.py"
        source.write_text(text, "utf-8")
        if request.param == "in process":
            channels.append(Loopback(source))
        elif request.param == "notebook":
            channels.append(InKernel(source, {}))
        elif request.param in sandboxes:
            sandbox = sandboxes[request.param]
            channels.append(sandbox.run("head.py", text.encode(), RunnerLimits()))
        else:
            pytest.skip("this system offers no isolation (see `grader doctor`)")
        return Submission(channels[-1], "head.py")

    yield open_module
    for channel in channels:
        channel.close()


on_every_surface = pytest.mark.parametrize("opened", SURFACES, indirect=True)
in_the_sandbox = pytest.mark.parametrize("opened", SURFACES[2:], indirect=True)


@on_every_surface
def test_what_lessons_show_can_be_imported(opened: Open) -> None:
    assert opened(SHOWN_BY_LESSONS).call("find_head", 1) == "T-shirt/top1"


@on_every_surface
def test_the_rest_of_the_kit_is_refused_in_so_many_words(opened: Open) -> None:
    body = "\n".join(
        f"    if number == {number}:\n        {line}" for number, line in enumerate(REFUSED)
    )
    submission = opened(f"def find_head(number):\n{body}\n")
    for number, line in enumerate(REFUSED):
        with pytest.raises(LearnerError) as raised:
            submission.call("find_head", number)
        assert raised.value.types[0] == "ImportError", line
        assert "is part of the kit that grades" in raised.value.message
        assert all(allowed in raised.value.message for allowed in ALLOWED)


@on_every_surface
def test_other_imports_fail_as_ever(opened: Open) -> None:
    with pytest.raises(LearnerError) as raised:
        opened("def find_head(model):\n    import no_such_module\n").call("find_head", 1)
    assert raised.value.types[0] == "ModuleNotFoundError"


def test_libraries_find_in_the_module_what_they_look_for(tmp_path: Path) -> None:
    source = tmp_path / "head.py"
    source.write_text(USES_ITS_MODULE, "utf-8")
    channel = Loopback(source)
    assert Submission(channel, "head.py").call("find_head", 1) == [2.0, True, 5, 2]
    channel.close()


@in_the_sandbox
def test_a_runner_reads_only_its_own_rooms_of_the_kit(opened: Open) -> None:
    submission = opened(READ)
    for name in ("runner/dispatcher.py", "protocol/codec.py", "jupyter.py", "sandbox/kernel.py"):
        assert submission.call("find_head", str(KIT / name)) == (KIT / name).stat().st_size
    secrets = [
        KIT / room for room in ("judge", "grading", "checks", "cli", "authoring", "nbgrader")
    ]
    paths = [next(room.rglob("*.py")) for room in secrets]
    paths += [KIT / "check.py", KIT / "sandbox" / "fork_server.py", KIT / "learner" / "hints.py"]
    paths += [ROOT / "solutions" / "head.py", ROOT / "course.yaml"]
    for path in paths:
        with pytest.raises(LearnerError) as raised:
            submission.call("find_head", str(path))
        assert "OSError" in raised.value.types, path
