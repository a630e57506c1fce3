"""Derives the seed of a grading from the course's secret and the grading's id.

The seed must be unpredictable, so that a submission cannot prepare for its random inputs. Each
output folder has a grading id. The seed is the HMAC-SHA256 (RFC 2104) of that id under the course's
secret: only those who have the secret can reproduce a grading.
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
    """Draw the course's secret; raise `UserError` if there is one already.

    Returns:
        The secret's file, which only its owner can read and which git ignores.
    """
    path = course.root / SECRET_FILE
    if path.exists():
        raise UserError(
            f"{path} exists, and earlier gradings need it; move it away to draw a new one"
        )
    write_whole(path, secrets.token_hex(32) + "\n", mode=ONLY_MINE)
    return path


def new_grading(folder: Path) -> None:
    """Give an output folder a new id and so a new seed; `UserError` if it cannot be written."""
    text = json.dumps({"id": secrets.token_hex(16)}) + "\n"
    write_whole(folder / GRADING_FILE, text, mode=ONLY_MINE)


def grading_seed(course: Course, folder: Path) -> str:
    """The seed of the grading in an output folder; the first call draws its id.

    Args:
        course: the course. If it has no secret, the grading's id itself is the seed.
        folder: the output folder; it must exist.

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
