"""The embedded backbone: its images, its training run, its place in torchvision's registry."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import get_model, get_model_weights

from grader.common.errors import KitError
from grader.materials.backbone import ResNet18_Shapes_Weights, export, pretrain
from grader.materials.backbone.formulas import LITTER, make_formulas

SMALL = {"solids": 8, "contours": 3, "fractals": 3, "textures": 2}
RECIPE = pretrain.Recipe(steps=4, batch=8, small_side=32, side=48, **SMALL)
CPU = torch.device("cpu")


def small_images(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    labels = torch.arange(16).repeat(20)
    generator = torch.Generator().manual_seed(seed)
    return make_formulas(**SMALL, seed=0).draw(labels, generator), labels


def test_formula_images_are_grey_on_an_empty_background_and_a_seed_fixes_them() -> None:
    images, _ = small_images(seed=1)
    assert images.shape == (320, 32, 32)
    assert images.dtype == torch.float32
    assert float(images.min()) >= 0
    assert float(images.max()) <= 1
    assert float((images == 0).float().mean(dim=(1, 2)).mean()) > 0.2
    assert torch.equal(images, small_images(seed=1)[0])
    assert not torch.equal(images, small_images(seed=2)[0])
    assert len({image.numpy().tobytes() for image in images}) == len(images)


def test_classes_of_formulas_can_be_told_apart_but_not_by_their_pixels_alone() -> None:
    train, labels = small_images(seed=1)
    test, _ = small_images(seed=2)
    centers = torch.stack([train[labels == label].mean(0) for label in range(16)])
    nearest = torch.cdist(test.flatten(1), centers.flatten(1)).argmin(1)
    accuracy = float((nearest == labels).float().mean())
    assert 2 / 16 < accuracy < 0.9


def test_classes_of_a_litter_are_more_alike_than_others() -> None:
    images, labels = small_images(seed=1)
    centers = torch.stack([images[labels == label].mean(0).flatten() for label in range(8)])
    apart = torch.cdist(centers, centers)
    siblings = torch.arange(8)[:, None] // LITTER == torch.arange(8)[None, :] // LITTER
    within = apart[siblings & ~torch.eye(8, dtype=torch.bool)].mean()
    assert within < apart[~siblings].mean()


def test_a_broken_off_run_goes_on_to_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = pretrain.train(RECIPE, tmp_path / "whole.pt", CPU).state_dict()
    save = pretrain._save

    def break_off(*args: Any) -> None:
        save(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(pretrain, "SAVE_EVERY", 2)
    monkeypatch.setattr(pretrain, "_save", break_off)
    with pytest.raises(KeyboardInterrupt):
        pretrain.train(RECIPE, tmp_path / "parts.pt", CPU)
    monkeypatch.setattr(pretrain, "_save", save)
    assert torch.load(tmp_path / "parts.pt", weights_only=True)["step"] == 2
    parts = pretrain.train(RECIPE, tmp_path / "parts.pt", CPU).state_dict()
    assert all(torch.equal(parts[name], tensor) for name, tensor in whole.items())


def test_a_checkpoint_of_another_recipe_is_refused_in_one_line(tmp_path: Path) -> None:
    pretrain.train(replace(RECIPE, steps=1), tmp_path / "a.pt", CPU)
    with pytest.raises(SystemExit, match="has another recipe: name another file"):
        pretrain.train(replace(RECIPE, steps=1, lr=0.2), tmp_path / "a.pt", CPU)


def test_half_precision_refuses_what_it_cannot_hold() -> None:
    small = export.half({"weight": torch.tensor([1.5]), "count": torch.tensor(70_000)})
    assert small["weight"].dtype == torch.float16
    assert int(small["count"]) == 70_000
    with pytest.raises(OverflowError, match="bias"):
        export.half({"bias": torch.tensor([70_000.0])})


def test_the_model_loads_by_name_like_torchvisions_own() -> None:
    entry = get_model_weights("resnet18_shapes").DEFAULT
    assert entry is ResNet18_Shapes_Weights.SHAPES_V1
    model = get_model("resnet18_shapes", weights="DEFAULT")
    same = get_model("resnet18_shapes", weights=entry)
    assert sum(p.numel() for p in model.parameters()) == entry.meta["num_params"]
    assert model.fc.out_features == len(entry.meta["categories"])
    stored = entry.get_state_dict(progress=False, check_hash=True)
    for loaded in (model, same):
        state = loaded.state_dict()
        assert state.keys() == stored.keys()
        assert all(torch.equal(state[name], tensor) for name, tensor in stored.items())
    assert {t.dtype for t in stored.values()} == {torch.float32, torch.int64}
    random = get_model("resnet18_shapes", weights=None, num_classes=10)
    assert random.fc.out_features == 10
    with pytest.raises(ValueError, match="num_classes: SHAPES_V1 has 1700, not 10"):
        get_model("resnet18_shapes", weights="DEFAULT", num_classes=10)


def test_the_weights_know_the_formulas_that_they_were_trained_on() -> None:
    model = get_model("resnet18_shapes", weights="DEFAULT")
    entry = get_model_weights("resnet18_shapes").DEFAULT
    recipe = pretrain.Recipe(steps=1)
    stated = entry.meta["_metrics"]["formula images"]["acc@1"]
    measured = 100 * export.accuracy(model, recipe, count=500)
    assert measured == pytest.approx(stated, abs=8)  # 500 of the 10,000 that were measured


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1"])
def test_the_transforms_take_pictures_of_any_mode(mode: str) -> None:
    grey = Image.fromarray(np.arange(28 * 28, dtype=np.uint32).astype(np.uint8).reshape(28, 28))
    transform = get_model_weights("resnet18_shapes").DEFAULT.transforms()
    batch = transform(grey.convert(mode))
    assert batch.shape == (3, 64, 64)
    assert batch.dtype == torch.float32
    assert torch.equal(batch[0], batch[2])
    assert float(batch.min()) >= -1
    assert float(batch.max()) <= 1


def test_the_transforms_take_batches_and_give_what_pictures_give() -> None:
    pixels = torch.randint(0, 256, (5, 1, 28, 28), dtype=torch.uint8)
    transform = get_model_weights("resnet18_shapes").DEFAULT.transforms()
    batch = transform(pixels)
    assert batch.shape == (5, 3, 64, 64)
    one = transform(Image.fromarray(pixels[3, 0].numpy()))
    torch.testing.assert_close(batch[3], one)
    torch.testing.assert_close(transform(pixels / 255), batch)


def test_damaged_weights_are_one_line_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    entry = get_model_weights("resnet18_shapes").DEFAULT
    path = Path(export.__file__).parent / export.FILE_NAME
    content = bytearray(path.read_bytes())
    assert hashlib.sha256(content).hexdigest() == entry.meta["sha256"]
    content[-1] ^= 1
    (tmp_path / export.FILE_NAME).write_bytes(content)
    monkeypatch.setattr("grader.materials.backbone.model.resources.files", lambda package: tmp_path)
    with pytest.raises(KitError, match="damaged: install the kit again"):
        entry.get_state_dict()
