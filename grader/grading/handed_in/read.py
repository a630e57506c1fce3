"""What a student handed in for an exercise: a Python file, or a notebook.

If both are there the notebook counts, for it is what nbgrader hands out and takes back; unless no
task of it was begun, or it cannot be read, or it holds the same code: then the Python file does. A
note says which one.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.common.errors import UserError
from grader.course.scoring import Judgement
from grader.course.settings import Course, Exercise
from grader.protocol.cell_text import split_cells

if TYPE_CHECKING:
    from grader.grading.handed_in.extract import Extract

LARGEST_FILE: Final = 1 << 20  # bytes of Python; a module of an exercise has some thousand
LARGEST_NOTEBOOK: Final = 32 << 20  # bytes; figures are part of it


@dataclass(frozen=True)
class HandedIn:
    """A submission as it was read.

    Attributes:
        file_name: what was read.
        content: the Python text that is graded.
        notes: what the learner should know, one line each.
        notebook: the notebook that the text was taken from.
    """

    file_name: str
    content: bytes
    notes: Sequence[str] = ()
    notebook: "Extract | None" = None

    @property
    def digest(self) -> str:
        """Of the text that is graded."""
        return hashlib.sha256(self.content).hexdigest()

    def in_its_words(self, judgement: Judgement, file_name: str) -> Judgement:
        """A judgement on the text, as one on what was handed in: its messages name cells.

        Args:
            judgement: of the text.
            file_name: what its messages call the text.
        """
        if self.notebook is None:
            return judgement
        tell = partial(self.notebook.in_words, file_name=file_name)
        verdicts = [replace(v, message=tell(v.message)) for v in judgement.verdicts]
        # "cannot be loaded, line 7: …"
        problem = re.sub(r"(?<=loaded, )line (?=[0-9])", f"{file_name}:", judgement.problem)
        return replace(judgement, verdicts=verdicts, problem=tell(problem))


def read_submission(course: Course, number: str, folder: Path) -> HandedIn:
    """Read what is in a student's folder.

    Args:
        course: the course.
        number: of the exercise.
        folder: the student's folder for it.

    Raises:
        UserError: when there is nothing to grade, with one line that says what there is instead.
    """
    exercise = course.exercise(number)
    module, notebook = folder / exercise.file_name, folder / exercise.notebook_name
    if not _is_there(notebook):
        if not _is_there(module):
            found = f"found instead: {_contents(folder)} ({notebook.name} would do, too)"
            raise UserError(f"{module.name} is missing; {found}")
        return _read_module(module)
    if not _is_there(module):
        return _read_notebook(notebook, exercise)
    try:
        other = _read_module(module)
    except UserError:
        return _read_notebook(notebook, exercise)
    try:
        read = _read_notebook(notebook, exercise)
    except UserError as error:
        return replace(other, notes=[f"{module.name} is graded, for {error}"])
    if _code(read.content) == _code(other.content):
        return other  # `grader collect` made the notebook of it
    if _is_untouched(read.content, course, number):
        return replace(other, notes=[f"{module.name} is graded: no task of the notebook is begun"])
    return replace(read, notes=[*read.notes, f"the notebook is graded, not {module.name}"])


def _read_module(path: Path) -> HandedIn:
    return HandedIn(path.name, read_file(path, LARGEST_FILE, "Python file"))


def _code(content: bytes) -> bytes:
    """The code of a module, or of a notebook with a single cell, to compare the two."""
    code = b"\n".join(code for _, code in split_cells(content)) or content
    return re.sub(rb"\r\n?", b"\n", code).strip()


def read_file(path: Path, largest: int, kind: str) -> bytes:
    """The content of a file that a stranger made.

    Args:
        path: the file.
        largest: how many bytes it may have.
        kind: what it should be, in words.

    Raises:
        UserError: one line that says why it is not what was expected.
    """
    if path.is_symlink():
        raise UserError(f"{path.name} is a link: the file itself is expected")
    if path.is_dir():
        raise UserError(f"{path.name} is a folder: a {kind} of that name is expected")
    if not path.is_file():
        raise UserError(f"{path.name} is no file: a {kind} of that name is expected")
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror}") from None
    if len(content) > largest:
        raise UserError(f"{path.name} is larger than {largest >> 10} KiB: it is not graded")
    return content


def _read_notebook(path: Path, exercise: Exercise) -> HandedIn:
    from grader.grading.handed_in.extract import extract  # a course of modules never needs it

    content = read_file(path, LARGEST_NOTEBOOK, "notebook")
    try:
        found = extract(content, exercise)
    except UserError as error:
        raise UserError(f"{path.name} {error}") from None
    if len(found.content) > LARGEST_FILE:
        raise UserError(f"{path.name} holds more than {LARGEST_FILE >> 10} KiB of code")
    return HandedIn(path.name, found.content, found.notes, found)


def _is_untouched(content: bytes, course: Course, number: str) -> bool:
    """Whether the line that stands for each task's answer is still there."""
    tasks = course.exercise(number).tasks
    marks = [f"Task {course.task_number(number, task)}:".encode() for task in tasks]
    return all(mark in content for mark in marks)


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _contents(folder: Path) -> str:
    return ", ".join(sorted(path.name for path in folder.iterdir())[:5]) or "nothing"
