"""The weights of the course's backbone are read from the hub cache; nobody fails without them."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torchvision.models import WeightsEnum, get_model, get_model_weights

from grader.common.errors import KitError, UserError
from grader.course.scoring import Status, Verdict
from grader.course.settings import Backbone, Course
from grader.judge.run_checks import run_checks
from grader.materials.weights import cached_file, find_entry, read_checkpoint
from tests.support.corpus import ROOT, course

SOLUTION = ROOT / "solutions" / "load_pretrained.py"
CHECK = "01.load_pretrained.course_backbone"
IGNORES_THE_WEIGHTS = """
from torchvision.models import get_model


def load_pretrained(name, weights="DEFAULT"):
    return get_model(name, weights=None).eval()
"""


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty hub cache, found as on any machine: below TORCH_HOME."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)  # what earlier tests set comes first
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def course_with(name: str, weights: str | None) -> Course:
    return course().model_copy(update={"backbone": Backbone(name=name, weights=weights)})


def fill(cache: Path, name: str) -> None:
    """Put a file with random weights where torchvision looks for its own."""
    torch.save(
        get_model(name, weights=None).state_dict(), cache / cached_file(default_of(name)).name
    )


def default_of(name: str) -> WeightsEnum:
    return get_model_weights(name).DEFAULT


@functools.cache
def others() -> dict[str, Verdict]:
    """The verdicts of all checks that do not depend on the course: once is enough."""
    found = run_checks(course(), "01", SOLUTION, seed="s")
    return {verdict.id: verdict for verdict in found if verdict.id != CHECK}


def verdict(changed: Course, source: Path = SOLUTION) -> Verdict:
    found = run_checks(changed, "01", source, seed="s", known=others())
    return {verdict.id: verdict for verdict in found}[CHECK]


@pytest.mark.parametrize("name", ["squeezenet1_1", "mnasnet0_5"])  # one needs its format's version
def test_cached_weights_are_compared(cache: Path, name: str) -> None:
    fill(cache, name)
    found = verdict(course_with(name, "IMAGENET1K_V1"))
    assert found.status is Status.PASSED, found.message


def test_an_answer_without_the_weights_fails(cache: Path, tmp_path: Path) -> None:
    fill(cache, "squeezenet1_1")
    source = tmp_path / "load_pretrained.py"
    source.write_text(IGNORES_THE_WEIGHTS, "utf-8")
    found = verdict(course_with("squeezenet1_1", "DEFAULT"), source)
    assert found.status is Status.FAILED
    assert "other weights" in found.message


def test_missing_weights_are_not_the_learners_fault(cache: Path) -> None:
    found = verdict(course_with("squeezenet1_1", "IMAGENET1K_V1"))
    assert found.status is Status.GRADER_ERROR
    [line] = found.message.splitlines()
    assert str(cache / "squeezenet1_1-b8a52dc0.pth") in line
    assert "grader prepare" in line
    assert not list(cache.iterdir())


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", b"PK\x03\x04 cut off"])
def test_a_broken_file_is_not_the_learners_fault(cache: Path, content: bytes) -> None:
    backbone = Backbone(name="squeezenet1_1", weights="IMAGENET1K_V1")
    path = cached_file(default_of("squeezenet1_1"))
    path.write_bytes(content)
    with pytest.raises(KitError, match=f"{path.name} is not a weights file: run"):
        read_checkpoint(backbone, default_of("squeezenet1_1"), scratch_mib=64)


def test_a_file_that_does_not_fit_is_not_the_learners_fault(cache: Path) -> None:
    fill(cache, "squeezenet1_1")
    backbone = Backbone(name="squeezenet1_1", weights="IMAGENET1K_V1")
    with pytest.raises(KitError, match="raise `scratch_mib`"):
        read_checkpoint(backbone, default_of("squeezenet1_1"), scratch_mib=5)


@pytest.mark.parametrize("content", [[torch.zeros(1)], {"epoch": 3}, {"state": {}}, torch.zeros(2)])
def test_a_file_of_something_else_is_not_the_learners_fault(cache: Path, content: object) -> None:
    torch.save(content, cached_file(default_of("squeezenet1_1")))
    backbone = Backbone(name="squeezenet1_1", weights="DEFAULT")
    with pytest.raises(KitError, match="is not a weights file"):
        read_checkpoint(backbone, default_of("squeezenet1_1"), scratch_mib=64)


@pytest.mark.parametrize(
    ("name", "weights", "field"),
    [
        ("resnet19", None, "backbone.name"),
        ("resnet19", "DEFAULT", "backbone.name"),
        ("resnet18", "IMAGENET1K_V2", "backbone.weights"),
    ],
)
def test_a_mistake_in_the_course_is_reported(name: str, weights: str | None, field: str) -> None:
    with pytest.raises(UserError, match=field):
        find_entry(Backbone(name=name, weights=weights))
    found = verdict(course_with(name, weights))
    assert found.status is Status.GRADER_ERROR
    assert len(found.message.splitlines()) == 1


def test_random_initialisation_needs_no_file(cache: Path) -> None:
    found = verdict(course_with("squeezenet1_1", None))
    assert found.status is Status.PASSED, found.message


def test_weights_that_a_package_brings_along_need_no_file(cache: Path) -> None:
    class OwnWeights(WeightsEnum):
        PACKAGED_V1 = default_of("squeezenet1_1").value

        def get_state_dict(self, *args: Any, **kwargs: Any) -> Mapping[str, Any]:
            return {}

    backbone = Backbone(name="squeezenet1_1", weights="PACKAGED_V1")
    assert read_checkpoint(backbone, OwnWeights.PACKAGED_V1, scratch_mib=64) is None


def test_weights_that_a_package_should_bring_along_are_tried(cache: Path) -> None:
    class NoWeights(WeightsEnum):
        PACKAGED_V1 = default_of("squeezenet1_1").value

        def get_state_dict(self, *args: Any, **kwargs: Any) -> Mapping[str, Any]:
            raise KitError("the package is missing")

    backbone = Backbone(name="squeezenet1_1", weights="PACKAGED_V1")
    with pytest.raises(KitError, match="the package is missing"):
        read_checkpoint(backbone, NoWeights.PACKAGED_V1, scratch_mib=64)
