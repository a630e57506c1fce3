"""Feature extraction first, then fine-tuning with two learning rates.

The lesson is README.md beside this file. Replace each `raise NotImplementedError` by your code,
then run `pytest exercises/06`.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

Batches = Iterable[tuple[Tensor, Tensor]]


def parameter_groups(
    model: nn.Module, head: str, head_lr: float, backbone_lr: float
) -> list[dict[str, Any]]:
    """Sort the trainable parameters into optimizer groups.

    Args:
        model: with some parameters frozen.
        head: dotted name of the classifier.
        head_lr: learning rate of the head's parameters.
        backbone_lr: learning rate of all other parameters.

    Returns:
        Parameter groups as `torch.optim` takes them: every trainable parameter exactly once, frozen
        ones nowhere, no empty group.
    """
    raise NotImplementedError("Task 6.1: sort the trainable parameters into optimizer groups")


def fine_tune(
    model: nn.Module,
    train_loader: Batches,
    val_loader: Batches,
    *,
    head: str,
    unfreeze: str,
    head_epochs: int,
    full_epochs: int,
    head_lr: float,
    backbone_lr: float,
    device: torch.device | str,
) -> list[dict[str, Any]]:
    """Train the head alone, then the last part of the model with it.

    What stays frozen does not change, BatchNorm statistics included.

    Args:
        model: moved to `device` and trained in place; what was frozen in it before does not matter.
        train_loader: batches of images (N, C, H, W) and labels (N,) to learn from, at least one.
        val_loader: the same, to measure on in eval mode and without gradients.
        head: dotted name of the classifier.
        unfreeze: the direct child that the second phase opens, with all direct children after it
            in `named_children` order: that of definition, not of execution.
        head_epochs: epochs of the first phase; may be 0.
        full_epochs: epochs of the second phase; may be 0.
        head_lr: learning rate of the head, in both phases.
        backbone_lr: learning rate of everything else that trains.
        device: where to train.

    Returns:
        One dict per epoch of both phases: "phase" ("head" or "full"), "train_loss", "val_loss"
        (means per sample) and "val_accuracy" (a fraction in [0, 1]).

    Raises:
        ValueError: when the model has no submodule `head` or no direct child `unfreeze`.
    """
    raise NotImplementedError(
        "Task 6.2: train the head alone, then the last part of the model with it"
    )
