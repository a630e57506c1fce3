"""Images drawn by formulas, without photographs or garments.

There are four families of classes. A class is one random draw of a formula's constants, and each of
its images is one random perturbation of these constants:

- solids: a few rounded, boxy or tapered parts, joined and cut out of one another;
- contours: closed curves of random Fourier coefficients, filled with lines
  (after RCDB: Kataoka et al. 2022, arXiv:2206.09132);
- fractals: iterated function systems (after FractalDB: Kataoka et al. 2020, arXiv:2101.08515);
- textures: sums of gratings in a blob.

Solids come in litters: the classes of one litter share all parts except one, so that only details
tell them apart.
"""

import math
from dataclasses import dataclass
from typing import Final, Protocol

import torch
from torch import Generator, Tensor

SIDE: Final = 32
COUNTS: Final = {"solids": 1200, "contours": 200, "fractals": 150, "textures": 150}
LITTER: Final = 4
_PARTS: Final = 6
_WAVES: Final = 6
_POINTS: Final = 3000


class Family(Protocol):
    """The classes of one formula."""

    count: int

    def draw(self, index: Tensor, x: Tensor, y: Tensor, generator: Generator) -> Tensor:
        """Draw an image of each class in `index` (n,) on the coordinates x, y (n, side, side).

        Returns:
            Grey values (n, side, side), 0 to 1; 0 is background.
        """


def random(shape: tuple[int, ...], low: float, high: float, generator: Generator) -> Tensor:
    """Uniform numbers between `low` and `high`."""
    return low + (high - low) * torch.rand(shape, generator=generator)


class Solids:
    """Parts that are joined or cut out: ellipses, boxes, rhombi, tapered and often mirrored."""

    def __init__(self, count: int, generator: Generator) -> None:
        self.count = count
        size = (count, _PARTS)
        self.center = random((*size, 2), -0.75, 0.75, generator)
        self.radius = random((*size, 2), 0.1, 0.6, generator)
        self.radius[:, 0] = random((count, 2), 0.25, 0.8, generator)  # a body
        self.center[:, 0] *= 0.3
        self.angle = random(size, -0.9, 0.9, generator)
        self.taper = random(size, -0.6, 0.6, generator)
        self.form = torch.randint(0, 3, size, generator=generator)
        self.cut = torch.rand(size, generator=generator) < 0.3
        self.cut[:, 0] = False
        self.there = torch.rand(size, generator=generator) < 0.65
        self.there[:, 0] = True
        self.grey = random(size, 0.3, 1.0, generator)
        self.mirrored = torch.rand(count, generator=generator) < 0.6
        self._make_litters(generator)

    def _make_litters(self, generator: Generator) -> None:
        """Make the classes of a litter share all parts except one."""
        first = torch.arange(self.count) // LITTER * LITTER
        own = torch.randint(1, _PARTS, (self.count,), generator=generator)
        mask = torch.zeros(self.count, _PARTS, dtype=torch.bool)
        mask[torch.arange(self.count), own] = True
        for name in ("center", "radius", "angle", "taper", "form", "cut", "there", "grey"):
            values = getattr(self, name)
            chosen = mask.unsqueeze(-1) if values.ndim == 3 else mask
            setattr(self, name, torch.where(chosen, values, values[first]))
        self.there |= mask
        self.mirrored = self.mirrored[first]

    def draw(self, index: Tensor, x: Tensor, y: Tensor, generator: Generator) -> Tensor:
        """Draw the joined parts, each perturbed; see `Family.draw`."""
        n = len(index)
        x = torch.where(self.mirrored[index, None, None], x.abs(), x)
        image = torch.zeros_like(x)
        softness = 0.75 * x.shape[-1]
        bright = random((n, 1), 0.35, 1.0, generator)
        noise = torch.randn(7, n, _PARTS, generator=generator)
        for part in range(_PARTS):
            jitter = noise[:, :, part]
            center = self.center[index, part] + 0.05 * jitter[0:2].T
            radius = self.radius[index, part] * (0.13 * jitter[2:4].T).exp()
            angle = self.angle[index, part] + 0.12 * jitter[4]
            taper = self.taper[index, part] + 0.08 * jitter[5]
            dx, dy = x - center[:, 0, None, None], y - center[:, 1, None, None]
            cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
            v = (dy * cos - dx * sin) / radius[:, 1, None, None]
            u = (dx * cos + dy * sin) / radius[:, 0, None, None]
            u = (u * (1 + taper[:, None, None] * v.clamp(-1, 1))).abs()
            v = v.abs()
            form = self.form[index, part, None, None]
            norm = torch.where(form == 0, (u * u + v * v).sqrt(), torch.maximum(u, v))
            norm = torch.where(form == 2, u + v, norm)
            slope = (softness * radius.amin(1))[:, None, None]
            inside = ((1 - norm) * slope).clamp(-0.5, 0.5) + 0.5
            inside = inside * self.there[index, part, None, None]
            shade = self.grey[index, part] * bright[:, 0] * (0.15 * jitter[6]).exp()
            shade = torch.where(self.cut[index, part], 0.0, shade)
            image = image + inside * (shade[:, None, None] - image)
        return image


class Contours:
    """Closed curves, filled with lines that follow them."""

    def __init__(self, count: int, generator: Generator) -> None:
        self.count = count
        falling = 1 / torch.arange(1.0, _WAVES + 1)
        self.height = torch.randn(count, _WAVES, generator=generator) * 0.35 * falling
        self.phase = random((count, _WAVES), 0, 2 * math.pi, generator)
        self.wave = torch.randint(1, 12, (count, _WAVES), generator=generator)
        self.lines = random((count,), 0.0, 6.0, generator)
        self.depth = random((count,), 0.0, 1.0, generator)

    def draw(self, index: Tensor, x: Tensor, y: Tensor, generator: Generator) -> Tensor:
        """Draw a curve and its lines; see `Family.draw`."""
        n = len(index)
        height = self.height[index] * (1 + 0.2 * torch.randn(n, _WAVES, generator=generator))
        theta, distance = torch.atan2(y, x), (x * x + y * y).sqrt()
        edge = torch.full_like(x, 0.6)
        for k in range(_WAVES):
            turn = self.wave[index, k, None, None] * theta + self.phase[index, k, None, None]
            edge = edge + 0.6 * height[:, k, None, None] * turn.cos()
        edge = edge.clamp(min=0.15)
        inside = ((edge - distance) * 0.75 * x.shape[-1]).clamp(-0.5, 0.5) + 0.5
        lines = (2 * math.pi * self.lines[index, None, None] * distance / edge).cos()
        depth = self.depth[index, None, None] * random((n, 1, 1), 0.7, 1.0, generator)
        return inside * (1 - depth * (0.5 + 0.5 * lines)) * random((n, 1, 1), 0.4, 1.0, generator)


class Fractals:
    """The attractors of iterated function systems: a few contracting maps, applied at random."""

    def __init__(self, count: int, generator: Generator) -> None:
        self.count = count
        self.points = torch.stack([_attractor(generator) for _ in range(count)])

    def draw(self, index: Tensor, x: Tensor, y: Tensor, generator: Generator) -> Tensor:
        """Draw the density of the points; see `Family.draw`."""
        n, side = len(index), x.shape[-1]
        angle = 0.3 * torch.randn(n, generator=generator)
        scale = random((n,), 0.6, 1.0, generator)
        turn = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], 1).view(n, 2, 2)
        turn = turn * scale[:, None, None] + 0.08 * torch.randn(n, 2, 2, generator=generator)
        points = self.points[index] @ turn + 0.1 * torch.randn(n, 1, 2, generator=generator)
        cell = ((points + 1) / 2 * side).long()
        kept = ((cell >= 0) & (cell < side)).all(-1)
        flat = (cell[..., 1] * side + cell[..., 0]).clamp(0, side * side - 1)
        density = torch.zeros(n, side * side).scatter_add_(1, flat, kept.float())
        grey = (density / random((n, 1), 2, 12, generator)).clamp(max=1).view(n, side, side)
        return grey * random((n, 1, 1), 0.4, 1.0, generator)


def _attractor(generator: Generator) -> Tensor:
    """Points (p, 2), from -1 to 1, of a random iterated function system that fills some area."""
    while True:
        maps = int(torch.randint(2, 6, (), generator=generator))
        angles = random((2, maps), -math.pi, math.pi, generator)
        stretch = random((2, maps), 0.2, 0.85, generator)
        first, second = (
            torch.stack([a.cos(), -a.sin(), a.sin(), a.cos()], 1).view(maps, 2, 2) for a in angles
        )
        matrix = first @ torch.diag_embed(stretch.T) @ second
        shift = random((maps, 2), -1, 1, generator)
        weight = torch.linalg.det(matrix).abs() + 0.05
        point = torch.zeros(_POINTS, 2)
        for _ in range(25):
            chosen = torch.multinomial(weight, _POINTS, replacement=True, generator=generator)
            point = (matrix[chosen] @ point[:, :, None])[:, :, 0] + shift[chosen]
        point = (point - point.mean(0)) / (2.2 * point.std(0) + 1e-6)
        if len(((point + 1) * 16).long().unique(dim=0)) > 120:
            return point


class Textures:
    """Sums of gratings, seen through a blob."""

    def __init__(self, count: int, generator: Generator) -> None:
        self.count = count
        length = torch.exp(random((count, 3), math.log(3), math.log(30), generator))
        angle = random((count, 3), 0, math.pi, generator)
        self.wave = torch.stack([length * angle.cos(), length * angle.sin()], -1)
        self.weight = torch.rand(count, 3, generator=generator)
        self.sharp = torch.exp(random((count,), math.log(0.7), math.log(6), generator))

    def draw(self, index: Tensor, x: Tensor, y: Tensor, generator: Generator) -> Tensor:
        """Draw gratings in a blob; see `Family.draw`."""
        n = len(index)
        phase = random((n, 3), 0, 2 * math.pi, generator)
        total = torch.zeros_like(x)
        for k in range(3):
            wave = self.wave[index, k] * (1 + 0.06 * torch.randn(n, 2, generator=generator))
            turn = wave[:, 0, None, None] * x + wave[:, 1, None, None] * y
            grating = (turn + phase[:, k, None, None]).sin()
            total = total + self.weight[index, k, None, None] * grating
        grey = torch.sigmoid(total * self.sharp[index, None, None])
        width = random((n, 2, 1, 1), 0.4, 1.2, generator)
        norm = torch.maximum((x / width[:, 0]).abs(), (y / width[:, 1]).abs())
        inside = ((1 - norm) * 10).clamp(-0.5, 0.5) + 0.5
        return inside * (0.15 + 0.85 * grey) * random((n, 1, 1), 0.4, 1.0, generator)


@dataclass(frozen=True)
class Formulas:
    """All classes of all families, numbered consecutively."""

    families: tuple[Family, ...]

    @property
    def count(self) -> int:
        """How many classes there are."""
        return sum(family.count for family in self.families)

    def draw(self, labels: Tensor, generator: Generator, *, side: int = SIDE) -> Tensor:
        """Draw an image of each class in `labels`, int64 (n,).

        Returns:
            Images, float32 (n, side, side), 0 to 1; 0 is background.
        """
        x, y = _coordinates(len(labels), side, generator)
        images = torch.zeros(len(labels), side, side)
        first = 0
        for family in self.families:
            chosen = (labels >= first) & (labels < first + family.count)
            drawn = family.draw(labels[chosen] - first, x[chosen], y[chosen], generator)
            images[chosen] = drawn
            first += family.count
        return _light(images, x, y, generator)


def make_formulas(
    *, solids: int, contours: int, fractals: int, textures: int, seed: int
) -> Formulas:
    """Draw the constants of all classes."""
    generator = Generator().manual_seed(seed)
    return Formulas(
        (
            Solids(solids, generator),
            Contours(contours, generator),
            Fractals(fractals, generator),
            Textures(textures, generator),
        )
    )


def _coordinates(count: int, side: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Coordinates (n, side, side), about -1 to 1, shifted, rotated and bent for each image."""
    line = (torch.arange(side) + 0.5) / side * 2 - 1
    y, x = torch.meshgrid(line, line, indexing="ij")
    normal = torch.randn(9, count, 1, 1, generator=generator)
    angle = 0.12 * normal[0]
    stretch_x, stretch_y = (0.12 * normal[1]).exp(), (0.12 * normal[2]).exp()
    moved_x = stretch_x * (x * angle.cos() + y * angle.sin()) + 0.08 * normal[3]
    moved_y = stretch_y * (y * angle.cos() - x * angle.sin()) + 0.08 * normal[4]
    bent_x = moved_x + 0.04 * normal[5] * (3 * moved_y + 3 * normal[6]).sin()
    bent_y = moved_y + 0.04 * normal[7] * (3 * moved_x + 3 * normal[8]).sin()
    return bent_x, bent_y


def _light(images: Tensor, x: Tensor, y: Tensor, generator: Generator) -> Tensor:
    """Add stripes and noise to the images, and a grey background to some of them."""
    n = len(images)
    uniform = torch.rand(8, n, 1, 1, generator=generator)
    wave = 2 + 25 * uniform[0] ** 2
    angle = math.pi * uniform[1]
    stripes = (wave * (x * angle.cos() + y * angle.sin()) + 6.3 * uniform[2]).sin()
    depth = 0.35 * uniform[3] ** 2
    images = images * (1 - depth + depth * stripes)
    grain = torch.randn(images.shape, generator=generator)
    images = images * (1 + 0.15 * uniform[4] * grain)
    behind = (uniform[5] < 0.15) * uniform[6] * 0.6
    images = torch.where(images > 0.02, images, behind.expand_as(images))
    return images.clamp(0, 1)
