"""Reads a notebook that a stranger wrote: bounded, and without trusting a word of it.

nbformat is not used here: it takes any size and depth, and what it raises is hard to foresee.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from grader.common.errors import UserError

LARGEST: Final = 32 << 20  # bytes; a notebook with its figures has some million
MOST_PARTS: Final = 2_000_000  # strings, lists and the like: what they take in memory is bounded
MOST_CELLS: Final = 2000
KINDS: Final = ("code", "markdown", "raw")


@dataclass(frozen=True)
class Cell:
    """A cell.

    Attributes:
        number: its place in the notebook, from 1.
        kind: "code", "markdown" or "raw".
        text: what stands in it; lines end in newlines alone.
        grade_id: what nbgrader calls it; empty when it is the learner's own.
        id: what Jupyter calls it; empty in older notebooks.
        attachments: pictures that were pasted into it, by name and type.
    """

    number: int
    kind: str
    text: str
    grade_id: str
    id: str
    attachments: dict[str, dict[str, str]]


def read_cells(content: bytes) -> list[Cell]:
    """The cells of a notebook, in their order; outputs and metadata are left behind.

    Args:
        content: the notebook's file.

    Raises:
        UserError: one line that says why it cannot be read, without the file's name.
    """
    if len(content) > LARGEST:
        raise UserError(f"is larger than {LARGEST >> 20} MiB: clear its outputs")
    if sum(content.count(part) for part in (b'"', b",", b"[", b"{")) > MOST_PARTS:
        raise UserError("has more parts than can be read: clear its outputs")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError, MemoryError):
        raise UserError("is damaged: it is not the JSON that Jupyter writes") from None
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list):
        raise UserError("is damaged or of an old format: it holds no list of cells")
    if len(cells) > MOST_CELLS:
        raise UserError(f"has more than {MOST_CELLS} cells")
    return list(_cells(cells))


def _cells(found: list[Any]) -> Iterator[Cell]:
    for number, cell in enumerate(found, start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") not in KINDS:
            continue
        mark = _dict(_dict(cell.get("metadata")).get("nbgrader"))
        yield Cell(
            number,
            cell["cell_type"],
            _text(cell.get("source")),
            _name(mark.get("grade_id")),
            _name(cell.get("id")),
            _attachments(cell.get("attachments")),
        )


def _text(source: object) -> str:
    """A cell's text, which is a string or a list of them; without what UTF-8 cannot hold."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    text = source.encode("utf-8", errors="replace").decode("utf-8")
    return re.sub(r"\r\n?", "\n", text)


def _name(value: object) -> str:
    return value if isinstance(value, str) and len(value) < 100 else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _attachments(found: object) -> dict[str, dict[str, str]]:
    pictures = {
        name: {kind: data for kind, data in _dict(bundle).items() if isinstance(data, str)}
        for name, bundle in _dict(found).items()
    }
    return {name: bundle for name, bundle in pictures.items() if bundle}
