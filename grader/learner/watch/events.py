"""What can happen while an exercise is watched. Threads put events in a queue; one loop takes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Changed:
    """The system tells that these files changed: saved, replaced or deleted."""

    paths: frozenset[Path]


@dataclass(frozen=True)
class NoEvents:
    """The system cannot tell of changes; `reason` says why."""

    reason: str


@dataclass(frozen=True)
class Key:
    """A key was pressed."""

    character: str


@dataclass(frozen=True)
class Ended:
    """A run ended; `code` is pytest's exit code, None when the run did not come to its end.

    Attributes:
        run: its number.
        code: pytest's exit code (None: the code under test ended the process).
        how: how the process ended then: "exit code 3", "signal 11".
    """

    run: int
    code: int | None
    how: str = ""


@dataclass(frozen=True)
class Lost:
    """The warm process is gone though nobody ended it.

    Attributes:
        process: its number.
        was_ready: whether it had come as far as to run checks.
        problem: the last line that it printed.
    """

    process: int
    was_ready: bool
    problem: str


Event = Changed | NoEvents | Key | Ended | Lost
Tell = Callable[[Event], None]
