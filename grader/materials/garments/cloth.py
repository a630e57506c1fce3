"""Draws cloth: brightness, folds, patterns, grain."""

import torch
from torch import Tensor

from grader.materials.garments.canvas import Canvas, band, edge, oval, paint, wave


def brightness(canvas: Canvas) -> Tensor:
    """The brightness of the cloth, (count, 1, 1): mostly light, sometimes dark."""
    return canvas.either(0.68, canvas.between(0.6, 1.0), canvas.between(0.12, 0.6))


def cloth(canvas: Canvas, *, patterned: float) -> Tensor:
    """The grey values (count, 28, 28) of cloth.

    Args:
        canvas: the canvas to draw on.
        patterned: the fraction of the images with stripes, checks or prints.
    """
    light = brightness(canvas)
    patterns = _patterns(canvas)
    kind = (canvas.between(0, 1) * (len(patterns) / patterned)).floor()
    figure = torch.zeros_like(canvas.x)
    for number, pattern in enumerate(patterns):
        figure = torch.where(kind == number, pattern, figure)
    other = canvas.between(0.05, 1.0)
    grey = light + figure * (other - light)
    grain = 1 + canvas.between(0.02, 0.16) * (canvas.grain() - 0.5)
    return grey * folds(canvas) * grain


def folds(canvas: Canvas) -> Tensor:
    """Factors around 1 for vertical folds, and for light that falls off to one side."""
    turns = canvas.x * canvas.between(0.6, 2.5) + canvas.y * canvas.between(-0.5, 0.5)
    creases = wave(turns + canvas.clouds(3) + canvas.between(0, 1))
    slope = canvas.between(-0.1, 0.1) * canvas.x + canvas.between(-0.15, 0.1) * canvas.y
    return 1 + slope + canvas.between(0.0, 0.13) * creases


def _patterns(canvas: Canvas) -> list[Tensor]:
    """Horizontal and vertical stripes, checks, blotches, a fine print, a broad block of colour."""
    x, y, bent = canvas.x, canvas.y, canvas.clouds(3) * 0.15
    across = edge(wave(y * canvas.between(1.5, 5) + bent + canvas.between(0, 1)) * 0.15)
    along = edge(wave(x * canvas.between(1.5, 5) + bent + canvas.between(0, 1)) * 0.15)
    fineness = canvas.between(2, 4.5)
    checks = (wave(x * fineness + bent) + wave(y * fineness + bent)) * 0.25 + 0.5
    blotches = edge((canvas.clouds(9) - canvas.between(0.4, 0.6)) * 0.4)
    print_ = canvas.clouds(14) * 0.8
    top = canvas.between(-0.6, 0.5)
    block = band(y, top, top + canvas.between(0.2, 0.8))
    return [across, checks, blotches, print_, along, block]


def chest_print(canvas: Canvas, picture: Tensor, *, share: float) -> Tensor:
    """Add a print to the chest in a fraction (`share`) of the images."""
    center = (canvas.between(-0.08, 0.08), canvas.between(-0.45, 0.05))
    shape = oval(
        canvas.x, canvas.y, center, (canvas.between(0.12, 0.42), canvas.between(0.06, 0.4))
    )
    ink = canvas.either(0.5, edge((canvas.clouds(12) - 0.45) * 0.5), 1.0)
    return paint(picture, edge(shape) * ink * canvas.chance(share), canvas.between(0, 1))
