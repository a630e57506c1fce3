"""What all figures share: they need no display, and never rely on colour alone."""

from io import BytesIO
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure

from grader.common.files import whole_file

DPI: Final = 120
# Blue, vermilion, green and purple from Okabe and Ito's palette, which colour-blind people can tell
# apart.
COLORS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
LINES: Final = (("o", "-"), ("s", "--"), ("^", ":"), ("D", "-."))  # curves differ by these, too
GREY: Final = "0.35"


class Picture(Figure):
    """A figure that belongs to no window and does not change pyplot's settings."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__(figsize=(width, height), layout="constrained")

    def _repr_png_(self) -> bytes:
        """The picture as PNG, for display in a notebook."""
        content = BytesIO()
        self.savefig(content, format="png", dpi=DPI)
        return content.getvalue()


def save(figure: Any, path: Path) -> None:
    """Write a figure as PNG; raises `UserError` if that is not possible."""
    with whole_file(path) as file:
        figure.savefig(file, format="png", dpi=DPI)


def show_image(axes: Any, image: Any) -> None:
    """Show an image, a tensor (H, W) or (C, H, W), without ticks.

    Floating-point values are scaled so that the smallest is black and the largest is white.
    """
    shown = image.detach().cpu()
    if shown.dim() == 3:
        shown = shown[0] if len(shown) == 1 else shown.permute(1, 2, 0)
    if shown.is_floating_point():
        shown = (shown - shown.min()) / (shown.max() - shown.min()).clamp(min=1e-6)
        axes.imshow(shown.numpy(), cmap="gray", vmin=0, vmax=1)
    else:
        axes.imshow(shown.numpy(), cmap="gray", vmin=0, vmax=255)
    axes.set_axis_off()
