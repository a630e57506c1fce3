"""Where the random numbers of a grading come from: a secret of the course, and an id.

A submission cannot prepare for inputs that it cannot foresee. Each output folder has a grading id;
the seed is the HMAC-SHA256 (RFC 2104) of that id under the course's secret, so that who has the
secret can reproduce a grading, and nobody else.
"""

import hmac
import json
import secrets
from pathlib import Path
from typing import Final

from grader.common.errors import UserError
from grader.common.files import write_whole
from grader.course.settings import Course

SECRET_FILE: Final = ".grader-secret"
GRADING_FILE: Final = "grading.json"
ONLY_MINE: Final = 0o600


def new_secret(course: Course) -> Path:
    """Draw the course's secret; `UserError` when there is one already.

    Returns:
        Its file, which only its owner can read and git does not track.
    """
    path = course.root / SECRET_FILE
    if path.exists():
        raise UserError(
            f"{path} exists, and earlier gradings need it; move it away to draw a new one"
        )
    write_whole(path, secrets.token_hex(32) + "\n", mode=ONLY_MINE)
    return path


def new_grading(folder: Path) -> None:
    """Give an output folder a new id, and so a new seed; `UserError` when it cannot be written."""
    text = json.dumps({"id": secrets.token_hex(16)}) + "\n"
    write_whole(folder / GRADING_FILE, text, mode=ONLY_MINE)


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
        new_grading(folder)
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
