"""Figures of models and results: each function returns a matplotlib figure.

A notebook displays the figure if it is the value of a cell's last line:

from grader.learner.figures import draw_history
draw_history({"my model": fit(model, train_loader, val_loader, ...)})
"""

from grader.learner.figures.base import Picture, save
from grader.learner.figures.classes import draw_confusion, draw_mistakes, draw_predictions
from grader.learner.figures.curves import Curves, draw_accuracies, draw_history
from grader.learner.figures.parameters import count_by_block, draw_blocks
from grader.learner.figures.search import draw_importances, draw_search
from grader.learner.figures.transforms import draw_transforms

__all__ = [
    "Curves",
    "Picture",
    "count_by_block",
    "draw_accuracies",
    "draw_blocks",
    "draw_confusion",
    "draw_history",
    "draw_importances",
    "draw_mistakes",
    "draw_predictions",
    "draw_search",
    "draw_transforms",
    "save",
]
