"""A small backbone with two weights entries, which a check registers in torchvision.

Like `model.py`, this file must not use `from __future__ import annotations`.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from torch import Tensor, nn
from torchvision.models import Weights, WeightsEnum
from torchvision.models._api import BUILTIN_MODELS, register_model
from torchvision.transforms._presets import ImageClassification

NAME: Final = "mobilenet_small"
SIDE: Final = 32
_CATEGORIES: Final = 20


class SmallBackbone(nn.Module):
    """A small MobileNet-like model: `features`, average pooling, a `head` with Dropout."""

    def __init__(self, num_classes: int = _CATEGORIES) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for channels, width in ((3, 16), (16, 32), (32, 64)):
            layers += [nn.Conv2d(channels, width, 3, stride=2, padding=1, bias=False)]
            layers += [nn.BatchNorm2d(width), nn.ReLU()]
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(64, num_classes))

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, H, W) → logits (N, num_classes)."""
        logits: Tensor = self.head(self.avgpool(self.features(images)).flatten(1))
        return logits


class _InventedWeights(WeightsEnum):  # type: ignore[misc]
    """Weights entries whose states are passed in, not read from a file."""

    def get_state_dict(self, *args: Any, **kwargs: Any) -> Mapping[str, Tensor]:
        """Copies of the tensors by name."""
        return {name: tensor.clone() for name, tensor in self.meta["state"]().items()}


def register_invented(first: Mapping[str, Tensor], default: Mapping[str, Tensor]) -> None:
    """Register the backbone `NAME`, replacing an earlier one.

    Args:
        first: the state of the entry "SMALL_V1".
        default: the state of the entry "SMALL_V2", which is DEFAULT.
    """
    forget_invented()
    entries = {"SMALL_V1": _entry(1, first), "SMALL_V2": _entry(2, default)}
    members = {**entries, "DEFAULT": entries["SMALL_V2"]}
    enum = _InventedWeights("MobileNet_Small_Weights", members)

    def build(*, weights: enum | None = None, progress: bool = True, **options: Any) -> nn.Module:  # type: ignore[valid-type]
        entry = enum.verify(weights)
        model = SmallBackbone(**options)
        if entry is not None:
            model.load_state_dict(entry.get_state_dict())
        return model

    register_model(NAME)(build)


def forget_invented() -> None:
    """Remove the backbone from the registry, if it is there."""
    BUILTIN_MODELS.pop(NAME, None)


def _entry(version: int, state: Mapping[str, Tensor]) -> Weights:
    return Weights(
        url=f"memory:{NAME}_v{version}",
        transforms=partial(ImageClassification, crop_size=SIDE, resize_size=SIDE),
        # A function, because entries are compared, and `==` on tensors gives no single boolean.
        meta={"categories": list(map(str, range(_CATEGORIES))), "state": lambda: state},
    )
