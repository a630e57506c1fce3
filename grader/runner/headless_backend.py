"""A screen that is not there: figures need no display, and a figure that is shown says so.

A backend of matplotlib, chosen by the runner. Everything works as with Agg, except that
`plt.show()` and `figure.show()` leave a trace on what they would have shown. Mechanism: a canvas
class with a manager of its own
(https://matplotlib.org/stable/users/explain/figure/writing_a_backend_pyplot_interface.html).
"""

from typing import Final

from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

TRACE: Final = "was_shown"


class Screen(FigureManagerBase):
    """Shows a figure by marking it."""

    def show(self) -> None:
        """Mark the figure."""
        setattr(self.canvas.figure, TRACE, True)


class FigureCanvas(FigureCanvasAgg):
    """What matplotlib looks for in a backend."""

    manager_class = Screen
