"""Reads an untrusted notebook, within fixed limits and without trusting any of its content.

nbformat is not used here: it accepts any size and depth, and its exceptions are hard to predict.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from grader.common.errors import UserError

LARGEST: Final = 32 << 20  # bytes; a notebook with figures has a few million
MOST_PARTS: Final = 2_000_000  # strings, lists and the like; bounds the memory that they take
MOST_CELLS: Final = 2000
KINDS: Final = ("code", "markdown", "raw")


@dataclass(frozen=True)
class Cell:
    """A notebook cell.

    Attributes:
        number: its position in the notebook, counted from 1.
        kind: "code", "markdown" or "raw".
        text: its source; lines end in a plain newline.
        grade_id: nbgrader's id; empty for the learner's own cells.
        id: Jupyter's id; empty in older notebooks.
        attachments: pictures that were pasted into it, by name and type.
    """

    number: int
    kind: str
    text: str
    grade_id: str
    id: str
    attachments: dict[str, dict[str, str]]


def read_cells(content: bytes) -> list[Cell]:
    """Read the cells of a notebook in order, without their outputs and other metadata.

    Args:
        content: the content of the notebook's file.

    Raises:
        UserError: one line that says why it cannot be read, without the file's name.
    """
    if len(content) > LARGEST:
        raise UserError(f"is larger than {LARGEST >> 20} MiB: clear its outputs")
    if sum(content.count(part) for part in (b'"', b",", b"[", b"{")) > MOST_PARTS:
        raise UserError("has too many parts to be read: clear its outputs")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError, MemoryError):
        raise UserError("is damaged: it is not the JSON that Jupyter writes") from None
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list):
        raise UserError("is damaged, or in an old format: it has no list of cells")
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
    """A cell's text, stored as a string or a list of strings; invalid characters become `?`."""
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
