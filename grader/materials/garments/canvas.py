"""Coordinates, random numbers and the few shapes that garments are made of.

It uses only operations that IEEE 754 rounds correctly (sums, products, quotients, roots, floors,
comparisons), so that the same seed gives the same bytes on every machine. Sines would not.
"""

from typing import Final

import torch
from torch import Generator, Tensor

SIDE: Final = 28
Number = Tensor | float
Knots = list[tuple[Number, Number]]


class Canvas:
    """The coordinates of `count` images, each slightly shifted, sheared and stretched.

    Attributes:
        x: the coordinate to the right, about -1 to 1; (count, 28, 28).
        y: the coordinate downwards, about -1 to 1; (count, 28, 28).
    """

    def __init__(self, count: int, generator: Generator) -> None:
        self.count, self.generator = count, generator
        line = (torch.arange(SIDE) + 0.5) / (SIDE / 2) - 1
        y, x = torch.meshgrid(line, line, indexing="ij")
        lean = self.between(-0.04, 0.04)
        self.x = x * self.between(0.95, 1.07) + y * lean + self.between(-0.05, 0.05)
        self.y = y * self.between(0.98, 1.04) - x * lean + self.between(-0.03, 0.03)

    def between(self, low: Number, high: Number) -> Tensor:
        """A uniform random number for each image, (count, 1, 1)."""
        return low + (high - low) * torch.rand(self.count, 1, 1, generator=self.generator)

    def chance(self, probability: float) -> Tensor:
        """True with this probability, drawn for each image; bool (count, 1, 1)."""
        return torch.rand(self.count, 1, 1, generator=self.generator) < probability

    def either(self, probability: float, this: Number, that: Number) -> Tensor:
        """`this` with the given probability, else `that`, drawn for each image; (count, 1, 1)."""
        zero = torch.zeros(self.count, 1, 1)
        return torch.where(self.chance(probability), zero + this, zero + that)

    def grain(self) -> Tensor:
        """A uniform random number for each pixel, (count, 28, 28)."""
        return torch.rand(self.count, SIDE, SIDE, generator=self.generator)

    def clouds(self, cells: int) -> Tensor:
        """Smooth noise from 0 to 1, with about `cells` hills along a side; (count, 28, 28)."""
        size = cells + 2
        values = torch.rand(self.count, size, size, generator=self.generator)
        place = torch.arange(SIDE) * (cells / SIDE)
        first, part = place.floor().long(), place - place.floor()
        rows = values[:, first] * (1 - part)[:, None] + values[:, first + 1] * part[:, None]
        return rows[:, :, first] * (1 - part) + rows[:, :, first + 1] * part


def edge(depth: Tensor) -> Tensor:
    """The fraction of a pixel that is covered when its centre lies `depth` inside an outline."""
    return (depth * (SIDE / 2) + 0.5).clamp(0, 1)


def band(place: Tensor, low: Number, high: Number) -> Tensor:
    """The coverage, 0 to 1, of the band where `place` lies between two bounds."""
    return edge(torch.minimum(place - low, high - place))


def wave(turns: Tensor) -> Tensor:
    """A wave with period 1, from -1 to 1, made of parabolas in place of a sine."""
    place = 2 * (turns - turns.floor()) - 1
    return 4 * place * (1 - place.abs())


def curve(place: Tensor, knots: Knots) -> Tensor:
    """Interpolate linearly between `knots`, ascending (place, value) pairs; constant outside."""
    (position, value), *others = knots
    total = torch.zeros_like(place) + value
    for next_position, next_value in others:
        part = ((place - position) / (next_position - position)).clamp(0, 1)
        total = total + part * (next_value - value)
        position, value = next_position, next_value
    return total


def limb(
    x: Tensor, y: Tensor, start: tuple[Number, Number], end: tuple[Number, Number],
    thickness: tuple[Number, Number],
) -> Tensor:  # fmt: skip
    """The depth inside a bar that ends at `end`, and begins half its width before `start`.

    `thickness` is half of the bar's width at its start and at its end.
    """
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    square = torch.as_tensor(along_x * along_x + along_y * along_y)
    length = square.sqrt()
    part = ((x - start[0]) * along_x + (y - start[1]) * along_y) / square
    aside = ((x - start[0]) * along_y - (y - start[1]) * along_x).abs() / length
    half = thickness[0] + part.clamp(0, 1) * (thickness[1] - thickness[0])
    ends = torch.minimum((1 - part) * length, part * length + thickness[0])
    return torch.minimum(half - aside, ends)


def oval(
    x: Tensor, y: Tensor, center: tuple[Number, Number], radius: tuple[Number, Number]
) -> Tensor:
    """The approximate depth inside an ellipse."""
    across, down = (x - center[0]) / radius[0], (y - center[1]) / radius[1]
    norm = (across * across + down * down).sqrt()
    return (1 - norm) * torch.minimum(torch.as_tensor(radius[0]), torch.as_tensor(radius[1]))


def ring(
    x: Tensor, y: Tensor, center: tuple[Number, Number], radius: tuple[Number, Number],
    half_width: Number,
) -> Tensor:  # fmt: skip
    """The approximate depth inside a band along an ellipse."""
    return half_width - oval(x, y, center, radius).abs()


def paint(picture: Tensor, coverage: Tensor, grey: Number) -> Tensor:
    """Blend a grey layer into a picture, as far as it covers each pixel."""
    return picture + coverage * (grey - picture)
