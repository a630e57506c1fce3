"""Registers `resnet18_shapes` in torchvision, with weights, like torchvision's own models.

    import grader.materials.backbone
    model = get_model("resnet18_shapes", weights="DEFAULT")

torchvision reads the builder's annotations, which therefore must not be strings: this file must not
use `from __future__ import annotations`.
"""

import hashlib
from functools import partial
from importlib import resources
from typing import Any, Final

import safetensors.torch
import torch
import torchvision
from PIL import Image
from torch import Tensor, nn
from torchvision.models import ResNet, Weights, WeightsEnum, resnet18
from torchvision.models._api import register_model
from torchvision.transforms import functional

from grader.common.errors import KitError
from grader.materials.backbone.formulas import COUNTS

FILE_NAME: Final = "resnet18_shapes.safetensors"
CATEGORIES: Final = [
    f"{family} {number}" for family, count in COUNTS.items() for number in range(count)
]


class ShapesPreset(nn.Module):
    """The preprocessing for the weights: grey, square, three equal channels, about -1 to 1.

    Args:
        size: the side of the output in pixels.
    """

    def __init__(self, size: int = 64) -> None:
        super().__init__()
        self.size = size

    def forward(self, image: Image.Image | Tensor) -> Tensor:
        """Preprocess an image.

        Args:
            image: a PIL image, or a tensor (…, 1 or 3, H, W), uint8 or float from 0 to 1.

        Returns:
            float32 (…, 3, size, size).
        """
        if not isinstance(image, Tensor):
            image = functional.pil_to_tensor(image.convert("L"))
        grey = functional.rgb_to_grayscale(image)
        grey = functional.convert_image_dtype(grey, torch.float32)
        grey = functional.resize(grey, [self.size, self.size], antialias=True)
        normalised: Tensor = functional.normalize(grey, [0.5], [0.5])
        return normalised.repeat_interleave(3, dim=-3)

    def extra_repr(self) -> str:
        """The text between the parentheses when the transforms are printed."""
        return f"size={self.size}, mean=0.5, std=0.5"


class ResNet18_Shapes_Weights(WeightsEnum):  # type: ignore[misc] # noqa: N801 (torchvision's style)
    """The weights of `resnet18_shapes`. They are part of the package and never downloaded."""

    SHAPES_V1 = Weights(
        url=f"package:{FILE_NAME}",
        transforms=partial(ShapesPreset, size=64),
        meta={
            "num_params": 12_048_612,
            "min_size": (1, 1),
            "categories": CATEGORIES,
            "recipe": "python -m grader.materials.backbone.pretrain",
            "sha256": "8f8578d52efbeb1a1d89af4af507a142244e6d6811590ec0ecea17d04dc95a5a",
            "_file_size": 23.010,
            "_metrics": {
                "formula images": {"acc@1": 88.69},
                # A probe of its feature maps, five seeds, 615 images of t10k:
                # benchmarks/transfer.py
                "Fashion-MNIST, 100 labels": {"acc@1": 79.8},
                "Fashion-MNIST, 1,000 labels": {"acc@1": 86.3},
            },
            "_docs": "Trained on images that formulas draw, in grey, 64 pixels wide.",
        },
    )
    DEFAULT = SHAPES_V1

    def get_state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Read the weights from the package; torchvision's arguments for downloads are ignored.

        Returns:
            Tensors by name: float32, and BatchNorm's counters as int64.

        Raises:
            KitError: when the file is not the one that was released.
        """
        content = resources.files(__package__).joinpath(FILE_NAME).read_bytes()
        if hashlib.sha256(content).hexdigest() != self.meta["sha256"]:
            raise KitError(f"{FILE_NAME} is damaged: install the kit again")
        state = safetensors.torch.load(content)
        return {name: t.float() if t.is_floating_point() else t for name, t in state.items()}


@register_model()  # type: ignore[untyped-decorator]
def resnet18_shapes(
    *, weights: ResNet18_Shapes_Weights | None = None, progress: bool = True, **options: Any
) -> ResNet:
    """ResNet-18 (He et al. 2016, arXiv:1512.03385) for images of shapes.

    Args:
        weights: a weights entry or its name; None for random initialisation.
        progress: ignored, since nothing is downloaded; torchvision's own builders have it, too.
        options: further arguments for `torchvision.models.ResNet`.

    Returns:
        The model: images (N, 3, H, W) → logits, one for each of the weights' categories.

    Raises:
        ValueError: when `num_classes` does not fit the weights.
    """
    entry = ResNet18_Shapes_Weights.verify(weights)
    if entry is None:
        return resnet18(**options)
    classes = len(entry.meta["categories"])
    if options.setdefault("num_classes", classes) != classes:
        raise ValueError(f"num_classes: {entry.name} has {classes}, not {options['num_classes']}")
    model = resnet18(**options)
    model.load_state_dict(entry.get_state_dict())
    return model


# `get_weight` and `list_models(module=torchvision.models)` look only below `torchvision.models`.
resnet18_shapes.__module__ = resnet18.__module__
torchvision.models.ResNet18_Shapes_Weights = ResNet18_Shapes_Weights
