"""What all figures share: they need no display, and colours are not the only difference."""

from io import BytesIO
from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure

from grader.common.files import whole_file

DPI: Final = 120
# Okabe and Ito's blue, vermilion and green: colour-blind people can tell them apart.
COLORS: Final = ("#0072B2", "#D55E00", "#009E73")
LINES: Final = (("o", "-"), ("s", "--"), ("^", ":"))  # curves differ without their colours, too
GREY: Final = "0.35"


class Picture(Figure):
    """A figure that belongs to no window and changes no setting of pyplot's."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__(figsize=(width, height), layout="constrained")

    def _repr_png_(self) -> bytes:
        """The picture, as a notebook asks for it."""
        content = BytesIO()
        self.savefig(content, format="png", dpi=DPI)
        return content.getvalue()


def save(figure: Any, path: Path) -> None:
    """Write a figure as PNG; `UserError` when that is not possible."""
    with whole_file(path) as file:
        figure.savefig(file, format="png", dpi=DPI)


def show_image(axes: Any, image: Any) -> None:
    """Show an image, a tensor (H, W) or (C, H, W), without ticks, its values spread over black to
    white where they are floats.
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
