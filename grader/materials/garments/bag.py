"""Draws bags: a body with handles or a strap, a flap, a clasp."""

import torch
from torch import Tensor

from grader.materials.garments.canvas import Canvas, band, curve, edge, oval, paint, ring
from grader.materials.garments.cloth import cloth


def bag(canvas: Canvas) -> Tensor:
    """Draw handbags, shoppers and clutches."""
    x, y = canvas.x, canvas.y
    clutch = canvas.chance(0.25)
    wide = canvas.either(0.7, canvas.between(0.75, 0.97), canvas.between(0.5, 0.75))
    tall = canvas.between(0.95, 1.55)
    handle = torch.where(clutch, canvas.between(0.0, 0.06), canvas.between(0.15, 0.8))
    bottom = canvas.between(-0.02, 0.04) + ((tall + handle) / 2).clamp(max=0.97)
    top = bottom - tall
    above = wide * canvas.between(0.75, 1.05)
    side = curve(y, [(top, above), (bottom - 0.2, wide), (bottom, wide * canvas.between(0.8, 1.0))])
    body = torch.minimum(side - x.abs(), torch.minimum(y - top, bottom - y))
    softness = canvas.between(1.08, 1.9)
    rounded = oval(x, y, (0.0, bottom - tall / 2), (wide * softness, tall / 2 * softness))
    body = torch.minimum(body, rounded)
    picture = cloth(canvas, patterned=0.3)
    flap = edge(top + tall * canvas.between(0.25, 0.6) - y) * canvas.chance(0.4)
    picture = paint(picture, flap, picture * canvas.between(0.6, 1.25))
    rim = band(y - top - tall * canvas.between(0.05, 0.6), -0.04, 0.04) * canvas.chance(0.5)
    picture = paint(picture, rim, picture * canvas.between(0.3, 1.3))
    clasp = oval(x, y, (0.0, top + tall * canvas.between(0.15, 0.6)), (0.1, 0.1))
    picture = paint(picture, edge(clasp) * canvas.chance(0.35), canvas.between(0, 1))
    seams = band(x.abs() - wide * canvas.between(0.4, 0.8), -0.035, 0.035) * canvas.chance(0.3)
    picture = paint(picture, seams, picture * canvas.between(0.4, 1.2))
    arc = (above * canvas.between(0.35, 0.95), handle)
    grip = ring(x, y, (0.0, top), arc, canvas.between(0.035, 0.1))
    grip = torch.minimum(grip, top + 0.04 - y) - clutch * 9.0
    light = picture * canvas.between(0.5, 1.2)
    return torch.maximum(edge(body) * picture, edge(grip) * light)
