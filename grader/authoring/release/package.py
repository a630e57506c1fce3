"""The part of the `grader` package that learners get: an allow-list of rooms.

A list of files to leave out could miss a new file that contains an answer. So this list says what
to include; the hidden checks, and everything that grades a class, are not in it.
"""

from pathlib import Path
from typing import Final

from grader.authoring.release.exercise import Files
from grader.common.errors import UserError
from grader.common.fingerprint import KIT

ROOMS: Final = (
    *("__init__.py", "__main__.py", "check.py", "jupyter.py"),
    *("common", "course", "protocol", "materials", "runner", "judge", "learner"),
    *("cli/__init__.py", "cli/common.py", "cli/kit.py", "cli/learner.py"),
)
KINDS: Final = (".py", ".j2")


def package_files() -> Files:
    """The modules and templates that learners need, by path."""
    places = [KIT / name for name in ROOMS]
    files = [file for place in places for file in ([place] if place.is_file() else _in(place))]
    return {f"grader/{file.relative_to(KIT).as_posix()}": _read(file) for file in files}


def _in(room: Path) -> list[Path]:
    return [path for path in sorted(room.rglob("*")) if path.suffix in KINDS]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be released: {error.strerror}") from None
