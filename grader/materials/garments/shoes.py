"""Draws shoes, seen from the side, with the toes to the left."""

import torch
from torch import Tensor

from grader.materials.garments.canvas import Canvas, band, curve, edge, limb, paint, ring, wave
from grader.materials.garments.cloth import brightness, cloth

TOE, HEEL = -0.97, 0.95


def sneaker(canvas: Canvas) -> Tensor:
    """Draw sneakers: low, with a thick sole, laces and stripes."""
    x, y = canvas.x, canvas.y
    high = canvas.either(0.12, canvas.between(0.95, 1.2), canvas.between(0.62, 0.95))
    ground = canvas.between(-0.03, 0.08) + high / 2
    toe = canvas.between(0.28, 0.44)
    tongue = canvas.between(0.05, 0.35)
    upper = curve(
        x,
        [
            (TOE, toe * 0.45),
            (TOE + 0.2, toe),
            (-0.35, toe * canvas.between(1.05, 1.4)),
            (tongue, high * canvas.between(0.9, 1.02)),
            (tongue + 0.12, high),
            (canvas.between(0.58, 0.72), high * canvas.between(0.7, 0.95)),
            (0.85, high * canvas.between(0.8, 1.0)),
            (HEEL, high * canvas.between(0.55, 0.8)),
        ],
    )
    outline = torch.minimum(y - ground + upper, torch.minimum(x - TOE, HEEL - x))
    sole = canvas.between(0.1, 0.24)
    depth = torch.minimum(outline, ground - y)
    picture = cloth(canvas, patterned=0.12)
    slanted = x + (y - ground) * canvas.between(-0.8, 0.8)
    stripes = edge(wave(slanted * canvas.between(1.5, 3.5) + canvas.between(0, 1)) * 0.2 - 0.03)
    stripes = stripes * band(x, -0.35, 0.45) * canvas.chance(0.5)
    picture = paint(picture, stripes, canvas.between(0.0, 1.0))
    laces = edge(wave(x * 5 + canvas.between(0, 1)) * 0.2) * band(x, -0.4, tongue)
    laces = laces * edge(0.16 - outline) * canvas.chance(0.7)
    picture = paint(picture, laces, canvas.between(0.2, 1.0))
    cap = edge(TOE + canvas.between(0.2, 0.45) - x) + edge(x - canvas.between(0.65, 0.9))
    cap = cap.clamp(max=1) * canvas.chance(0.4)
    picture = paint(picture, cap, picture * canvas.between(0.4, 1.3))
    picture = paint(picture, band(ground - y, sole, sole + 0.07), picture * 0.5)
    picture = paint(picture, edge(sole - ground + y), canvas.between(0.2, 1.0))
    return edge(depth) * picture


def ankle_boot(canvas: Canvas) -> Tensor:
    """Draw ankle boots: a shaft, a flat sole or a heel."""
    x, y = canvas.x, canvas.y
    high = canvas.between(0.98, 1.9)
    ground = canvas.between(-0.03, 0.06) + high / 2
    narrow = (1.9 - high).clamp(min=0) * 0.1 + canvas.between(0.72, 0.95)  # tall ones are slim
    toe_at = -narrow
    shaft = canvas.between(-0.25, 0.15)
    toe = canvas.between(0.28, 0.42)
    heel = canvas.either(0.45, canvas.between(0.25, 0.6), canvas.between(0.0, 0.1))
    back = canvas.between(0.7, 0.92)
    upper = curve(
        x,
        [
            (toe_at, toe * 0.5),
            (toe_at + 0.18, toe),
            (shaft - 0.35, toe + heel * 0.4 + canvas.between(0.05, 0.25)),
            (shaft - 0.08, high * canvas.between(0.6, 0.8)),
            (shaft, high),
            (HEEL, high * canvas.between(0.92, 1.0)),
        ],
    )
    block = canvas.between(0.12, 0.45)  # the sole rises to the heel, which stands on this
    arch = curve(x, [(toe_at * 0.35, 0.0), (back - block - 0.05, heel), (back - block, 0.0)])
    behind = back + (y - ground + high * 0.5) * canvas.between(-0.08, 0.1)
    depth = torch.minimum(y - ground + upper, ground - arch - y)
    depth = torch.minimum(depth, torch.minimum(x - toe_at, behind - x))
    picture = cloth(canvas, patterned=0.12)
    laces = edge(wave(y * canvas.between(3, 5)) * 0.2) * band(x, shaft - 0.15, shaft + 0.15)
    picture = paint(picture, laces * canvas.chance(0.35), canvas.between(0.1, 1))
    gusset = band(x, shaft + 0.2, shaft + canvas.between(0.35, 0.5)) * edge(ground - 0.5 - y)
    picture = paint(picture, gusset * canvas.chance(0.3), picture * canvas.between(0.2, 0.8))
    buckle = band(y - ground + high * canvas.between(0.5, 0.9), -0.06, 0.06)
    picture = paint(picture, buckle * canvas.chance(0.3), picture * canvas.between(0.3, 1.2))
    sole = edge(y - ground + arch + canvas.between(0.06, 0.2)) * canvas.chance(0.75)
    return edge(depth) * paint(picture, sole, canvas.between(0.1, 1.0))


def sandal(canvas: Canvas) -> Tensor:
    """Draw sandals: a flat, wedged or heeled sole, and straps with gaps between them."""
    x, y = canvas.x, canvas.y
    raised = canvas.chance(0.55)
    heel = torch.where(raised, canvas.between(0.45, 1.0), canvas.between(0.02, 0.2))
    strap = torch.where(raised, canvas.between(0.3, 0.8), canvas.between(0.2, 0.5))
    high = heel + strap
    ground = canvas.between(-0.03, 0.08) + high / 2
    long_ = torch.where(raised, canvas.between(0.65, 0.95), canvas.between(0.88, 0.97))
    thick = canvas.between(0.05, 0.16) + canvas.chance(0.25) * 0.12
    bed = ground - thick - curve(
        x, [(-long_, 0.0), (-long_ * 0.4, heel * 0.08), (long_ * 0.55, heel), (long_, heel)]
    )  # fmt: skip
    wedge = canvas.chance(0.35)
    block = torch.where(canvas.chance(0.4), canvas.between(0.15, 0.4), canvas.between(0.05, 0.1))
    standing = wedge | (x > long_ - block)
    under = torch.where(standing, torch.zeros_like(x) + ground, bed + thick)
    depth = torch.minimum(under - y, torch.minimum(y - bed, long_ - x.abs()))
    picture = edge(depth) * brightness(canvas) * (0.85 + 0.3 * canvas.grain())
    light = brightness(canvas) * (0.85 + 0.3 * canvas.grain())
    for share in (1.0, 0.85, 0.6, 0.4):
        picture = paint(
            picture, edge(_strap(canvas, bed, long_, strap)) * canvas.chance(share), light
        )
    ankle = ring(
        x, y, (long_ * canvas.between(0.5, 0.75), ground - thick - heel - strap * 0.55),
        (canvas.between(0.14, 0.32), strap * 0.45), canvas.between(0.03, 0.09),
    )  # fmt: skip
    picture = paint(picture, edge(ankle) * canvas.chance(0.5), light)
    counter = limb(
        x, y, (long_ * 0.85, ground - thick - heel), (long_ * 0.85, ground - high),
        (canvas.between(0.04, 0.15), canvas.between(0.03, 0.1)),
    )  # fmt: skip
    return paint(picture, edge(counter) * canvas.chance(0.45), light)


def _strap(canvas: Canvas, bed: Tensor, long_: Tensor, height: Tensor) -> Tensor:
    """The depth inside a strap that rises from the sole and leans to one side."""
    at = long_ * canvas.between(-0.75, 0.6)
    lean = canvas.between(-0.9, 0.9)
    rise = bed - canvas.y
    half = canvas.between(0.04, 0.2)
    beside = half - (canvas.x - at - lean * rise).abs()
    return torch.minimum(beside, torch.minimum(rise, height * canvas.between(0.35, 1.0) - rise))
