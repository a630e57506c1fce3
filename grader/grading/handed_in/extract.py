"""Turns a notebook into the Python text that is graded.

The rules, and the reasons for them:

- Every code cell counts, in the notebook's order, except the kit's own cells. Learners put helpers
  and imports into cells that they add, and change the solution cell's name by accident.
- A solution cell that was turned into a text cell (one key does that in Jupyter) still counts as
  code, unless there is another solution cell that is code.
- If there are several solution cells, all of them count, as in Jupyter: a later definition
  replaces an earlier one, and a function that only one of them defines is not lost.
- Magics and shell commands do not count; a note says so.
- A cell that fails or runs too long does not affect the others: see `grader.runner.cells`.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grader.common.errors import UserError
from grader.common.terminal import printable
from grader.course.settings import Exercise
from grader.grading.handed_in.cells import LARGEST_CODE, LESSON, SOLUTION, VISIBLE, test_id
from grader.grading.handed_in.magics import without_magics
from grader.grading.handed_in.notebook import Cell, read_cells
from grader.protocol.cell_text import join_cells

MOST_NOTES: Final = 20
LONGEST_LINE: Final = 60


@dataclass(frozen=True)
class Extract:
    """The part of a notebook that is graded.

    Attributes:
        content: the Python text.
        starts: for each cell, the line of the text on which it begins.
        names: for each cell, its name in messages.
        notes: what the learner should know, one line each.
    """

    content: bytes
    starts: Sequence[int]
    names: Sequence[str]
    notes: Sequence[str]

    def in_words(self, text: str, file_name: str) -> str:
        """Translate a message about the text: `head.py:7` becomes a line of a notebook cell.

        Args:
            text: the message.
            file_name: the name that the message uses for the text.
        """
        escaped = re.escape(file_name)
        text = re.sub(rf"\b{escaped}:([0-9]{{1,7}})\b", lambda m: self._place(int(m[1])), text)
        return re.sub(rf"\b{escaped}\b", "the notebook", text)

    def _place(self, line: int) -> str:
        found = [(s, n) for s, n in zip(self.starts, self.names, strict=True) if s <= line]
        if not found:
            return "the notebook"
        start, name = found[-1]
        return f"{name}, line {line - start + 1}"


def extract(content: bytes, exercise: Exercise) -> Extract:
    """Extract the Python text from a notebook.

    Args:
        content: the content of the notebook's file, which is untrusted.
        exercise: the exercise that it belongs to.

    Raises:
        UserError: one line that says why it cannot be read, without the file's name.
    """
    cells = read_cells(content)
    own = {LESSON, VISIBLE, *(test_id(task) for task in exercise.tasks)}
    solutions = [cell for cell in cells if name_of(cell, own) == SOLUTION]
    has_code = any(cell.kind == "code" for cell in solutions)
    texts, names, notes, size = [], [], [], 0
    for cell in cells:
        name = name_of(cell, own)
        retyped = name == SOLUTION and not has_code
        if name in own or not (cell.kind == "code" or retyped):
            continue
        size += len(cell.text.encode())
        if size > LARGEST_CODE:
            raise UserError(f"holds more than {LARGEST_CODE >> 10} KiB of code")
        shown = "solution cell" if len(solutions) == 1 and retyped | (name == SOLUTION) else ""
        shown = shown or f"cell {cell.number}"
        text, dropped = without_magics(cell.text)
        texts.append(text)
        names.append(shown)
        notes += [f"{shown}, line {d.line}: `{_short(d.text)}` is left out" for d in dropped]
    notes += _about_solutions(solutions)
    text, starts = join_cells(texts)
    return Extract(text.encode(), starts, names, _some(notes))


def name_of(cell: Cell, known: Collection[str]) -> str:
    """The name of a cell that the kit made: from nbgrader's metadata, or else Jupyter's cell id."""
    if cell.grade_id == SOLUTION or cell.grade_id in known:
        return cell.grade_id
    return cell.id if cell.id == SOLUTION or cell.id in known else ""


def _about_solutions(solutions: Sequence[Cell]) -> Iterator[str]:
    if not solutions:
        yield "there is no solution cell: the other code cells are graded"
    if len(solutions) > 1:
        numbers = ", ".join(str(cell.number) for cell in solutions)
        yield f"there are several solution cells ({numbers}): the last definition of a name counts"
    if any(cell.kind != "code" for cell in solutions):
        yield "a solution cell was turned into text: it counts if no other solution cell is code"


def _short(text: str) -> str:
    line = printable(text.partition("\n")[0])
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def _some(notes: Sequence[str]) -> list[str]:
    """The first notes, and a line that says how many were left out."""
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], *([f"and {more} more lines like these"] if more > 0 else [])]
