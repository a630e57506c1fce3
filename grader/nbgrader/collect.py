"""Copies what was handed in to nbgrader's folder `submitted/`.

nbgrader ignores students who did not hand in a notebook. If a student handed in only `head.py`, a
notebook is made from it for nbgrader to show; the Python file itself is what is graded.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import nbformat

from grader.common.errors import UserError
from grader.common.files import whole_file
from grader.course.settings import Course
from grader.grading.classroom import SubmittedFolder
from grader.grading.handed_in.cells import LARGEST_CODE, solution_cell
from grader.grading.handed_in.read import LARGEST_NOTEBOOK, read_file
from grader.nbgrader.times import FILE_NAME, FORM, LONGEST, parse_time

KINDS: Final = {
    ".ipynb": (LARGEST_NOTEBOOK, "notebook"),
    ".py": (LARGEST_CODE, "Python file"),
    ".txt": (LONGEST, "text"),
}


@dataclass(frozen=True)
class Collected:
    """What was done with a submission.

    Attributes:
        done: "collected", "unchanged" or "left".
        made: whether its notebook was made from a Python file.
        problem: one line that says why it was left.
    """

    done: str
    made: bool = False
    problem: str = ""


def collect(course: Course, submission: SubmittedFolder, into: Path, *, update: bool) -> Collected:
    """Copy a submission to where nbgrader looks for it; the original files are not changed.

    Args:
        course: the course.
        submission: what was handed in.
        into: nbgrader's folder `submitted`.
        update: whether to replace an earlier version.
    """
    exercise = course.exercise(submission.exercise)
    names = (exercise.notebook_name, exercise.file_name, FILE_NAME)
    try:
        files = {name: _read(submission.folder / name) for name in names}
    except UserError as error:
        return Collected("left", problem=str(error))
    files[FILE_NAME] = _in_utc(files[FILE_NAME])
    module, notebook = files[exercise.file_name], files[exercise.notebook_name]
    if module is None and notebook is None:
        problem = f"neither {exercise.notebook_name} nor {exercise.file_name} is there"
        return Collected("left", problem=problem)
    if notebook is None:
        files[exercise.notebook_name] = notebook_of(module or b"")
    folder = into / submission.student / submission.exercise
    wanted = {folder / name: content for name, content in files.items() if content is not None}
    there = {path: path.read_bytes() for path in wanted if path.is_file()}
    if there == wanted:
        return Collected("unchanged")
    if not update and any(there[path] != wanted[path] for path in there):
        problem = "another version was collected before; pass --update to replace it"
        return Collected("left", problem=problem)
    _write(wanted)
    return Collected("collected", made=notebook is None)


def notebook_of(content: bytes) -> bytes:
    """A notebook with the Python file in its solution cell; grading adds the test cells."""
    notebook = nbformat.v4.new_notebook(
        cells=[solution_cell(content.decode("utf-8", errors="replace"))]
    )
    return f"{nbformat.writes(notebook)}\n".encode()


def _read(path: Path) -> bytes | None:
    if not path.is_symlink() and not path.exists():
        return None
    return read_file(path, *KINDS[path.suffix])


def _in_utc(timestamp: bytes | None) -> bytes | None:
    """The timestamp in the form that nbgrader reads right; unchanged if it names no time."""
    if timestamp is None:
        return None
    with suppress(ValueError):
        return parse_time(timestamp).strftime(FORM).encode()
    return timestamp


def _write(files: dict[Path, bytes]) -> None:
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{path.parent} cannot be created: {error.strerror}") from None
        with whole_file(path) as file:
            file.write(content)
