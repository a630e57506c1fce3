"""EfficientNet-Lite0, built on torchvision's blocks.

EfficientNet (Tan & Le 2019, arXiv:1905.11946) is a stack of inverted residuals. Its Lite variants
leave out what runs badly on small devices: they have no squeeze-and-excitation, ReLU6 in the place
of SiLU, and a stem and a top whose width never changes
(https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite).

The direct children are the stages, as in a ResNet: `unfreeze_from(model, "stage6")` names one.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import torch
import torch.fx
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.ops.misc import ConvNormActivation


class StageSpec(NamedTuple):
    """Blocks of one width; the first of them may halve the resolution."""

    name: str
    blocks: int
    channels: int
    kernel_size: int
    stride: int
    expansion: int


STEM: Final = 32
STAGES: Final = (
    StageSpec("stage1", 1, 16, 3, 1, 1),
    StageSpec("stage2", 2, 24, 3, 2, 6),
    StageSpec("stage3", 2, 40, 5, 2, 6),
    StageSpec("stage4", 3, 80, 3, 2, 6),
    StageSpec("stage5", 3, 112, 5, 1, 6),
    StageSpec("stage6", 4, 192, 5, 2, 6),
    StageSpec("stage7", 1, 320, 3, 1, 6),
)
TOP: Final = 1280


def pad_same(images: Tensor, kernel_size: Sequence[int], stride: Sequence[int]) -> Tensor:
    """Add zeros around images (N, C, H, W), as TensorFlow's padding "SAME" does.

    A convolution then has ceil(size / stride) outputs on each side. Where the number of zeros is
    odd, the right and the bottom get one more. PyTorch's own `padding="same"` allows no strides.
    """
    padding: list[int] = []
    for size, kernel, step in zip(
        images.shape[:1:-1], kernel_size[::-1], stride[::-1], strict=True
    ):
        total = max((-(-size // step) - 1) * step + kernel - size, 0)
        padding += [total // 2, total - total // 2]
    return F.pad(images, padding)


# torchvision's `create_feature_extractor` follows the network symbolically, where an image's size
# is not known. So it must take this function as one step.
torch.fx.wrap("pad_same")


class SameConv2d(nn.Conv2d):
    """A convolution whose input is padded by `pad_same`."""

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, C, H, W) → (N, out_channels, ceil(H / stride), ceil(W / stride))."""
        return super().forward(pad_same(images, self.kernel_size, self.stride))


class ConvNorm(ConvNormActivation):  # type: ignore[misc]
    """A convolution without bias, BatchNorm, and ReLU6 or no activation.

    `eps` is the published one, which the logits depend on. `momentum` is PyTorch's: with the
    published one, 0.01, the statistics would need hundreds of steps to follow other images.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 1,
        stride: int = 1,
        groups: int = 1,
        activation: Callable[..., nn.Module] | None = nn.ReLU6,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding=0 if stride > 1 else kernel_size // 2,
            groups=groups,
            norm_layer=partial(nn.BatchNorm2d, eps=1e-3),
            activation_layer=activation,
            conv_layer=SameConv2d if stride > 1 else nn.Conv2d,
        )


class InvertedResidual(nn.Module):
    """Widen, filter each channel by itself, narrow (Sandler et al. 2018, arXiv:1801.04381)."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, stride: int, expansion: int
    ) -> None:
        super().__init__()
        width = in_channels * expansion
        layers = [ConvNorm(in_channels, width)] if expansion > 1 else []
        layers += [
            ConvNorm(width, width, kernel_size, stride, groups=width),
            ConvNorm(width, out_channels, activation=None),
        ]
        self.block = nn.Sequential(*layers)
        self.residual = stride == 1 and in_channels == out_channels

    def forward(self, features: Tensor) -> Tensor:
        """Features (N, in_channels, H, W) → (N, out_channels, ceil(H / stride), …)."""
        found: Tensor = self.block(features)
        return features + found if self.residual else found


class EfficientNetLite(nn.Module):
    """EfficientNet-Lite0: images (N, 3, H, W) → logits (N, num_classes).

    Its parts, one after the other, are `stem`, `stage1` to `stage7`, `top`, `avgpool`, `flatten`
    and `classifier`. So `nn.Sequential(*list(model.children())[:6])` gives the feature maps of
    `stage5`: 112 channels, a sixteenth as high and wide as the image.

    Args:
        num_classes: the number of logits.
        dropout: the rate of the Dropout before the last layer.
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.2) -> None:
        super().__init__()
        self.stem = ConvNorm(3, STEM, kernel_size=3, stride=2)
        channels = STEM
        for stage in STAGES:
            self.add_module(stage.name, _blocks(channels, stage))
            channels = stage.channels
        self.top = ConvNorm(channels, TOP)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(TOP, num_classes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")

    def forward(self, images: Tensor) -> Tensor:
        """Images (N, 3, H, W) → logits (N, num_classes)."""
        for part in self.children():
            images = part(images)
        return images


def _blocks(in_channels: int, stage: StageSpec) -> nn.Sequential:
    """The blocks of a stage: the first one changes the width, and may halve the resolution."""
    inputs = [in_channels] + [stage.channels] * (stage.blocks - 1)
    strides = [stage.stride] + [1] * (stage.blocks - 1)
    return nn.Sequential(
        *(
            InvertedResidual(channels, stage.channels, stage.kernel_size, stride, stage.expansion)
            for channels, stride in zip(inputs, strides, strict=True)
        )
    )
