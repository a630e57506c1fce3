"""Measuring a model and looking at what it does.

The lesson is README.md beside this file. Replace each `raise NotImplementedError` by your code,
then run `pytest exercises/05`.
"""

from collections.abc import Iterable, Sequence

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

Batches = Iterable[tuple[Tensor, Tensor]]


def evaluate(model: nn.Module, loader: Batches, device: torch.device | str) -> tuple[float, float]:
    """Measure loss and accuracy, in eval mode and without gradients.

    Every submodule's training flag is afterwards as it was before.

    Args:
        model: maps images to logits; on `device`.
        loader: yields batches of images (N, C, H, W) and labels (N,).
        device: where to compute.

    Returns:
        `(loss, accuracy)`: the mean cross-entropy per sample, and the fraction that is right.

    Raises:
        ValueError: when the loader yields nothing.
    """
    raise NotImplementedError(
        "Task 5.1: measure loss and accuracy, in eval mode and without gradients"
    )


def confusion_matrix(
    model: nn.Module, loader: Batches, num_classes: int, device: torch.device | str
) -> Tensor:
    """Count which class is taken for which, in eval mode.

    Every submodule's training flag is afterwards as it was before.

    Args:
        model: maps images to logits; on `device`.
        loader: yields at least one batch of images (N, C, H, W) and labels (N,).
        num_classes: how many classes there are.
        device: where to compute.

    Returns:
        An int64 tensor (num_classes, num_classes) on the CPU: rows are true classes, columns
        predicted ones.
    """
    raise NotImplementedError("Task 5.2: count which class is taken for which, in eval mode")


def plot_predictions(
    images: Tensor,
    labels: Sequence[int] | Tensor,
    predictions: Sequence[int] | Tensor,
    class_names: Sequence[str],
) -> Figure:
    """Draw images with what a model takes them for.

    Args:
        images: (N, 1 or 3, H, W), values in [0, 1] or normalised.
        labels: true classes, N of them, in a list or a tensor.
        predictions: predicted classes, N of them, in a list or a tensor.
        class_names: the name of each class.

    Returns:
        A figure with one axes per image, in order. The title holds the predicted class name, and
        where it is wrong the true one too, in another colour than right ones. It is not shown:
        leave `plt.show()` to the caller.
    """
    raise NotImplementedError("Task 5.3: draw images with what a model takes them for")
