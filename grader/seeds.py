"""Where the random numbers of a grading come from: a secret of the course, and an id.

A submission cannot prepare for inputs that it cannot foresee. Each output folder has a grading id;
the seed is the HMAC-SHA256 (RFC 2104) of that id under the course's secret, so that who has the
secret can reproduce a grading, and nobody else.
"""

import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Final

from grader.course import Course
from grader.errors import UserError

SECRET_FILE: Final = ".grader-secret"
GRADING_FILE: Final = "grading.json"
ONLY_MINE: Final = 0o600


def new_secret(course: Course) -> Path:
    """Draw the course's secret; `UserError` when there is one already.

    Returns:
        Its file, which only its owner can read and git does not track.
    """
    path = course.root / SECRET_FILE
    try:
        _write_mine(path, secrets.token_hex(32) + "\n")
    except FileExistsError:
        raise UserError(
            f"{path} exists, and earlier gradings need it; move it away to draw a new one"
        ) from None
    return path


def grading_seed(course: Course, folder: Path) -> str:
    """The seed of the grading in an output folder: drawn at first, the same from then on.

    Args:
        course: the course, with its secret; without one the id itself is the seed.
        folder: the output folder; it exists.

    Raises:
        UserError: when the folder's `grading.json` or the secret cannot be used.
    """
    path = folder / GRADING_FILE
    if not path.exists():
        _write_mine(path, json.dumps({"id": secrets.token_hex(16)}) + "\n")
    try:
        id_ = json.loads(path.read_text(encoding="utf-8"))["id"]
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{path} is damaged: move it away to grade with a new seed") from None
    secret = course.root / SECRET_FILE
    if not secret.exists():
        return str(id_)
    try:
        key = bytes.fromhex(secret.read_text(encoding="utf-8").strip())
    except (OSError, ValueError) as error:
        raise UserError(f"{secret} cannot be used: {error}") from None
    return hmac.digest(key, str(id_).encode(), "sha256").hex()


def _write_mine(path: Path, text: str) -> None:
    """Write a new file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_MINE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
