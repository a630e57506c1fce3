"""Finds out which of the learner's files changed: by the system's events, and by looking.

Events may be missing without a word (network folders, some containers and virtual machines), so the
files are looked at too, once a tick. A change that stays unannounced for a whole tick proves that
no events arrive.
"""

import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from grader.learner.watch.events import Changed, NoEvents, Tell

Stamp = tuple[int, int, int] | None
# Events within so many milliseconds of each other are one save; a burst is cut after the second.
QUIET_MS: Final = 10
BURST_MS: Final = 200


class Files:
    """The learner's files, and in which state they were last seen.

    Args:
        paths: the files, by the number of their exercise.

    Attributes:
        deaf: whether it turned out that no events arrive.
    """

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self.paths = dict(paths)
        self.deaf = False
        self._seen = {number: state(path) for number, path in self.paths.items()}
        self._unannounced: set[str] = set()
        self._missing: set[str] = set()
        self._missing_for_long: set[str] = set()

    def announced(self, paths: Iterable[Path]) -> list[str]:
        """The exercises whose file changed, of those that an event names; deleted ones wait."""
        named = {os.path.normcase(path) for path in paths}
        numbers = [n for n, path in self.paths.items() if os.path.normcase(path) in named]
        self._unannounced.difference_update(numbers)
        return [number for number in numbers if self._is_new(number)]

    def look(self) -> tuple[list[str], list[str]]:
        """Look at all files, once a tick.

        Returns:
            The exercises whose file changed and has not been announced, and those whose file has
            been missing for a tick or two: editors that replace a file delete it for a moment.
        """
        late = [number for number in self.paths if self._differs(number)]
        overdue = [number for number in late if self.deaf or number in self._unannounced]
        self.deaf = self.deaf or bool(overdue)
        self._unannounced = set(late) - set(overdue)
        gone = [n for n in self._missing_for_long if state(self.paths[n]) is None]
        self._missing_for_long, self._missing = self._missing, set()
        return [number for number in overdue if self._is_new(number)], sorted(gone)

    def _differs(self, number: str) -> bool:
        return state(self.paths[number]) != self._seen[number]

    def _is_new(self, number: str) -> bool:
        """Whether there is a new content to check; the state counts as seen from now on."""
        if not self._differs(number):
            return False
        self._seen[number] = state(self.paths[number])
        if self._seen[number] is None:
            self._missing.add(number)
            return False
        return True


def state(path: Path) -> Stamp:
    """What tells one state of a file from the next; None when there is no file."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def listen(folder: Path, tell: Tell) -> None:
    """Tell of every change below a folder, from a thread of its own."""
    threading.Thread(target=_listen, args=(folder, tell), daemon=True).start()


def _listen(folder: Path, tell: Tell) -> None:
    try:
        from watchfiles import watch

        for changes in watch(folder, watch_filter=None, debounce=BURST_MS, step=QUIET_MS):
            tell(Changed(frozenset(Path(path) for _, path in changes)))
        tell(NoEvents(f"{folder} is not watched any more"))
    except Exception as error:  # whatever the system refuses: looking is left
        tell(NoEvents(f"{type(error).__name__}: {error}"))
