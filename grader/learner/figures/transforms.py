"""Figures of transformed images."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from grader.learner.figures.base import Picture, show_image


def draw_transforms(
    image: Any, rows: Mapping[str, Sequence[Tensor]], titles: Sequence[str]
) -> Picture:
    """Draw an image and its transformed versions, each scaled to the full range of brightness.

    Args:
        image: a PIL image of mode "L".
        rows: name of the row → tensors (C, H, W); the mean of their channels is shown.
        titles: the titles of the columns after the first.
    """
    columns = len(titles) + 1
    figure = Picture(1.7 * columns, 1.8 * len(rows) + 0.2)
    panels = figure.subplots(len(rows), columns, squeeze=False)
    for axes in panels.flat:
        axes.set(xticks=[], yticks=[])
        axes.set_frame_on(False)
    for axes, title in zip(panels[0], ("the image", *titles), strict=True):
        axes.set_title(title, fontsize=10)
    for (first, *others), (name, tensors) in zip(panels, rows.items(), strict=True):
        first.set_ylabel(name, fontsize=11)
        first.imshow(image, cmap="gray")
        for axes, tensor in zip(others, tensors, strict=False):
            show_image(axes, tensor.mean(dim=0))
    return figure
