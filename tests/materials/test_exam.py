"""Exercise 08: what a submission learns from, how it is measured, and in how much time."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Generator, Tensor
from torchvision.models import get_model, get_model_weights

from grader.common.errors import KitError, NeedsGpu
from grader.course import settings
from grader.course.scoring import Status
from grader.course.settings import Backbone, Capstone, Course, Data, Limits, Tier
from grader.grading.sandboxed import judge
from grader.judge.gpu_slots import GpuSlots
from grader.judge.run_checks import run_checks
from grader.materials.backbone import EfficientNet_Lite0_Weights
from grader.materials.backbone.invented import (
    NAME,
    SmallBackbone,
    forget_invented,
    register_invented,
)
from grader.materials.exam import (
    NUMBER,
    draw_some,
    drawn_exam,
    embedded_backbone,
    gpu_exam,
    time_limit,
)
from grader.materials.garments import draw_garments
from grader.materials.weights import cached_file
from grader.sandbox.fork_server import Sandbox
from grader.sandbox.layers import Mode, find_mode
from tests.support.corpus import ROOT, SEED, Answer, course, mutants, solution

SMALL = Tier(images=300, accuracy=0.7)
STAND_IN = "cpu"  # for a GPU
COUNTS = {"train": 600, "t10k": 1000}


def seeded(seed: int = 1) -> Generator:
    return Generator().manual_seed(seed)


def small_course(**changes: object) -> Course:
    tiers = Capstone(cpu=SMALL, gpu=SMALL, gpu_real=SMALL)
    return course().model_copy(update={"capstone": tiers, **changes})


def test_an_exam_is_fixed_by_its_seed_and_its_parts_share_no_image() -> None:
    exam = drawn_exam(SMALL, seeded())
    assert exam.images.shape == (300, 28, 28)
    assert exam.images.dtype == torch.uint8
    same, other = drawn_exam(SMALL, seeded()), drawn_exam(SMALL, seeded(2))
    assert torch.equal(exam.unseen, same.unseen)
    assert torch.equal(exam.answers, same.answers)
    assert not torch.equal(exam.unseen, other.unseen)
    learnt = {image.numpy().tobytes() for image in exam.images}
    assert not learnt & {image.numpy().tobytes() for image in exam.unseen}


def test_counting_classes_reveals_nothing() -> None:
    _, labels = draw_some(1000, seeded())
    distinct = [len(part.unique()) for part in labels.split(10)]
    assert distinct.count(10) < 5  # by chance, one in some thousand
    _, in_tens = draw_garments(1000, seed=1)
    assert all(len(part.unique()) == 10 for part in in_tens.split(10))


def test_the_measure_is_the_fraction_of_right_answers() -> None:
    exam = drawn_exam(SMALL, seeded())
    right = torch.arange(1000) % 4 < 3
    logits = torch.nn.functional.one_hot((exam.answers + ~right) % 10, 10).float()
    known = {image.numpy().tobytes(): row for image, row in zip(exam.unseen, logits, strict=True)}

    def predict(images: Tensor) -> Tensor:
        return torch.stack([known[image.numpy().tobytes()] for image in images])

    assert exam.measure(predict) == pytest.approx(0.75)


def write_images(folder: Path, kind: str, count: int) -> None:
    """Drawn garments in Fashion-MNIST's files (the IDX format)."""
    raw = folder / "FashionMNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    images, labels = draw_garments(count, seed=count)
    head = struct.pack(">IIII", 0x803, count, 28, 28)
    (raw / f"{kind}-images-idx3-ubyte").write_bytes(head + images.numpy().tobytes())
    head = struct.pack(">II", 0x801, count)
    content = labels.to(torch.uint8).numpy().tobytes()
    (raw / f"{kind}-labels-idx1-ubyte").write_bytes(head + content)


def test_the_gpu_tier_is_real_when_all_is_on_disk_and_drawn_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path / "hub"))
    real = small_course(
        data=Data(source="fashion-mnist", root=str(tmp_path / "data")),
        backbone=Backbone(name="squeezenet1_1", weights="IMAGENET1K_V1"),
    )
    assert gpu_exam(real, seeded()).backbone == "efficientnet_lite0"
    for kind, count in COUNTS.items():
        write_images(tmp_path / "data", kind, count)
    assert gpu_exam(real, seeded()).backbone == "efficientnet_lite0"
    path = cached_file(get_model_weights("squeezenet1_1").DEFAULT)
    path.parent.mkdir(parents=True)
    torch.save(get_model("squeezenet1_1").state_dict(), path)
    exam = gpu_exam(real, seeded())
    assert exam.backbone == "squeezenet1_1"
    assert exam.checkpoint is not None
    assert exam.checkpoint.file_name == path.name
    public = {image.numpy().tobytes() for image in draw_garments(1000, seed=1000)[0]}
    unseen = [image.numpy().tobytes() for image in exam.unseen]
    assert len(set(unseen) - public) > 0.95 * len(unseen), "a list would know them"
    assert gpu_exam(small_course(), seeded()).checkpoint is None


def grade_on_stand_in(answer: Answer, folder: Path) -> dict[str, Status]:
    source = folder / "capstone.py"
    source.write_text(answer.text, "utf-8")
    slots = GpuSlots(folder, 1, STAND_IN)
    found = run_checks(small_course(), NUMBER, source, seed=SEED, gpu=slots)
    return {v.id.rpartition(".")[2]: v.status for v in found}


@pytest.mark.proof
def test_with_a_gpu_all_of_the_solution_is_graded(tmp_path: Path) -> None:
    assert set(grade_on_stand_in(solution(NUMBER), tmp_path).values()) == {Status.PASSED}


@pytest.mark.proof
def test_training_that_is_too_slow_on_a_gpu_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.materials.exam.GPU_SECONDS", 0)
    monkeypatch.setattr("grader.materials.exam.TIMES_THE_REFERENCE", 0)
    statuses = grade_on_stand_in(solution(NUMBER), tmp_path)
    assert statuses.pop("gpu_accuracy") is Status.FAILED
    assert set(statuses.values()) == {Status.PASSED}


@pytest.mark.proof
def test_an_untrained_head_does_not_wait_for_a_gpu(tmp_path: Path) -> None:
    [answer] = [m for m in mutants() if m.number == NUMBER and m.name == "untrained_head"]
    statuses = grade_on_stand_in(answer, tmp_path)
    assert statuses["accuracy"] is Status.FAILED
    assert statuses["gpu_accuracy"] is Status.BLOCKED


def test_a_slow_gpu_gives_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    exam = drawn_exam(SMALL, seeded())
    assert time_limit(exam, STAND_IN) == 180
    monkeypatch.setattr("grader.materials.exam._reference_seconds", lambda *_: 50.5)
    assert time_limit(exam, STAND_IN) == 253

    def out_of_memory(*_: object) -> float:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nSee also")

    monkeypatch.setattr("grader.materials.exam._reference_seconds", out_of_memory)
    with pytest.raises(NeedsGpu, match=r"cannot be trained on cpu.*2\.00 GiB\. This check waits"):
        time_limit(exam, STAND_IN)


def test_an_invented_backbone_has_two_entries_until_it_is_forgotten() -> None:
    first, default = (SmallBackbone().state_dict() for _ in range(2))
    register_invented(first, default)
    try:
        entries = get_model_weights(NAME)
        assert entries.DEFAULT is entries.SMALL_V2
        for entry, state in ((entries.SMALL_V1, first), ("DEFAULT", default)):
            loaded = get_model(NAME, weights=entry).state_dict()
            assert all(torch.equal(loaded[name], value) for name, value in state.items())
        pixels = torch.zeros(2, 3, 28, 28, dtype=torch.uint8)
        assert get_model(NAME)(entries.DEFAULT.transforms()(pixels)).shape == (2, 20)
    finally:
        forget_invented()
    with pytest.raises(ValueError, match="Unknown model"):
        get_model(NAME)


CHECK = '''
from grader.check import check, expect

@check("{task}.{name}")
def test_{name}(submission):
    """It gets {name}."""
    {allow}
    expect(submission.call("burn") is True, got=1, want=2, because="It did not.")
'''
BURN = """
import time

def burn():
    began = time.process_time()
    while time.process_time() - began < 3:
        pass
    return True
"""


@pytest.mark.proof
@pytest.mark.skipif(not find_mode().safe, reason="this system offers no isolation")
def test_a_check_can_allow_more_time_for_itself_alone(
    tmp_path: Path, warm_sandbox: Callable[[Mode], Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = CHECK.format(task="swap_head", name="more", allow="submission.allow(60)")
    checks += CHECK.format(task="mlp_head", name="no_more", allow="")
    folder = tmp_path / "checks"
    folder.mkdir()
    (folder / "test_03_head.py").write_text(checks, "utf-8")
    monkeypatch.setattr(settings, "HIDDEN_CHECKS", folder)
    exercise = course().exercise("03").model_copy(update={"limits": Limits(cpu_seconds=1)})
    limited = course().model_copy(update={"exercises": {**course().exercises, "03": exercise}})
    found = judge(limited, "03", BURN.encode(), seed=SEED, sandbox=warm_sandbox(find_mode()))
    statuses = {v.id.rpartition(".")[2]: v.status for v in found.verdicts if v.hidden}
    assert statuses == {"more": Status.PASSED, "no_more": Status.TIMEOUT}


def test_missing_weights_are_not_the_submissions_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise KitError("the weights are missing: install them")

    monkeypatch.setattr(EfficientNet_Lite0_Weights, "get_state_dict", missing)
    embedded_backbone.cache_clear()
    try:
        found = run_checks(course(), NUMBER, ROOT / "solutions" / "capstone.py", seed=SEED)
    finally:
        embedded_backbone.cache_clear()
    assert {v.status for v in found} == {Status.GRADER_ERROR, Status.BLOCKED}
    assert all("install them" in v.message for v in found if v.status is Status.GRADER_ERROR)
