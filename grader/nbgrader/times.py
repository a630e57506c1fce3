"""When something was handed in: a file that nbgrader puts beside it, and anybody could have."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from nbgrader.utils import parse_utc

FILE_NAME: Final = "timestamp.txt"
LONGEST: Final = 100


@dataclass(frozen=True)
class HandedInAt:
    """A time, in UTC without a zone as nbgrader keeps it; or none.

    Attributes:
        time: the time; None when nothing is known.
        problem: in one line, what is wrong with the file.
    """

    time: datetime | None
    problem: str = ""


def read_time(folder: Path) -> HandedInAt:
    """When the submission in a folder was handed in; whatever is in the file, nothing is raised."""
    path = folder / FILE_NAME
    if not path.is_symlink() and not path.exists():
        return HandedInAt(None)
    unusable = f"{FILE_NAME} is no time that can be used: the submission counts as in time"
    if path.is_symlink() or not path.is_file():
        return HandedInAt(None, unusable)
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1).decode().strip()
        time = parse_utc(text) if len(text) <= LONGEST else None
    except Exception:  # dateutil foresees less than people write
        time = None
    if not isinstance(time, datetime):
        return HandedInAt(None, unusable)
    if time > datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1):
        return HandedInAt(time, f"{FILE_NAME} lies in the future ({time:%Y-%m-%d})")
    return HandedInAt(time)
