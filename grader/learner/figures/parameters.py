"""Which parts of a model learn, and how many parameters each holds."""

from collections.abc import Iterable, Mapping
from typing import Final

from torch import nn

from grader.learner.figures.base import COLORS, Picture

Blocks = Mapping[str, tuple[int, int]]  # direct child → its trainable and its frozen parameters
NAMES: Final = ("trainable", "frozen")
HATCHES: Final = ("", "///")


def count_by_block(model: nn.Module) -> dict[str, tuple[int, int]]:
    """The numbers of trainable and of frozen parameters in each direct child of a model."""
    named = model.named_parameters()
    return add_up((name, p.numel(), p.requires_grad) for name, p in named)


def add_up(parameters: Iterable[tuple[str, int, bool]]) -> dict[str, tuple[int, int]]:
    """Blocks of parameters, each given by its dotted name, its size and whether it may learn."""
    blocks: dict[str, tuple[int, int]] = {}
    for name, size, trainable in parameters:
        block = name.partition(".")[0]
        learning, frozen = blocks.get(block, (0, 0))
        blocks[block] = (learning + size * trainable, frozen + size * (not trainable))
    return blocks


def draw_blocks(models: Mapping[str, Blocks], rows: int = 1) -> Picture:
    """Bars, on a log scale: the trainable and the frozen parameters in each block of each model.

    Args:
        models: title → what `count_by_block` says of a model, in rows of equal length.
        rows: how many.
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
    panels[0, 0].invert_yaxis()  # shared: the first block stands at the top everywhere
    for axes in panels[-1]:
        axes.set_xlabel("parameters (log scale)")
    handles = [
        panels[0, 0].bar(0, 0, color=COLORS[1 - kind], hatch=HATCHES[kind], edgecolor="white")
        for kind in (0, 1)
    ]
    figure.legend(handles, NAMES, loc="outside lower center", ncols=2)
    return figure


def short(count: int) -> str:
    """A count as a reader wants it beside a bar: 9.4k, 8.4M."""
    for size, letter in ((10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return str(count)
