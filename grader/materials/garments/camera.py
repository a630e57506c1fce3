"""Garments as a hand-held camera sees them: turned, off-centre, smaller or larger, darker."""

from typing import Final

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

MOST_TURN: Final = 20.0  # degrees
SIZES: Final = (0.7, 1.1)  # factors
MOST_SHIFT: Final = 1 / 5  # of half an image: three pixels of 28
DARKEST: Final = 0.5  # a factor


def hand_held(images: Tensor, generator: Generator) -> Tensor:
    """Mirror half of the images; turn, resize, shift and darken each.

    Drawn garments all hang straight and in the middle, where a classifier of pixels does well. Now
    a pixel means little, and what a pretrained network has learnt about shapes means more.

    Args:
        images: uint8 (n, h, w); 0 is background.
        generator: of all that is random.

    Returns:
        uint8 (n, h, w).
    """
    n = len(images)

    def between(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    angle, size = between(-MOST_TURN, MOST_TURN).deg2rad(), between(*SIZES)
    mirror = torch.where(between(0, 1) < 0.5, -1.0, 1.0)
    # Where each pixel of the result comes from, in coordinates from -1 to 1.
    across = torch.stack([mirror * angle.cos() / size, -angle.sin() / size], dim=1)
    down = torch.stack([mirror * angle.sin() / size, angle.cos() / size], dim=1)
    shift = torch.stack([between(-MOST_SHIFT, MOST_SHIFT) for _ in range(2)], dim=1)
    theta = torch.cat([torch.stack([across, down], dim=1), shift[..., None]], dim=2)
    grid = F.affine_grid(theta, [n, 1, *images.shape[1:]], align_corners=False)
    moved = F.grid_sample(images[:, None].float(), grid, align_corners=False)[:, 0]
    return (moved * between(DARKEST, 1.0)[:, None, None]).to(torch.uint8)
