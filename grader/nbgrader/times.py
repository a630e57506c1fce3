"""Reads when a submission was handed in, from nbgrader's timestamp file, which is untrusted.

nbgrader's own reader takes the offset `-0500` for 500 seconds, and ignores zones that it does not
know, so late penalties would be wrong. `FORM` is a form that it reads right.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

FILE_NAME: Final = "timestamp.txt"
LONGEST: Final = 100
FORM: Final = "%Y-%m-%d %H:%M:%S.%f UTC"
# 2026-01-31T12:30, with seconds or without, and a zone: Z, +0100, -05:00, UTC, Europe/Berlin.
ISO_8601: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ]+(\d\d:\d\d(?::\d\d(?:\.\d+)?)?) *"
    r"([+-]\d\d(?::?\d\d)?|[A-Za-z][\w/+-]*|)"
)
# Sat, 31 Jan 2026 12:30:00 +0100: `email.utils` would take more, and ignore what it does not know.
RFC_2822: Final = re.compile(
    r"(?:[A-Za-z]{3}, *)?\d{1,2} +[A-Za-z]{3} +\d{4} +\d\d:\d\d(?::\d\d)?"
    r"(?: +(?:[+-]\d{4}|UTC?|GMT|[ECMP][SD]T))?"
)


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
            time = parse_time(file.read(LONGEST + 1))
    except (OSError, ValueError):
        return HandedInAt(None, unusable)
    if time > datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1):
        return HandedInAt(time, f"{FILE_NAME} is in the future ({time:%Y-%m-%d})")
    return HandedInAt(time)


def parse_time(content: bytes) -> datetime:
    """The time that a text names, in UTC and without a time zone.

    It takes ISO 8601 (`2026-01-31T12:30:00+01:00`), also with spaces and a zone's name as nbgrader
    writes them, and RFC 2822 (`Sat, 31 Jan 2026 12:30:00 +0100`). Without a zone the time is in
    UTC, as in nbgrader. An hour that a clock shows twice, in autumn, is the first one.

    Raises:
        ValueError: for anything else, such as a time without a date, or a zone that is not known.
    """
    if len(content) > LONGEST:
        raise ValueError("the text is too long")
    text = content.decode().strip()
    try:
        if found := ISO_8601.fullmatch(text):
            time = _with_zone(*found.groups())
        elif RFC_2822.fullmatch(text):
            time = parsedate_to_datetime(text)
        else:
            raise ValueError(f"{text!r} names no time")
        if time.tzinfo is not None:
            time = time.astimezone(UTC)
    except (KeyError, OSError, OverflowError, TypeError) as error:
        raise ValueError(f"{text!r} names no time") from error
    return time.replace(tzinfo=None)


def _with_zone(day: str, hour: str, zone: str) -> datetime:
    time = datetime.fromisoformat(f"{day}T{hour}")
    if zone in ("", "Z", "UTC", "GMT"):
        return time
    if zone[0] in "+-":
        return datetime.fromisoformat(f"{time.isoformat()}{zone}")
    return time.replace(tzinfo=ZoneInfo(zone))
