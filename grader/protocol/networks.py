"""Small networks, which checks train and measure in place of large ones."""

from collections import OrderedDict
from typing import Any, Final

import torch
from torch import Tensor, nn


class Block(nn.Sequential):
    """Convolution → BatchNorm → ReLU → Dropout, (N, C, H, W) → (N, width, H, W)."""

    def __init__(self, channels: int, width: int, dropout: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, width, kernel_size=3, padding=1)
        self.norm = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.drop = nn.Dropout(dropout)


class SmallNet(nn.Module):
    """Blocks, average pooling and a linear head, with one parameter held by the network itself.

    The children are, in order, `block1` … `blockN`, `pool`, `head`. A dropout rate of 1.0 sets a
    part's output to zero in training mode, and only then. So the output shows without randomness
    which parts are in training mode.

    Args:
        widths: the output channels of each block.
        dropouts: the dropout rate of each block and, last, the rate before the head.
        channels: the number of input channels.
        classes: the width of the output.
    """

    def __init__(
        self,
        widths: list[int],
        dropouts: list[float] | None = None,
        channels: int = 1,
        classes: int = 10,
    ) -> None:
        super().__init__()
        rates = dropouts or [0.0] * (len(widths) + 1)
        inputs = [channels, *widths]
        for number, width in enumerate(widths, start=1):
            self.add_module(f"block{number}", Block(inputs[number - 1], width, rates[number - 1]))
        self.pool = nn.AdaptiveAvgPool2d(4)
        self.head = nn.Sequential(
            nn.Flatten(), nn.Dropout(rates[-1]), nn.Linear(16 * widths[-1], classes)
        )
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, classes) for images (N, channels, H, W)."""
        features = images * self.scale
        for child in self.children():
            features = child(features)
        return features


class Recorder(nn.Module):
    """Passes its input through and records how it was called, which no output would show.

    Attributes:
        calls: one dict per call: whether gradients were enabled, whether the module was in training
            mode, and the batch size.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[dict[str, bool | int]] = []

    def forward(self, inputs: Tensor) -> Tensor:
        """`inputs`, unchanged."""
        gradients = torch.is_grad_enabled()
        self.calls.append({"gradients": gradients, "training": self.training, "batch": len(inputs)})
        return inputs


class RecordedNet(nn.Sequential):
    """A `Recorder`, then a `SmallNet`."""

    def __init__(self, widths: list[int], dropouts: list[float] | None = None) -> None:
        super().__init__()
        self.recorder = Recorder()
        self.net = SmallNet(widths, dropouts)


class SharedNet(nn.Module):
    """Two linear layers that share one weight matrix, as tied embeddings do, and a BatchNorm."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.encoder = nn.Linear(width, width)
        self.norm = nn.BatchNorm1d(width)
        self.decoder = nn.Linear(width, width)
        self.decoder.weight = self.encoder.weight

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, width) → (N, width)."""
        outputs: Tensor = self.decoder(self.norm(self.encoder(inputs)))
        return outputs


class Twice(nn.Sequential):
    """BatchNorm, a convolution, Dropout, and the same convolution again under a second name."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(width)
        self.first = nn.Conv2d(width, width, kernel_size=3, padding=1)
        self.drop = nn.Dropout(dropout)
        self.again = self.first


class Nested(nn.Module):
    """A `Block` deep inside, a convolution beside it, and a parameter of its own."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Sequential(Block(width, width, dropout)))
        self.skip = nn.Conv2d(width, width, kernel_size=1)
        self.gain = nn.Parameter(torch.ones(width, 1, 1))

    def forward(self, features: Tensor) -> Tensor:
        """(N, width, H, W) → the same shape."""
        outputs: Tensor = self.inner(features) * self.gain + self.skip(features)
        return outputs


class Plain(nn.Sequential):
    """A convolution and a Tanh, the same in training and in evaluation."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__(nn.Conv2d(width, width, kernel_size=3, padding=1), nn.Tanh())


class Norm(Block):
    """A `Block` that keeps the number of channels."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__(width, width, dropout)


GROWN: Final = {cls.__name__.lower(): cls for cls in (Plain, Norm, Nested, Twice)}


class GrownNet(nn.Module):
    """A network of arbitrary parts that a strategy draws, (N, 1, H, W) → (N, classes).

    The children are, in order, `stem`, a convolution; `part1` … `partN`; `pool`; and `head`, whose
    linear layer is `head` itself or, with `deep`, `head.out.0`. `scale` is a parameter of the
    network itself.

    Args:
        parts: the kind of each part, as named in `GROWN`.
        width: the number of channels of all parts.
        classes: the width of the output.
        dropout: the rate of every Dropout (1.0 sets a part's output to zero in training mode).
        deep: whether the linear layer is nested inside a child, behind a Dropout of that rate.
    """

    def __init__(
        self, parts: list[str], width: int, classes: int, dropout: float, deep: bool
    ) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, width, kernel_size=1)
        for number, kind in enumerate(parts, start=1):
            self.add_module(f"part{number}", GROWN[kind](width, dropout))
        flatten = nn.Flatten()
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Identity() if deep else flatten)
        self.head: nn.Module = nn.Linear(4 * width, classes)
        if deep:
            named = {"flat": flatten, "drop": nn.Dropout(dropout), "out": nn.Sequential(self.head)}
            self.head = nn.Sequential(OrderedDict(named))
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, classes) for images (N, 1, H, W)."""
        features = images * self.scale
        for child in self.children():
            features = child(features)
        return features


class NoLinearAtTheEnd(nn.Sequential):
    """Ends in a convolution, like SqueezeNet; its linear layer comes earlier and is not a head."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mix = nn.Linear(8, 8)
        self.conv = nn.Conv2d(1, width, kernel_size=8)
        self.flat = nn.Flatten()


class Layers(nn.Sequential):
    """A sequence of `torch.nn` layers, each given as its name followed by its arguments."""

    def __init__(self, layers: list[list[Any]]) -> None:
        super().__init__(*(getattr(nn, name)(*arguments) for name, *arguments in layers))


NETWORKS: Final = {
    cls.__name__: cls
    for cls in (SmallNet, RecordedNet, SharedNet, GrownNet, NoLinearAtTheEnd, Layers)
}
