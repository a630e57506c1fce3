"""What a check may know of a matplotlib figure."""

from typing import Any

from matplotlib.colors import to_hex


def describe_figure(figure: Any) -> dict[str, Any]:
    """The axes of `figure` that show an image, in order: shape, title and the title's colour."""
    pictures = [
        {
            "shape": list(axes.images[0].get_array().shape),
            "title": axes.get_title() or axes.get_title("left") or axes.get_title("right"),
            "color": _title_color(axes),
        }
        for axes in figure.axes
        if axes.images
    ]
    return {"pictures": pictures}


def _title_color(axes: Any) -> str:
    titles = [axes.title, axes._left_title, axes._right_title]
    shown = next((title for title in titles if title.get_text()), axes.title)
    return str(to_hex(shown.get_color()))
