"""The whole way: from images and labels to a classifier.

The lesson is README.md beside this file. Replace each `raise NotImplementedError` by your code,
then run `pytest exercises/08`.
"""

import torch
from torch import Tensor, nn


def train_classifier(
    images: Tensor,
    labels: Tensor,
    *,
    backbone: str,
    device: torch.device | str,
    seed: int,
) -> nn.Module:
    """Train a classifier of garments that begins with a pretrained backbone.

    Args:
        images: uint8 (N, 28, 28), 0 is background; on the CPU.
        labels: int64 (N,), classes 0 to 9; on the CPU.
        backbone: a name in torchvision's registry, whose DEFAULT weights are used.
        device: where to train.
        seed: of all that is random. The same seed on the same CPU gives the same predicted classes.

    Returns:
        A model on `device`, in eval mode: uint8 images (M, 28, 28) → logits (M, 10), whatever M is.
        The preprocessing is part of it.

    Raises:
        ValueError: when `images` is empty, or `backbone` is not registered.
    """
    raise NotImplementedError(
        "Task 8.1: train a classifier of garments that begins with a pretrained backbone"
    )
