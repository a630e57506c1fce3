"""The training loop.

The lesson is README.md beside this file. Replace each `raise NotImplementedError` by your code,
then run `pytest exercises/04`.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

Batches = Iterable[tuple[Tensor, Tensor]]


def train_one_epoch(
    model: nn.Module,
    loader: Batches,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    device: torch.device | str,
) -> float:
    """Train a model with one pass over every batch.

    Gradients left from before have no effect. The caller has put the model in the mode it wants.

    Args:
        model: maps images to logits; on `device`.
        loader: yields at least one batch of images (N, C, H, W) and labels (N,), the last maybe
            shorter.
        loss_fn: gives the mean loss of a batch from logits and labels.
        optimizer: updates the parameters.
        device: where each batch is moved.

    Returns:
        The mean loss per sample over the epoch: larger batches weigh more.
    """
    raise NotImplementedError("Task 4.1: train a model with one pass over every batch")


def fit(
    model: nn.Module,
    train_loader: Batches,
    val_loader: Batches,
    *,
    epochs: int,
    lr: float,
    device: torch.device | str,
) -> list[dict[str, float]]:
    """Train what requires gradients, and measure after each epoch.

    One `torch.optim.Adam` and `nn.CrossEntropyLoss`. Each epoch trains in the mode of
    `set_train_mode` (exercise 02): frozen parts behave as in evaluation and do not change, their
    BatchNorm statistics included.

    Args:
        model: maps images to logits; moved to `device` and trained in place.
        train_loader: batches of images (N, C, H, W) and labels (N,) to learn from, at least one.
        val_loader: the same, to measure on in eval mode and without gradients.
        epochs: passes over `train_loader`.
        lr: Adam's learning rate; its other settings keep their defaults.
        device: where to train.

    Returns:
        One dict per epoch: "train_loss" and "val_loss" (means per sample), and "val_accuracy"
        (a fraction in [0, 1]).

    Raises:
        ValueError: when no parameter is trainable.
    """
    raise NotImplementedError(
        "Task 4.2: train what requires gradients, and measure after each epoch"
    )
