"""The reference answers and the training checks on real Fashion-MNIST images."""

from pathlib import Path

import pytest
import torch
from torchvision.datasets import FashionMNIST

from grader.common.errors import KitError
from grader.course.settings import Course, Data
from grader.judge.run_checks import run_checks
from grader.materials.garments import CLASSES
from grader.materials.images import load_images
from solutions.data import build_loader, build_transform, split_train_val
from solutions.evaluate import confusion_matrix, evaluate
from solutions.freeze import freeze_backbone, unfreeze_from
from solutions.head import find_head, swap_head
from solutions.load_pretrained import load_pretrained
from solutions.train import fit
from tests.support.corpus import ROOT, course

SAMPLE = ROOT.parent / "shared" / "data"
needs_sample = pytest.mark.skipif(
    not (SAMPLE / "FashionMNIST" / "raw").is_dir(),
    reason=f"no sample of real Fashion-MNIST in {SAMPLE}",
)


def real_course() -> Course:
    data = Data(source="fashion-mnist", root=str(SAMPLE))
    return course().model_copy(update={"data": data})


@needs_sample
@pytest.mark.proof
def test_the_reference_learns_real_garments_through_torchvisions_own_dataset() -> None:
    torch.manual_seed(0)
    transform = build_transform([0.5] * 3, [0.5] * 3, image_size=64)
    dataset = FashionMNIST(str(SAMPLE), train=True, transform=transform, download=False)
    assert tuple(dataset.classes) == CLASSES
    some, _ = split_train_val(dataset, val_fraction=0.6, seed=0)
    train_set, val_set = split_train_val(some, val_fraction=0.25, seed=0)
    model = swap_head(load_pretrained("efficientnet_lite0"), num_classes=len(CLASSES))
    freeze_backbone(model, find_head(model))
    unfreeze_from(model, "stage7")
    history = fit(
        model,
        build_loader(train_set, batch_size=64, shuffle=True),
        build_loader(val_set, batch_size=64, shuffle=False),
        epochs=2,
        lr=1e-3,
        device="cpu",
    )
    test_set = FashionMNIST(str(SAMPLE), train=False, transform=transform, download=False)
    loader = build_loader(test_set, batch_size=64, shuffle=False)
    _, accuracy = evaluate(model, loader, "cpu")
    assert accuracy > 0.6, history
    counts = confusion_matrix(model, loader, len(CLASSES), "cpu")
    assert counts.sum() == len(test_set)
    assert counts.trace() / len(test_set) == pytest.approx(accuracy)


@needs_sample
@pytest.mark.parametrize(
    "number", ["04", *(pytest.param(number, marks=pytest.mark.proof) for number in ("06", "07"))]
)
def test_training_checks_pass_on_real_images_by_one_line_of_the_course(number: str) -> None:
    source = ROOT / "solutions" / course().exercise(number).file_name
    found = run_checks(real_course(), number, source, seed="real")
    assert {v.id: v.message for v in found if v.status != "passed"} == {}


@needs_sample
def test_real_images_are_chosen_by_the_seed() -> None:
    images, labels = load_images(real_course(), 50, seed=1)
    assert images.shape == (50, 28, 28)
    assert images.dtype == torch.uint8
    assert labels.dtype == torch.int64
    again, _ = load_images(real_course(), 50, seed=1)
    other, _ = load_images(real_course(), 50, seed=2)
    assert torch.equal(images, again)
    assert not torch.equal(images, other)


def test_missing_files_are_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    data = Data(source="fashion-mnist", root=str(tmp_path))
    empty = course().model_copy(update={"data": data})
    with pytest.raises(KitError, match="run `grader prepare` once") as raised:
        load_images(empty, 10, seed=0)
    assert "\n" not in str(raised.value)


def test_embedded_images_are_garments_that_a_seed_fixes() -> None:
    images, labels = load_images(course(), 100, seed=3)
    assert images.shape == (100, 28, 28)
    assert images.dtype == torch.uint8
    assert labels.bincount().tolist() == [10] * 10
    again, same = load_images(course(), 100, seed=3)
    assert torch.equal(images, again)
    assert torch.equal(labels, same)
    assert not torch.equal(images, load_images(course(), 100, seed=4)[0])
