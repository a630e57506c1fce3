"""The events while an exercise is watched: threads put them in a queue, one loop handles them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Changed:
    """The system reports that these files changed: they were saved, replaced or deleted."""

    paths: frozenset[Path]


@dataclass(frozen=True)
class NoEvents:
    """The system cannot report file changes; `reason` says why."""

    reason: str


@dataclass(frozen=True)
class Key:
    """A key was pressed."""

    character: str


@dataclass(frozen=True)
class Ended:
    """A run ended.

    Attributes:
        run: the run's number.
        code: pytest's exit code (None: the code under test ended the process).
        how: how the process ended in that case: "exit code 3", "signal 11".
    """

    run: int
    code: int | None
    how: str = ""


@dataclass(frozen=True)
class Lost:
    """The warm process ended unexpectedly.

    Attributes:
        process: the process's number.
        was_ready: whether it had been ready to run checks.
        problem: the last line that it printed.
    """

    process: int
    was_ready: bool
    problem: str


Event = Changed | NoEvents | Key | Ended | Lost
Tell = Callable[[Event], None]
