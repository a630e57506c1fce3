"""The images that training checks learn from: garments drawn here, or real Fashion-MNIST."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torchvision.datasets import FashionMNIST

from grader.course import Course
from grader.errors import KitError

SIDE: Final = 28
# The names and the order of Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747).
CLASSES: Final = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def load_images(course: Course, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Images and labels from where `course.yaml` says.

    Args:
        course: its `data` names the source.
        count: how many.
        seed: of the drawing, or of the choice among the real ones.

    Returns:
        Images, uint8 (count, 28, 28), 0 is background; labels, int64 (count,), 0 to 9.

    Raises:
        KitError: when Fashion-MNIST's files are not there, or are too few.
    """
    if course.data.source == "embedded":
        return draw_garments(count, seed)
    root = course.root / course.data.root
    try:
        dataset = FashionMNIST(str(root), train=True, download=False)
    except RuntimeError:
        raise KitError(
            f"Fashion-MNIST is not in {root}: run `grader prepare` once, with a network or with "
            "`--from-bundle FILE`, or set `data.source: embedded`"
        ) from None
    if count > len(dataset):
        raise KitError(f"{root} holds {len(dataset)} training images, {count} are needed")
    chosen = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(seed))[:count]
    return dataset.data[chosen], dataset.targets[chosen]


def draw_garments(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Draw garment silhouettes of the ten classes, as many of each as possible.

    Args:
        count: how many images.
        seed: the same seed draws the same images.

    Returns:
        Images, uint8 (count, 28, 28); labels, int64 (count,), in random order.
    """
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count)[torch.randperm(count, generator=generator)] % len(CLASSES)
    images = torch.zeros(count, SIDE, SIDE)
    for label, draw in enumerate(_SILHOUETTES):
        chosen = labels == label
        images[chosen] = draw(_canvas(int(chosen.sum()), generator)).float()
    brightness = 90 + 150 * torch.rand(count, 1, 1, generator=generator)
    cloth = 1 + 0.15 * torch.randn(count, SIDE, SIDE, generator=generator)
    return (images * brightness * cloth).clamp(0, 255).to(torch.uint8), labels


@dataclass(frozen=True)
class _Canvas:
    """Coordinates of n images: x to the right, y down, each (n, 28, 28) and about -1 to 1.

    `size` (n, 1, 1) varies what is drawn, between 0 and 1.
    """

    x: Tensor
    y: Tensor
    size: Tensor

    def box(
        self, half_width: Tensor | float, top: Tensor | float, bottom: Tensor | float
    ) -> Tensor:
        """A rectangle, symmetric about the middle."""
        return (self.x.abs() < half_width) & (self.y > top) & (self.y < bottom)


def _canvas(count: int, generator: torch.Generator) -> _Canvas:
    """A canvas whose images are shifted and stretched a little, each in its own way."""
    line = torch.linspace(-1, 1, SIDE)
    y, x = torch.meshgrid(line, line, indexing="ij")
    noise = torch.rand(5, count, 1, 1, generator=generator) - 0.5
    return _Canvas(
        x=(x + 0.15 * noise[0]) * (1 + 0.25 * noise[1]),
        y=(y + 0.15 * noise[2]) * (1 + 0.25 * noise[3]),
        size=noise[4] + 0.5,
    )


def _top(canvas: _Canvas, sleeve_end: Tensor | float, hem: float) -> Tensor:
    """A torso with two sleeves and a round neckline."""
    torso = canvas.box(0.40 + 0.08 * canvas.size, -0.75, hem)
    sleeves = canvas.box(0.78, -0.72, sleeve_end) & (canvas.x.abs() > 0.5)
    shoulders = canvas.box(0.72, -0.72, -0.45)
    neckline = canvas.x**2 + (canvas.y + 0.8) ** 2 < 0.03 + 0.03 * canvas.size
    return (torso | sleeves | shoulders) & ~neckline


def _t_shirt(canvas: _Canvas) -> Tensor:
    return _top(canvas, sleeve_end=-0.35 + 0.2 * canvas.size, hem=0.75)


def _trouser(canvas: _Canvas) -> Tensor:
    gap = (canvas.x.abs() < 0.07) & (canvas.y > -0.45 + 0.2 * canvas.size)
    return canvas.box(0.38, -0.9, 0.9) & ~gap


def _pullover(canvas: _Canvas) -> Tensor:
    return _top(canvas, sleeve_end=0.5 + 0.2 * canvas.size, hem=0.65)


def _dress(canvas: _Canvas) -> Tensor:
    half_width = 0.2 + (0.1 + 0.12 * canvas.size) * (canvas.y + 1)
    return canvas.box(half_width, -0.9, 0.9)


def _coat(canvas: _Canvas) -> Tensor:
    opening = canvas.x.abs() < 0.05
    return _top(canvas, sleeve_end=0.6 + 0.2 * canvas.size, hem=0.9) & ~opening


def _sandal(canvas: _Canvas) -> Tensor:
    sole = canvas.box(0.85, 0.35, 0.5)
    straps = canvas.box(0.8, -0.1, 0.4) & (torch.sin(9 * canvas.x + 6 * canvas.size) > 0.4)
    return sole | straps


def _shirt(canvas: _Canvas) -> Tensor:
    buttons = (canvas.x.abs() < 0.05) & (torch.sin(20 * canvas.y) > 0.2)
    return _top(canvas, sleeve_end=0.1 + 0.5 * canvas.size, hem=0.8) & ~buttons


def _sneaker(canvas: _Canvas) -> Tensor:
    upper = canvas.y > 0.1 - 0.3 * canvas.x - 0.1 * canvas.size
    return canvas.box(0.9, -0.25, 0.5) & upper


def _bag(canvas: _Canvas) -> Tensor:
    radius = (canvas.x / 0.45) ** 2 + ((canvas.y + 0.1) / (0.4 + 0.2 * canvas.size)) ** 2
    handle = (radius < 1) & (radius > 0.6) & (canvas.y < 0)
    return canvas.box(0.75, -0.15, 0.75) | handle


def _ankle_boot(canvas: _Canvas) -> Tensor:
    shaft = (canvas.x > 0.1) & (canvas.x < 0.8) & (canvas.y > -0.8 + 0.3 * canvas.size)
    return (shaft & (canvas.y < 0.6)) | canvas.box(0.85, 0.1, 0.6)


_SILHOUETTES: Final[tuple[Callable[[_Canvas], Tensor], ...]] = (
    _t_shirt,
    _trouser,
    _pullover,
    _dress,
    _coat,
    _sandal,
    _shirt,
    _sneaker,
    _bag,
    _ankle_boot,
)
