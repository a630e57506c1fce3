"""Describes a matplotlib figure for checks."""

from typing import Any, Final

import numpy as np
from matplotlib.colors import to_hex

from grader.runner.headless_backend import TRACE

LARGEST_SIDE: Final = 64


def describe_figure(figure: Any) -> dict[str, Any]:
    """Describe a figure as plain data.

    Returns:
        "pictures": one dict for each axes with an image, in order, with the "shape" and "pixels" of
        the image (grey, subsampled when it is large), the "title" and its "color", and the "place"
        of the axes (distance from the left and from the top). "shown": whether `show` was called.
    """
    pictures = [
        {
            "shape": list(axes.images[0].get_array().shape),
            "pixels": _grey(axes.images[0].get_array()),
            "title": " ".join(title.get_text() for title in _titles(axes)),
            "color": " ".join(to_hex(title.get_color()) for title in _titles(axes)),
            "place": [round(axes.get_position().x0, 2), round(1 - axes.get_position().y1, 2)],
        }
        for axes in figure.axes
        if axes.images
    ]
    return {"pictures": pictures, "shown": bool(getattr(figure, TRACE, False))}


def _titles(axes: Any) -> list[Any]:
    """The non-empty titles of an axes, in the order centre, left, right."""
    titles = (axes.title, axes._left_title, axes._right_title)
    return [title for title in titles if title.get_text()]


def _grey(image: Any) -> Any:
    """Convert an image (H, W) or (H, W, 3 or 4) to grey values, float32, subsampled if large."""
    pixels = np.ma.filled(image, 0).astype(np.float32)
    grey = pixels[..., :3].mean(axis=-1) if pixels.ndim == 3 else pixels
    steps = [-(-side // LARGEST_SIDE) or 1 for side in grey.shape]
    return grey[:: steps[0], :: steps[1]]
