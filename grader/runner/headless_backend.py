"""A headless backend for matplotlib, which needs no display and records which figures are shown.

The runner selects it. Everything works as with Agg, except that `plt.show()` and `figure.show()`
mark the figures that they would show. The mechanism is a canvas class with its own manager
(https://matplotlib.org/stable/users/explain/figure/writing_a_backend_pyplot_interface.html).
"""

from typing import Final

from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

TRACE: Final = "was_shown"


class HeadlessManager(FigureManagerBase):
    """Shows a figure by marking it."""

    def show(self) -> None:
        """Mark the figure."""
        setattr(self.canvas.figure, TRACE, True)


class FigureCanvas(FigureCanvasAgg):
    """The canvas class, which matplotlib looks up in a backend by this name."""

    manager_class = HeadlessManager
