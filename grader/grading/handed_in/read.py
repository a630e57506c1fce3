"""Reads what a student handed in for an exercise: a Python file or a notebook.

If there are both, the notebook counts, because that is what nbgrader hands out and collects. The
Python file counts if no task of the notebook was begun, if the notebook cannot be read, or if both
contain the same code. A note says which one was graded, unless their code is the same.
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
from grader.grading.handed_in.cells import LARGEST_CODE
from grader.protocol.cell_text import split_cells

if TYPE_CHECKING:
    from grader.grading.handed_in.extract import Extract

LARGEST_NOTEBOOK: Final = 32 << 20  # bytes, figures included


@dataclass(frozen=True)
class HandedIn:
    """The content of a submission.

    Attributes:
        file_name: the name of the file that was read.
        content: the Python text that is graded.
        notes: what the learner should know, one line each.
        notebook: the notebook from which the text was extracted, if there is one.
    """

    file_name: str
    content: bytes
    notes: Sequence[str] = ()
    notebook: "Extract | None" = None

    @property
    def digest(self) -> str:
        """The SHA-256 digest of the text that is graded."""
        return hashlib.sha256(self.content).hexdigest()

    def in_its_words(self, judgement: Judgement, file_name: str) -> Judgement:
        """Translate a judgement: if a notebook was handed in, messages refer to its cells.

        Args:
            judgement: the judgement on the text.
            file_name: the name that its messages use for the text.
        """
        if self.notebook is None:
            return judgement
        tell = partial(self.notebook.in_words, file_name=file_name)
        verdicts = [replace(v, message=tell(v.message)) for v in judgement.verdicts]
        # "cannot be loaded, line 7: …"
        problem = re.sub(r"(?<=loaded, )line (?=[0-9])", f"{file_name}:", judgement.problem)
        return replace(judgement, verdicts=verdicts, problem=tell(problem))


def read_submission(course: Course, number: str, folder: Path) -> HandedIn:
    """Read the submission in a student's folder.

    Args:
        course: the course.
        number: the exercise's number.
        folder: the student's folder for this exercise.

    Raises:
        UserError: when there is nothing to grade; its message says what is there instead, or why
            the folder cannot be read.
    """
    try:
        return _read(course, number, folder)
    except OSError as error:
        raise UserError(f"the folder cannot be read: {error.strerror}") from None


def _read(course: Course, number: str, folder: Path) -> HandedIn:
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
        return replace(other, notes=[f"{module.name} is graded, because {error}"])
    if _code(read.content) == _code(other.content):
        return other  # `grader collect` made the notebook from it
    if _is_untouched(read.content, course, number):
        return replace(other, notes=[f"{module.name} is graded: no task of the notebook is begun"])
    return replace(read, notes=[*read.notes, f"the notebook is graded, not {module.name}"])


def _read_module(path: Path) -> HandedIn:
    return HandedIn(path.name, read_file(path, LARGEST_CODE, "Python file"))


def _code(content: bytes) -> bytes:
    """The code of a module or of an extracted notebook, normalized so that they can be compared."""
    code = b"\n".join(code for _, code in split_cells(content)) or content
    return re.sub(rb"\r\n?", b"\n", code).strip()


def read_file(path: Path, largest: int, kind: str) -> bytes:
    """Read an untrusted file.

    Args:
        path: the file.
        largest: how many bytes it may have.
        kind: what the file should be, for the error messages: "notebook".

    Raises:
        UserError: one line that says why the file cannot be used.
    """
    if path.is_symlink():
        raise UserError(f"{path.name} is a link: the file itself is expected")
    if path.is_dir():
        raise UserError(f"{path.name} is a folder: a {kind} of that name is expected")
    if not path.is_file():
        raise UserError(f"{path.name} is not a file: a {kind} of that name is expected")
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror}") from None
    if len(content) > largest:
        raise UserError(f"{path.name} is larger than {largest >> 10} KiB: it is not graded")
    return content


def _read_notebook(path: Path, exercise: Exercise) -> HandedIn:
    from grader.grading.handed_in.extract import extract  # not needed for Python files

    content = read_file(path, LARGEST_NOTEBOOK, "notebook")
    try:
        found = extract(content, exercise)
    except UserError as error:
        raise UserError(f"{path.name} {error}") from None
    return HandedIn(path.name, found.content, found.notes, found)


def _is_untouched(content: bytes, course: Course, number: str) -> bool:
    """Whether no task was begun: the stub's marker of every task is still there."""
    tasks = course.exercise(number).tasks
    marks = [f"Task {course.task_number(number, task)}:".encode() for task in tasks]
    return all(mark in content for mark in marks)


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _contents(folder: Path) -> str:
    return ", ".join(sorted(path.name for path in folder.iterdir())[:5]) or "nothing"
