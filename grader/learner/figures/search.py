"""Figures of a hyperparameter search, drawn by Optuna."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from matplotlib.ticker import MaxNLocator

from grader.learner.figures.base import COLORS, LINES

MOST_INCHES: Final = (8.0, 4.5)


def draw_search(studies: Mapping[str, Any]) -> Any:
    """Draw the value of every trial and the best value so far, all studies in one figure.

    Args:
        studies: name in the figure → Optuna study.
    """
    from optuna.visualization.matplotlib import plot_optimization_history

    with _untouched():
        named = [_named(study, name) for name, study in studies.items()]
    figure = _drawn(lambda: plot_optimization_history(named, target_name="validation accuracy"))
    (axes,) = figure.axes
    axes.get_legend().remove()
    axes.set(title="Optimization history")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    points = [dots for dots in axes.collections if len(dots.get_offsets())]
    for place, (dots, line) in enumerate(zip(points, axes.lines, strict=False)):
        color = COLORS[place % len(COLORS)]
        dots.set(color=color, sizes=[max(120 - 90 * place, 30)])  # equal points stay visible
        line.set(color=color, linestyle=LINES[place % len(LINES)][1], alpha=1)
        line.set_linewidth(max(4.5 - 3 * place, 1.5))
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def draw_importances(study: Any) -> Any:
    """Draw the importance of each hyperparameter, as estimated from the trials.

    Args:
        study: an Optuna study with at least two complete trials.
    """
    from optuna.importance import PedAnovaImportanceEvaluator
    from optuna.visualization.matplotlib import plot_param_importances

    # Optuna's other evaluators need scikit-learn.
    with _untouched():
        evaluator = PedAnovaImportanceEvaluator()
    figure = _drawn(lambda: plot_param_importances(study, evaluator=evaluator))
    (axes,) = figure.axes
    axes.get_legend().remove()
    title = f"Hyperparameter importances, estimated from {len(study.trials)} trials"
    axes.set_title(title, loc="left", fontsize=12)  # replaces Optuna's title
    return figure


def _named(study: Any, name: str) -> Any:
    """A copy of a study under another name."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        copy = optuna.create_study(study_name=name, direction=study.direction)
        copy.add_trials(study.trials)
    finally:
        optuna.logging.set_verbosity(level)
    return copy


def _drawn(draw: Callable[[], Any]) -> Any:
    """Draw with pyplot, and return the figure without changing pyplot's state."""
    from matplotlib import pyplot as plt

    with _untouched():
        figure = draw().figure
        figure.set_layout_engine("constrained")
        figure.set_size_inches(MOST_INCHES)
        plt.close(figure)
    return figure


@contextmanager
def _untouched() -> Iterator[None]:
    """Undo Optuna's change of matplotlib's global style, and silence its warnings."""
    import warnings

    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
