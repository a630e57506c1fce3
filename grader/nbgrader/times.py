"""Reads when a submission was handed in, from nbgrader's timestamp file, which is untrusted."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from nbgrader.utils import parse_utc

FILE_NAME: Final = "timestamp.txt"
LONGEST: Final = 100


@dataclass(frozen=True)
class HandedInAt:
    """The time of a submission, if it is known.

    Attributes:
        time: the time in UTC, without a time zone, as nbgrader stores it; None if it is unknown.
        problem: one line that says what is wrong with the file.
    """

    time: datetime | None
    problem: str = ""


def read_time(folder: Path) -> HandedInAt:
    """When the submission in a folder was handed in; never raises, whatever the file contains."""
    path = folder / FILE_NAME
    if not path.is_symlink() and not path.exists():
        return HandedInAt(None)
    unusable = f"{FILE_NAME} contains no valid time: the submission counts as on time"
    if path.is_symlink() or not path.is_file():
        return HandedInAt(None, unusable)
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1).decode().strip()
        time = parse_utc(text) if len(text) <= LONGEST else None
    except Exception:  # dateutil raises all kinds of errors on strange input
        time = None
    if not isinstance(time, datetime):
        return HandedInAt(None, unusable)
    if time > datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1):
        return HandedInAt(time, f"{FILE_NAME} is in the future ({time:%Y-%m-%d})")
    return HandedInAt(time)
