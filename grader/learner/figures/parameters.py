"""Which parts of a model are trainable, and how many parameters each part has."""

from collections.abc import Iterable, Mapping
from typing import Final

from torch import nn

from grader.learner.figures.base import COLORS, Picture

Blocks = Mapping[str, tuple[int, int]]  # direct child → (trainable, frozen) parameters
NAMES: Final = ("trainable", "frozen")
HATCHES: Final = ("", "///")


def count_by_block(model: nn.Module) -> dict[str, tuple[int, int]]:
    """Count the trainable and the frozen parameters in each direct child of a model."""
    named = model.named_parameters()
    return add_up((name, p.numel(), p.requires_grad) for name, p in named)


def add_up(parameters: Iterable[tuple[str, int, bool]]) -> dict[str, tuple[int, int]]:
    """Add up parameters by block: each is given as its dotted name, size, and `requires_grad`."""
    blocks: dict[str, tuple[int, int]] = {}
    for name, size, trainable in parameters:
        block = name.partition(".")[0]
        learning, frozen = blocks.get(block, (0, 0))
        blocks[block] = (learning + size * trainable, frozen + size * (not trainable))
    return blocks


def draw_blocks(models: Mapping[str, Blocks], rows: int = 1) -> Picture:
    """Draw bars, on a log scale, of the trainable and frozen parameters in each model's blocks.

    Args:
        models: title → the result of `count_by_block`, listed row by row.
        rows: the number of rows, all of equal length.
    """
    columns = len(models) // rows
    blocks = list(next(iter(models.values())))
    figure = Picture(1 + 3.4 * columns, 1.2 + (0.7 + 0.34 * len(blocks)) * rows)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for axes, (title, counts) in zip(panels.flat, models.items(), strict=True):
        for place, block in enumerate(blocks):
            both = counts.get(block, (0, 0))
            present = [kind for kind in (0, 1) if both[kind]]
            for line, kind in enumerate(present):
                height = 0.76 / len(present)
                middle = place + (line - (len(present) - 1) / 2) * height
                axes.barh(
                    middle,
                    both[kind],
                    height,
                    color=COLORS[1 - kind],
                    hatch=HATCHES[kind],
                    edgecolor="white",
                )
                axes.annotate(
                    short(both[kind]),
                    (both[kind], middle),
                    xytext=(3, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=9,
                )
        learning, total = (sum(c[0] for c in counts.values()), sum(map(sum, counts.values())))
        axes.set_title(f"{title}\n{learning:,} of {total:,} learn", fontsize=10)
        axes.set(xscale="log", xlim=(10, 10 * max(map(max, counts.values()))))
        axes.grid(axis="x", alpha=0.3)
        axes.set_axisbelow(True)
    panels[0, 0].set_yticks(range(len(blocks)), blocks)
    panels[
        0, 0
    ].invert_yaxis()  # the axis is shared, so the first block is at the top in every panel
    for axes in panels[-1]:
        axes.set_xlabel("parameters (log scale)")
    handles = [
        panels[0, 0].bar(0, 0, color=COLORS[1 - kind], hatch=HATCHES[kind], edgecolor="white")
        for kind in (0, 1)
    ]
    figure.legend(handles, NAMES, loc="outside lower center", ncols=2)
    return figure


def short(count: int) -> str:
    """A short form of a count, to show beside a bar: 9.4k, 8.4M."""
    for size, letter in ((10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return str(count)
