"""Measuring a model and looking at what it does."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn
from torch.nn import functional as F

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
    # The sums stay on the device: `item()` for each batch would make the CPU wait for the GPU.
    total = torch.zeros((), device=device)
    correct = torch.zeros((), dtype=torch.int64, device=device)
    count = 0
    with _eval_mode(model), torch.no_grad():
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            logits = model(images)
            # Sums, divided once at the end: batches of different size weigh by their size.
            total += F.cross_entropy(logits, labels, reduction="sum")
            correct += (logits.argmax(dim=1) == labels).sum()
            count += len(labels)
    if count == 0:
        raise ValueError("the loader is empty: there is nothing to measure")
    return total.item() / count, correct.item() / count


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
    cells = []
    with _eval_mode(model), torch.no_grad():
        for images, labels in loader:
            predicted = model(images.to(device)).argmax(dim=1)
            cells.append(labels.to(device) * num_classes + predicted)  # each cell has its number
    if not cells:
        raise ValueError("the loader is empty: there is nothing to count")
    # `minlength`: cells at the end that do not occur have their places, too.
    counts = torch.bincount(torch.cat(cells).cpu(), minlength=num_classes * num_classes)
    return counts.reshape(num_classes, num_classes)


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
    columns = min(len(images), 5)
    rows = -(-len(images) // columns)
    # Not by pyplot: no window opens, and nothing is kept that somebody must close.
    figure = Figure(figsize=(2.2 * columns, 2.5 * rows), layout="constrained")
    for position, image in enumerate(images):
        axes = figure.add_subplot(rows, columns, position + 1)
        shown = image.permute(1, 2, 0)
        # Normalised values lie outside of what `imshow` can draw: spread them over [0, 1].
        shown = (shown - shown.min()) / (shown.max() - shown.min()).clamp(min=1e-6)
        axes.imshow(shown.squeeze(-1).cpu().numpy(), cmap="gray")
        axes.axis("off")
        true = class_names[int(labels[position])]
        predicted = class_names[int(predictions[position])]
        right = true == predicted
        title = predicted if right else f"{predicted}\nnot {true}"
        axes.set_title(title, color="black" if right else "tab:red")
    return figure


@contextmanager
def _eval_mode(model: nn.Module) -> Iterator[None]:
    """Eval mode inside the block; every training flag is put back at its end."""
    # Of every module: a frozen part may have been in eval mode before.
    flags = {module: module.training for module in model.modules()}
    model.eval()
    try:  # also when measuring fails
        yield
    finally:
        for module, flag in flags.items():
            module.training = flag
