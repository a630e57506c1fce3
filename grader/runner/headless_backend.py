"""A headless backend of matplotlib: figures need no display, and one that is shown says so.

The runner chooses it. Everything works as with Agg, except that `plt.show()` and `figure.show()`
leave a trace on what they would have shown. Mechanism: a canvas class with a manager of its own
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
    """What matplotlib looks for in a backend."""

    manager_class = HeadlessManager
