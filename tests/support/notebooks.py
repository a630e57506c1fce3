"""Notebooks as learners hand them in, made from the cells of the released format."""

import json

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from grader.grading.handed_in.cells import (
    LESSON,
    VISIBLE,
    read_only_code,
    read_only_text,
    solution_cell,
)
from grader.grading.handed_in.cells import test_cell as locked_test_cell
from tests.support.corpus import course


def released(number: str, answer: str) -> NotebookNode:
    """The notebook of an exercise with an answer in its solution cell."""
    cells = [
        read_only_text("# The lesson", LESSON),
        solution_cell(answer),
        read_only_code("raise SystemExit('visible checks are the kit\\'s')", VISIBLE),
    ]
    for task, points in course().exercise(number).tasks.items():
        cells.append(locked_test_cell("raise SystemExit('no test cell is executed')", task, points))
    return new_notebook(cells=cells)


def notebook(number: str, answer: str, *added: str) -> str:
    """The text of a notebook's file, with the learner's own cells after the solution cell."""
    node = released(number, answer)
    node.cells[2:2] = [new_code_cell(text) for text in added]
    return json.dumps(node)
