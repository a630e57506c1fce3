"""Figures of classification: confusion matrices, predictions, and the worst mistakes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from torch import Tensor

from grader.learner.figures.base import COLORS, Picture, show_image

GRID: Final = (3, 4)  # rows and columns of the worst mistakes
MOST_COLUMNS: Final = 6


def draw_confusion(matrices: Mapping[str, Tensor], class_names: Sequence[str]) -> Picture:
    """Draw confusion matrices side by side, with their numbers.

    Args:
        matrices: for each model, how often each true class (row) was predicted as each class
            (column), int64 (C, C).
        class_names: the C classes' names.
    """
    places = range(len(class_names))
    figure = Picture(7 * len(matrices), 6.8)
    panels = figure.subplots(1, len(matrices), squeeze=False, sharey=True)[0]
    for axes, (name, matrix) in zip(panels, matrices.items(), strict=True):
        axes.imshow(matrix.numpy(), cmap="Blues")
        dark = int(matrix.max()) / 2
        for row, column in matrix.nonzero().tolist():
            value = int(matrix[row, column])
            color = "white" if value > dark else "black"
            axes.text(column, row, str(value), ha="center", va="center", color=color, fontsize=11)
        right = int(matrix.diagonal().sum()) / max(int(matrix.sum()), 1)
        axes.set_title(f"{name}: {right:.1%} right", fontsize=14)
        axes.set_xlabel("predicted", fontsize=13)
        axes.set_xticks(places, class_names, rotation=45, ha="right", fontsize=11)
        axes.set_yticks(places, class_names, fontsize=11)
    panels[0].set_ylabel("true", fontsize=13)
    return figure


def draw_predictions(
    images: Tensor,
    labels: Tensor,
    predictions: Mapping[str, Tensor],
    class_names: Sequence[str],
) -> Picture:
    """Draw images with each model's predictions; wrong ones are marked with ✗ and another colour.

    Args:
        images: the images, (N, H, W) or (N, C, H, W).
        labels: the N true classes.
        predictions: for each model, the N predicted classes.
        class_names: the name of each class.
    """
    columns = min(len(images), MOST_COLUMNS)
    rows = -(-len(images) // columns)
    lines = len(predictions) + 1
    figure = Picture(2.1 * columns, (1.6 + 0.27 * lines) * rows)
    figure.set_layout_engine(
        "constrained", h_pad=0.12
    )  # inches between a title and the text above it
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes in panels:
        axes.set_axis_off()
    for index, (axes, image) in enumerate(zip(panels, images, strict=False)):
        show_image(axes, image)
        true = class_names[int(labels[index])]
        axes.set_title(true, fontsize=10, pad=3)
        for line, (name, classes) in enumerate(predictions.items(), start=1):
            said = class_names[int(classes[index])]
            right = said == true
            text = f"{'✓' if right else '✗'} {name}: {said}"
            color = COLORS[0] if right else COLORS[1]
            place = {"xy": (0.5, 0), "xycoords": "axes fraction", "textcoords": "offset points"}
            axes.annotate(
                text, **place, xytext=(0, -12 * line), ha="center", fontsize=9, color=color
            )
    return figure


def draw_mistakes(
    images: Tensor, labels: Tensor, logits: Tensor, class_names: Sequence[str]
) -> Picture:
    """Draw the most confident mistakes: each image with "predicted ≠ true" and the probability.

    Args:
        images: the images, (N, H, W).
        labels: the N true classes.
        logits: the model's logits, (N, C).
        class_names: the C classes' names.
    """
    rows, columns = GRID
    figure = Picture(2.6 * columns, 2.9 * rows)
    mistakes = _worst(labels, logits, rows * columns)
    panels: list[Any] = list(figure.subplots(rows, columns).flat)
    for axes in panels:
        axes.set_axis_off()
    for axes, (index, predicted, probability) in zip(panels, mistakes, strict=False):
        show_image(axes, images[index])
        true = class_names[int(labels[index])]
        text = f"{class_names[predicted]} ≠ {true}\n{probability:.1%} sure"
        axes.set_title(text, fontsize=11)
    heading = "Your most confident mistakes: predicted ≠ true" if mistakes else "No mistake"
    figure.suptitle(heading, fontsize=14)
    return figure


def _worst(labels: Tensor, logits: Tensor, most: int) -> list[tuple[int, int, float]]:
    """The most confident mistakes: index, predicted class, and its probability."""
    confidence, predicted = logits.softmax(dim=1).max(dim=1)
    order = confidence.argsort(descending=True, stable=True)
    wrong = order[(predicted != labels)[order]][:most]
    return [(int(i), int(predicted[i]), float(confidence[i])) for i in wrong]
