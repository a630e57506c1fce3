"""Repairs a submitted notebook before nbgrader sees it.

The gradebook determines nbgrader's cells: their kind, their points, and the text of locked cells.
The submission determines the text of all other cells, and the order. So a cell that was deleted,
duplicated, renamed, turned into another kind, or changed in its metadata is repaired; otherwise it
could cost the learner points or make nbgrader stop.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbgrader.api import Notebook

from grader.grading.handed_in.cells import SCHEMA
from grader.grading.handed_in.extract import name_of
from grader.grading.handed_in.notebook import Cell

MAKE: Final[dict[str, Callable[[str], NotebookNode]]] = {
    "code": new_code_cell,
    "markdown": new_markdown_cell,
    "raw": new_raw_cell,
}


@dataclass(frozen=True)
class KnownCell:
    """A cell of the gradebook, with nbgrader's metadata."""

    name: str
    kind: str
    text: str
    checksum: str | None
    grade: bool
    solution: bool
    locked: bool
    task: bool
    points: float | None


def known_cells(notebook: Notebook) -> list[KnownCell]:
    """Read the cells of a released notebook from the gradebook."""
    points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
    grades = {cell.name for cell in notebook.grade_cells}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    return [
        KnownCell(
            cell.name,
            cell.cell_type,
            cell.source,
            cell.checksum,
            cell.name in grades,
            cell.name in solutions,
            bool(cell.locked),
            cell.name in tasks,
            points.get(cell.name),
        )
        for cell in notebook.source_cells
    ]


def rebuild(cells: Sequence[Cell], known: Sequence[KnownCell]) -> NotebookNode:
    """Build the notebook that is graded and shown.

    Args:
        cells: the cells of the submission.
        known: the cells of the released notebook.

    Returns:
        A valid notebook without outputs, in which each known cell occurs at most once. Cells with
        points that the submission lacks are added at the end.
    """
    by_name = {cell.name: cell for cell in known}
    chosen = _chosen(cells, by_name)
    made = [_made(cell, by_name.get(chosen.get(cell.number, ""))) for cell in cells]
    missing = [k for k in known if k.name not in chosen.values() and (k.grade or k.task)]
    notebook: NotebookNode = new_notebook(cells=[*made, *(_restored(cell) for cell in missing)])
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number}"
    return notebook


def _chosen(cells: Sequence[Cell], known: dict[str, KnownCell]) -> dict[int, str]:
    """For each submitted cell that is a known one: its number → the known cell's name.

    If several cells have the same name, one of the right kind wins, and then the last one, which is
    nbgrader's rule.
    """
    candidates: dict[str, list[Cell]] = {}
    for cell in cells:
        name = name_of(cell, known)
        if name in known:
            candidates.setdefault(name, []).append(cell)
    return {
        max(found, key=lambda c: (c.kind == known[name].kind, c.number)).number: name
        for name, found in candidates.items()
    }


def _made(cell: Cell, known: KnownCell | None) -> NotebookNode:
    if known is None:
        return _cell(cell.kind, cell.text, cell.attachments)
    text = known.text if known.locked else cell.text
    return _marked(_cell(known.kind, text, {} if known.locked else cell.attachments), known)


def _restored(known: KnownCell) -> NotebookNode:
    return _marked(_cell(known.kind, known.text, {}), known)


def _cell(kind: str, text: str, attachments: dict[str, dict[str, str]]) -> NotebookNode:
    made: NotebookNode = MAKE[kind](text)
    if attachments and kind != "code":
        made["attachments"] = attachments
    return made


def _marked(cell: NotebookNode, known: KnownCell) -> NotebookNode:
    cell.metadata["nbgrader"] = dict(_marks(known))
    return cell


def _marks(known: KnownCell) -> Iterator[tuple[str, object]]:
    yield from {
        "schema_version": SCHEMA,
        "grade_id": known.name,
        "grade": known.grade,
        "solution": known.solution,
        "locked": known.locked,
        "task": known.task,
        "cell_type": known.kind,
    }.items()
    if known.points is not None:
        yield "points", known.points
    if known.checksum is not None:
        yield "checksum", known.checksum
