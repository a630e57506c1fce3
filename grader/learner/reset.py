"""Restores an exercise's original file, and keeps a dated backup of the learner's work."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from grader.common.errors import UserError
from grader.common.files import whole_file
from grader.course.settings import Course
from grader.course.stub_text import PRISTINE, stub_text
from grader.learner.kept_results import source_file

NO_STUB: Final = (
    "the original file of exercise {number} cannot be found: neither {pristine} nor the folder "
    "`solutions` is here; unpack the course again into another folder, and copy "
    "exercises/{number}/{name} from it"
)


def reset(course: Course, number: str, now: datetime) -> Iterator[str]:
    """Restore an exercise's file, byte for byte.

    Args:
        course: the course.
        number: the exercise's number.
        now: the time for the backup's name.

    Yields:
        Lines that say what was done.

    Raises:
        UserError: when the stub cannot be found, or a file cannot be read or written. The
            learner's file is then unchanged.
    """
    path = source_file(course, number)
    stub = pristine(course, number)
    try:
        work = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    if work == stub:
        yield f"{_shown(course, path)} is as it was at the start: nothing to do."
        return
    if work is not None:
        backup = _back_up(path, work, now)
        yield f"Kept:     {_shown(course, backup)}, your work until now"
    with whole_file(path) as file:
        file.write(stub)
    yield f"Restored: {_shown(course, path)}, as it was at the start"


def pristine(course: Course, number: str) -> bytes:
    """The stub: a copy from the learner's bundle, or made from the solution.

    Raises:
        UserError: when there is neither.
    """
    name = course.exercise(number).file_name
    copy = course.root / "exercises" / PRISTINE / number / name
    try:
        return copy.read_bytes()
    except OSError:
        pass
    try:
        return stub_text(course, number).encode()
    except (OSError, ValueError, SyntaxError, KeyError):
        shown = f"exercises/{PRISTINE}/{number}/{name}"
        raise UserError(NO_STUB.format(number=number, name=name, pristine=shown)) from None


def _back_up(path: Path, work: bytes, now: datetime) -> Path:
    """Copy the work to a new file beside the original, and return its path."""
    stem = f"{path.name}.{now:%Y-%m-%d-%H%M%S}"
    count = 1
    while True:
        backup = path.with_name(f"{stem}.bak" if count == 1 else f"{stem}-{count}.bak")
        try:
            with backup.open("xb") as file:
                file.write(work)
        except FileExistsError:
            count += 1
        except OSError as error:
            raise UserError(
                f"{backup} cannot be written: {error.strerror}; {path.name} is unchanged"
            ) from None
        else:
            return backup


def _shown(course: Course, path: Path) -> str:
    return path.relative_to(course.root).as_posix()
