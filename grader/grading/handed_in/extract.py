"""A notebook as the Python text that is graded.

What counts, and why:

- Every code cell counts, in the notebook's order, but the kit's own: learners write helpers and
  imports into cells that they add, and change the name of the solution cell by accident.
- A solution cell that was turned into text (one key does it in Jupyter) counts as the code that it
  was, unless there is a solution cell that is code: then the text is a note beside it.
- Of several solution cells all count, as they would in Jupyter: a later definition replaces an
  earlier one, and what only one of them defines is not lost.
- Magics and shell lines do not count, and a note says so.
- A cell that fails or computes for long does not cost the others: see `grader.runner.cells`.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grader.common.terminal import printable
from grader.course.settings import Exercise
from grader.grading.handed_in.cells import LESSON, SOLUTION, VISIBLE, test_id
from grader.grading.handed_in.magics import without_magics
from grader.grading.handed_in.notebook import Cell, read_cells
from grader.protocol.cell_text import join_cells

MOST_NOTES: Final = 20
LONGEST_LINE: Final = 60


@dataclass(frozen=True)
class Extract:
    """What of a notebook is graded.

    Attributes:
        content: the Python text.
        starts: the line of the text on which each cell begins.
        names: how messages name each cell.
        notes: what the learner should know, one line each.
    """

    content: bytes
    starts: Sequence[int]
    names: Sequence[str]
    notes: Sequence[str]

    def in_words(self, text: str, file_name: str) -> str:
        """A message about the text, as one about the notebook: `head.py:7` becomes a cell's line.

        Args:
            text: the message.
            file_name: what it calls the file.
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
    """The Python text of a notebook.

    Args:
        content: the notebook's file, which a stranger wrote.
        exercise: the exercise that it belongs to.

    Raises:
        UserError: one line that says why it cannot be read, without the file's name.
    """
    cells = read_cells(content)
    own = {LESSON, VISIBLE, *(test_id(task) for task in exercise.tasks)}
    solutions = [cell for cell in cells if name_of(cell, own) == SOLUTION]
    has_code = any(cell.kind == "code" for cell in solutions)
    texts, names, notes = [], [], []
    for cell in cells:
        name = name_of(cell, own)
        retyped = name == SOLUTION and not has_code
        if name in own or not (cell.kind == "code" or retyped):
            continue
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
    """The name by which a cell is the kit's: nbgrader's, or Jupyter's where that one is lost."""
    if cell.grade_id == SOLUTION or cell.grade_id in known:
        return cell.grade_id
    return cell.id if cell.id == SOLUTION or cell.id in known else ""


def _about_solutions(solutions: Sequence[Cell]) -> Iterator[str]:
    if not solutions:
        yield "there is no solution cell: the other code cells are graded"
    if len(solutions) > 1:
        numbers = ", ".join(str(cell.number) for cell in solutions)
        yield f"there are several solution cells ({numbers}): of equal names the last one counts"
    if any(cell.kind != "code" for cell in solutions):
        yield "a solution cell was turned into text: it counts if no other one is code"


def _short(text: str) -> str:
    line = printable(text.partition("\n")[0])
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def _some(notes: Sequence[str]) -> list[str]:
    """The first notes, and how many more there were."""
    more = len(notes) - MOST_NOTES
    return [*notes[:MOST_NOTES], *([f"and {more} more lines like these"] if more > 0 else [])]
