"""The cells of an exercise's notebook, marked with nbgrader's metadata.

An exercise's notebook contains, in this order: the lesson, a code cell with the stub (`SOLUTION`),
a code cell that runs the visible checks in the learner's own kernel (`VISIBLE`), and for each task
a locked test cell (`test_id`) that carries the task's points.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # grading needs only the names, so it does not import nbformat
    from nbformat import NotebookNode

LARGEST_CODE: Final = 1 << 20  # bytes of a submission; an exercise's module has a few thousand
SCHEMA: Final = 3  # https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html
LESSON: Final = "lesson"
SOLUTION: Final = "solution"
VISIBLE: Final = "visible_checks"


def test_id(task: str) -> str:
    """The grade_id of a task's test cell."""
    return f"test_{task}"


def solution_cell(text: str) -> "NotebookNode":
    """The cell that holds the stub and in which the learner writes."""
    from nbformat.v4 import new_code_cell

    return _marked(new_code_cell(text), SOLUTION, solution=True)


def read_only_text(text: str, grade_id: str) -> "NotebookNode":
    """A Markdown cell that autograding restores if it was changed."""
    from nbformat.v4 import new_markdown_cell

    return _marked(new_markdown_cell(text), grade_id, locked=True)


def read_only_code(text: str, grade_id: str) -> "NotebookNode":
    """A code cell without points that autograding restores if it was changed."""
    from nbformat.v4 import new_code_cell

    return _marked(new_code_cell(text), grade_id, locked=True)


def test_cell(text: str, task: str, points: int) -> "NotebookNode":
    """The locked test cell that carries a task's points."""
    from nbformat.v4 import new_code_cell

    return _marked(new_code_cell(text), test_id(task), grade=True, locked=True, points=points)


def _marked(
    cell: "NotebookNode",
    grade_id: str,
    *,
    grade: bool = False,
    locked: bool = False,
    solution: bool = False,
    points: int | None = None,
) -> "NotebookNode":
    """Add nbgrader's metadata to a cell, and a fixed id: the notebook's text is reproducible."""
    cell["id"] = grade_id
    cell.metadata["nbgrader"] = {
        "schema_version": SCHEMA,
        "grade": grade,
        "grade_id": grade_id,
        "locked": locked,
        "solution": solution,
        "task": False,
        **({} if points is None else {"points": points}),
    }
    return cell
