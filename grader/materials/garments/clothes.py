"""Draws clothes: tops with their sleeves, collars and openings; dresses; trousers."""

from dataclasses import dataclass

import torch
from torch import Tensor

from grader.materials.garments.canvas import Canvas, Number, band, curve, edge, limb, oval, paint
from grader.materials.garments.cloth import chest_print, cloth

TOP = -0.97


@dataclass(frozen=True)
class Cut:
    """The measures of a garment with a neckline, (count, 1, 1) each; widths are half-widths.

    Attributes:
        neck: the width of the neckline.
        depth: the depth of the neckline.
        pointed: whether the neckline is V-shaped; otherwise it is round.
        shoulder: the width at the shoulders.
        drop: how far below the neck the shoulders are.
        chest: the width below the arms.
        waist: the width at the height `waist_at`.
        waist_at: the y coordinate of the waist.
        hem_width: the width at the hem.
        hem: the y coordinate of the hem.
        sleeve: the x and y coordinates of a sleeve's end.
        sleeve_width: the width of a sleeve at the shoulder and at its end.
        sleeved: whether there are sleeves.
    """

    neck: Tensor
    depth: Tensor
    pointed: Tensor
    shoulder: Tensor
    drop: Tensor
    chest: Tensor
    waist: Tensor
    waist_at: Tensor
    hem_width: Tensor
    hem: Tensor
    sleeve: tuple[Tensor, Tensor]
    sleeve_width: tuple[Tensor, Tensor]
    sleeved: Tensor


def silhouette(canvas: Canvas, cut: Cut, picture: Tensor) -> tuple[Tensor, Tensor]:
    """The coverage of a garment, and its grey values with seams and shadows."""
    x, y = canvas.x.abs(), canvas.y
    shoulder_line = TOP + curve(x, [(cut.neck, 0.0), (cut.shoulder, cut.drop)])
    width = curve(
        y,
        [
            (TOP + cut.drop, cut.shoulder),
            (TOP + cut.drop + 0.3, cut.chest),
            (cut.waist_at, cut.waist),
            (cut.hem, cut.hem_width),
        ],
    )
    hem = cut.hem + canvas.between(-0.04, 0.06) * (1 - x)
    torso = torch.minimum(torch.minimum(width - x, hem - y), y - shoulder_line)
    start = (cut.shoulder - cut.sleeve_width[0], TOP + cut.drop + cut.sleeve_width[0])
    end_x, end_y = cut.sleeve
    long_ = end_y > 0.4
    elbow = (
        torch.where(long_, end_x - canvas.between(-0.02, 0.1), (start[0] + end_x) / 2),
        torch.where(long_, canvas.between(-0.3, 0.1), (start[1] + end_y) / 2),
    )
    widths = cut.sleeve_width
    middle = (widths[0] + widths[1]) / 2
    upper = limb(x, y, start, elbow, (widths[0], middle))
    sleeve = torch.maximum(upper, limb(x, y, elbow, cut.sleeve, (middle, widths[1])))
    sleeve = torch.where(cut.sleeved, sleeve, sleeve - 9)
    across, down = x / cut.neck, (y - TOP + 0.02) / cut.depth
    round_ = 1 - (across * across + down * down).sqrt()
    opening = torch.where(cut.pointed, 1 - across - down, round_) * cut.neck
    covered = edge(torch.maximum(torso, sleeve)) * (1 - edge(opening))
    seam = band(torso, -0.06, 0.05) * edge(sleeve) * edge(y - TOP - cut.drop - 0.25)
    picture = paint(picture, seam * canvas.between(0.1, 0.8), picture * canvas.between(0, 0.8))
    inside = band(opening, -0.1, 0.02) * canvas.chance(0.5)
    return covered, paint(picture, inside, picture * canvas.between(0.5, 1.4))


def opened(canvas: Canvas, picture: Tensor, *, half_width: Tensor, dark: Tensor) -> Tensor:
    """Add a zip, a placket or the gap of an open coat down the middle."""
    middle = canvas.between(-0.06, 0.06)
    line = band(canvas.x - middle, -half_width, half_width) * edge(canvas.y + 0.75)
    return paint(picture, line * canvas.between(0.5, 1), dark)


def buttons(canvas: Canvas, picture: Tensor) -> Tensor:
    """Add a row of small buttons."""
    place = canvas.y * canvas.between(2, 4)
    row = band(place - place.floor(), 0.35, 0.6) * band(canvas.x, -0.05, 0.05)
    return paint(picture, row * edge(canvas.y + 0.6), canvas.between(0, 1))


def collar(canvas: Canvas, picture: Tensor, *, size: Tensor, grey: Number) -> Tensor:
    """Add the two wings of a collar beside the neckline."""
    x, y = canvas.x.abs(), canvas.y
    wing = limb(x, y, (0.28, TOP), (0.06 + 0 * size, TOP + size), (size * 0.35, size * 0.2))
    return paint(picture, edge(wing), grey)


def hanging(canvas: Canvas) -> tuple[Tensor, Tensor]:
    """The x and y coordinates of the end of a long sleeve that hangs beside the body."""
    return canvas.between(0.56, 0.78), canvas.between(0.6, 0.98)


def t_shirt(canvas: Canvas) -> Tensor:
    """Draw T-shirts and tops: short sleeves or none."""
    chest = canvas.between(0.42, 0.62)
    out, length = canvas.between(0.72, 1.0), canvas.between(-0.55, -0.1)
    bare = canvas.chance(0.2)
    neck = canvas.between(0.16, 0.36)
    cut = Cut(
        neck=torch.where(bare, canvas.between(0.2, 0.32), neck),
        depth=canvas.between(0.08, 0.35) + bare * 0.2,
        pointed=canvas.chance(0.2),
        shoulder=torch.where(bare, canvas.between(0.34, 0.48), chest + 0.02),
        drop=canvas.between(0.08, 0.22),
        chest=chest,
        waist=chest * canvas.between(0.85, 1.05),
        waist_at=canvas.between(0.0, 0.4),
        hem_width=chest * canvas.between(0.92, 1.1),
        hem=canvas.either(0.85, canvas.between(0.85, 1.0), canvas.between(0.3, 0.85)),
        sleeve=(out, length),
        sleeve_width=(canvas.between(0.15, 0.22), canvas.between(0.13, 0.22)),
        sleeved=~bare,
    )
    fabric = chest_print(canvas, cloth(canvas, patterned=0.3), share=0.45)
    covered, picture = silhouette(canvas, cut, fabric)
    return covered * picture


def pullover(canvas: Canvas) -> Tensor:
    """Draw pullovers: long sleeves, a closed front, sometimes a hood or a wide neck."""
    chest = canvas.between(0.37, 0.52)
    cut = Cut(
        neck=canvas.between(0.16, 0.32),
        depth=canvas.between(0.04, 0.25),
        pointed=canvas.chance(0.15),
        shoulder=chest + canvas.between(0.0, 0.12),
        drop=canvas.between(0.1, 0.3),
        chest=chest,
        waist=chest * canvas.between(0.92, 1.08),
        waist_at=canvas.between(0.1, 0.5),
        hem_width=chest * canvas.between(0.88, 1.08),
        hem=canvas.between(0.75, 1.0),
        sleeve=hanging(canvas),
        sleeve_width=(canvas.between(0.1, 0.16), canvas.between(0.07, 0.12)),
        sleeved=canvas.chance(1.0),
    )
    fabric = chest_print(canvas, cloth(canvas, patterned=0.35), share=0.25)
    covered, picture = silhouette(canvas, cut, fabric)
    cuff = edge(canvas.y - cut.hem + canvas.between(0.08, 0.2)) * canvas.chance(0.4)
    return covered * paint(picture, cuff, picture * canvas.between(0.7, 1.2))


def coat(canvas: Canvas) -> Tensor:
    """Draw coats and jackets: long sleeves, an opening, a collar or a hood, pockets."""
    chest = canvas.between(0.38, 0.55)
    cut = Cut(
        neck=canvas.between(0.12, 0.24),
        depth=canvas.between(0.03, 0.15),
        pointed=canvas.chance(0.4),
        shoulder=chest + canvas.between(0.02, 0.12),
        drop=canvas.between(0.12, 0.3),
        chest=chest,
        waist=chest * canvas.between(0.86, 1.04),
        waist_at=canvas.between(-0.1, 0.4),
        hem_width=chest * canvas.between(0.9, 1.15),
        hem=canvas.between(0.85, 1.02),
        sleeve=hanging(canvas),
        sleeve_width=(canvas.between(0.11, 0.18), canvas.between(0.08, 0.14)),
        sleeved=canvas.chance(0.95),
    )
    covered, picture = silhouette(canvas, cut, cloth(canvas, patterned=0.15))
    wide = canvas.either(0.15, canvas.between(0.08, 0.2), canvas.between(0.015, 0.05))
    picture = opened(canvas, picture, half_width=wide, dark=picture * canvas.between(0.2, 1.1))
    size = canvas.between(0.2, 0.75)
    picture = collar(canvas, picture, size=size, grey=picture * canvas.between(0.5, 1.15))
    picture = torch.where(canvas.chance(0.35), buttons(canvas, picture), picture)
    at, deep = canvas.between(0.15, 0.55), canvas.between(0.04, 0.2)
    pocket = band(canvas.x.abs(), 0.15, 0.38) * band(canvas.y, at, at + deep)
    pocket = pocket * canvas.chance(0.45)
    return covered * paint(picture, pocket, picture * canvas.between(0.5, 1.1))


def shirt(canvas: Canvas) -> Tensor:
    """Draw shirts and blouses: sleeves of any length, often a collar, buttons or a pattern."""
    chest = canvas.between(0.37, 0.58)
    short = canvas.chance(0.4)
    out, length = canvas.between(0.68, 1.0), canvas.between(-0.5, 0.15)
    end_x, end_y = hanging(canvas)
    cut = Cut(
        neck=canvas.between(0.14, 0.36),
        depth=canvas.between(0.06, 0.4),
        pointed=canvas.chance(0.5),
        shoulder=chest + canvas.between(0.0, 0.08),
        drop=canvas.between(0.08, 0.26),
        chest=chest,
        waist=chest * canvas.between(0.86, 1.08),
        waist_at=canvas.between(0.0, 0.4),
        hem_width=chest * canvas.between(0.92, 1.18),
        hem=canvas.between(0.75, 1.0),
        sleeve=(torch.where(short, out, end_x), torch.where(short, length, end_y)),
        sleeve_width=(canvas.between(0.11, 0.18), canvas.between(0.08, 0.18)),
        sleeved=canvas.chance(0.9),
    )
    covered, picture = silhouette(canvas, cut, cloth(canvas, patterned=0.45))
    formal = canvas.chance(0.6)
    line = opened(
        canvas,
        picture,
        half_width=canvas.between(0.02, 0.05),
        dark=picture * canvas.between(0.5, 1),
    )
    line = torch.where(canvas.chance(0.5), buttons(canvas, line), line)
    size = canvas.between(0.15, 0.4)
    line = collar(canvas, line, size=size, grey=picture * canvas.between(0.7, 1.25))
    return covered * torch.where(formal, line, picture)


def dress(canvas: Canvas) -> Tensor:
    """Draw dresses: slim, knee-length or floor-length, with any sleeves or straps."""
    chest = canvas.between(0.24, 0.4)
    bare = canvas.chance(0.5)
    long_ = canvas.chance(0.4)
    end = (chest + canvas.between(0.08, 0.28), canvas.between(-0.55, -0.2))
    low = (chest + canvas.between(0.08, 0.3), canvas.between(0.0, 0.45))
    cut = Cut(
        neck=chest * canvas.between(0.5, 0.8),
        depth=canvas.between(0.06, 0.35),
        pointed=canvas.chance(0.4),
        shoulder=chest * canvas.either(0.5, 1.0, canvas.between(0.8, 1.1)),
        drop=canvas.between(0.03, 0.14),
        chest=chest,
        waist=chest * canvas.between(0.7, 1.0),
        waist_at=canvas.between(-0.35, 0.0),
        hem_width=chest * canvas.either(0.5, canvas.between(0.85, 1.15), canvas.between(1.15, 2.1)),
        hem=canvas.between(0.9, 1.02),
        sleeve=(torch.where(long_, low[0], end[0]), torch.where(long_, low[1], end[1])),
        sleeve_width=(canvas.between(0.07, 0.12), canvas.between(0.05, 0.11)),
        sleeved=~bare,
    )
    covered, picture = silhouette(canvas, cut, cloth(canvas, patterned=0.35))
    belt = band(canvas.y - cut.waist_at, -0.05, 0.05) * canvas.chance(0.25)
    return covered * paint(picture, belt, canvas.between(0, 1))


def trouser(canvas: Canvas) -> Tensor:
    """Draw trousers: two legs below a waist, sometimes shorts."""
    x, y = canvas.x.abs(), canvas.y
    wide = canvas.chance(0.12)
    waist = canvas.between(0.24, 0.36) + wide * 0.12
    hip = waist * canvas.between(1.05, 1.3)
    ankle = hip * canvas.between(0.85, 1.25)
    hem = canvas.between(0.92, 1.03)
    crotch = canvas.between(-0.55, -0.15) + wide * 0.2
    outside = curve(y, [(TOP, waist), (crotch, hip), (hem, ankle)])
    gap = curve(y, [(crotch, -0.03), (crotch + 0.1, canvas.between(0.0, 0.05)),
                    (hem, ankle * canvas.between(0.1, 0.55))])  # fmt: skip
    depth = torch.minimum(torch.minimum(outside - x, x - gap), torch.minimum(hem - y, y - TOP))
    picture = cloth(canvas, patterned=0.15)
    seam = band(canvas.x, -0.03, 0.03) * canvas.between(0, 0.8)
    picture = paint(picture, seam, picture * 0.5)
    waistband = edge(TOP + 0.14 - y) * canvas.chance(0.5)
    picture = paint(picture, waistband, picture * canvas.between(0.6, 1.2))
    worn = oval(x, y, (hip * 0.55, canvas.between(-0.2, 0.3)), (0.15, 0.35))
    picture = paint(picture, edge(worn) * canvas.chance(0.3) * 0.5, canvas.between(0.6, 1))
    return edge(depth) * picture
