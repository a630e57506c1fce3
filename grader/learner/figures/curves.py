"""Learning curves: loss and accuracy by epoch, and accuracy by number of labelled images."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import fmean, stdev
from typing import Any, Final

from matplotlib.ticker import MaxNLocator

from grader.learner.figures.base import COLORS, GREY, LINES, Picture

KEYS: Final = ("train_loss", "val_loss", "val_accuracy")
DODGE: Final = 1.015
History = Sequence[Mapping[str, Any]]  # one dict per epoch, as returned in exercises 04 and 06
Curves = dict[str, dict[int, list[float]]]  # name → labelled images → accuracies, one for each run


def draw_history(histories: Mapping[str, History]) -> Picture:
    """Draw losses and validation accuracy by epoch, all training runs in one figure.

    Args:
        histories: for each training run, one dict per epoch with "train_loss", "val_loss",
            "val_accuracy" (a fraction) and, for fine-tuning, "phase".
    """
    figure = Picture(10, 4.6)
    losses, accuracies = figure.subplots(1, 2)
    for place, (name, history) in enumerate(histories.items()):
        epochs = range(1, len(history) + 1)
        style = _style(place)
        curves = {key: [float(entry[key]) for entry in history] for key in KEYS}
        losses.plot(epochs, curves["train_loss"], **style, mfc="white", label=f"{name}, training")
        losses.plot(epochs, curves["val_loss"], **style, label=f"{name}, validation")
        accuracies.plot(epochs, [100 * right for right in curves["val_accuracy"]], **style)
    losses.set(ylabel="cross-entropy per image", title="Loss")
    accuracies.set(ylabel="validation images right, %", title="Validation accuracy")
    phases = {tuple(str(entry.get("phase")) for entry in h) for h in histories.values()}
    for axes in (losses, accuracies):
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.margins(y=0.12)
        axes.grid(alpha=0.3)
        for order in phases:
            _mark_phases(axes, order)
    figure.legend(*losses.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _style(place: int) -> dict[str, Any]:
    """The style of a curve: earlier ones are wider, so that they stay visible below equal ones."""
    marker, line = LINES[place % len(LINES)]
    return {
        "color": COLORS[place % len(COLORS)],
        "marker": marker,
        "linestyle": line,
        "linewidth": max(4.5 - 3 * place, 1.5),
        "markersize": max(11 - 5 * place, 6),
    }


def _mark_phases(axes: Any, phases: Sequence[str]) -> None:
    """Draw a vertical line where one phase ends and the next begins."""
    for epoch, (before, after) in enumerate(pairwise(phases), start=1):
        if before != after:
            axes.axvline(epoch + 0.5, color=GREY, linewidth=1, linestyle="-.")
            place = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
            for text, side, offset in ((f"← {before}", "right", -4), (f"{after} →", "left", 4)):
                axes.annotate(
                    text, (epoch + 0.5, 0.02), xytext=(offset, 0), ha=side, color=GREY, **place
                )


def draw_accuracies(curves: Curves, wanted: float | None = None) -> Picture:
    """Draw accuracy against the number of labelled images.

    If there are several runs, error bars show their standard deviation.

    Args:
        curves: the accuracies, as fractions.
        wanted: an accuracy to mark with a line.
    """
    figure = Picture(7, 4.5)
    axes = figure.subplots()
    counts = sorted({count for by_count in curves.values() for count in by_count})
    handles: list[Any] = []
    for place, (name, by_count) in enumerate(curves.items()):
        marker, line = LINES[place % len(LINES)]
        means = [100 * fmean(runs) for runs in by_count.values()]
        bars = [100 * stdev(runs) if len(runs) > 1 else 0 for runs in by_count.values()]
        beside = DODGE**place if any(bars) else 1  # bars must not overlap
        curve = axes.errorbar(
            [beside * count for count in by_count],
            means,
            bars if any(bars) else None,
            color=COLORS[place % len(COLORS)],
            marker=marker,
            linestyle=line,
            linewidth=max(3.5 - 2 * place, 1.5),  # equal curves stay visible
            markersize=max(10 - 4 * place, 6),
            capsize=4,
            label=name,
        )
        handles.append(curve)
    if wanted is not None:
        label = f"wanted: {wanted:.1%}"
        handles.append(axes.axhline(100 * wanted, color="black", ls="-.", lw=1, label=label))
    axes.set(xscale="log", xlabel="labelled images", ylabel="unseen images right, %")
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(handles=handles, loc="best")
    return figure
