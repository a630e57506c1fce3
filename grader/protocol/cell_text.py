"""A notebook as one Python text.

The first line lists the lines on which cells begin; the rest are the cells' own lines.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

HEADER: Final = re.compile(rb"# Cells of a notebook, at lines ([0-9]{1,7}(?:, [0-9]{1,7})*)\n")


def join_cells(cells: Sequence[str]) -> tuple[str, list[int]]:
    """Join cells to one text.

    Args:
        cells: the Python code of each cell, in which only newlines end lines.

    Returns:
        The text, and the line on which each cell begins.
    """
    starts, line = [], 2
    for cell in cells:
        starts.append(line)
        line += cell.count("\n") + 1
    header = f"# Cells of a notebook, at lines {', '.join(map(str, starts or [2]))}"
    return "\n".join([header, *cells, ""]), starts


def split_cells(content: bytes) -> list[tuple[int, bytes]]:
    """The number of the first line and the code of each cell; none for an ordinary module.

    The header is untrusted. It is accepted only when its line numbers ascend: overlapping cells
    would make many copies of the text.
    """
    found = HEADER.match(content)
    if found is None:
        return []
    starts = [int(number) for number in found[1].split(b", ")]
    lines = content.split(b"\n")
    places = [*starts, len(lines) + 1]
    if starts[0] < 2 or any(start >= end for start, end in pairwise(places)):
        return []
    return [(start, b"\n".join(lines[start - 1 : end - 1])) for start, end in pairwise(places)]
