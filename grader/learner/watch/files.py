"""Detects changes to the learner's files, by file events and by polling.

Events may silently fail to arrive (in network folders, some containers and virtual machines), so
the files are also polled once a tick. If a change is still unannounced after a whole tick, the loop
falls back to polling.
"""

import os
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from grader.learner.watch.events import Changed, NoEvents, Tell

Stamp = tuple[int, int, int] | None
# Debounce: events at most QUIET_MS apart count as one save, for at most BURST_MS altogether.
QUIET_MS: Final = 10
BURST_MS: Final = 200


class Files:
    """The learner's files, and the state in which each was last seen.

    Args:
        paths: number of the exercise → file.

    Attributes:
        deaf: whether file events are known not to arrive, so that only polling finds changes.
    """

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self.paths = dict(paths)
        self.deaf = False
        self._seen = {number: state(path) for number, path in self.paths.items()}
        self._unannounced: set[str] = set()
        self._missing: set[str] = set()
        self._missing_for_long: set[str] = set()

    def announced(self, paths: Iterable[Path]) -> list[str]:
        """The exercises whose file has new content, among the paths that an event names."""
        named = {os.path.normcase(path) for path in paths}
        numbers = [n for n, path in self.paths.items() if os.path.normcase(path) in named]
        self._unannounced.difference_update(numbers)
        return [number for number in numbers if self._is_new(number)]

    def look(self) -> tuple[list[str], list[str]]:
        """Poll all files; called once a tick.

        Returns:
            The exercises whose file changed without an event, and those whose file has been missing
            for more than a tick. (Editors that replace a file delete it for a moment.)
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
        """Whether there is new content to check; records the file's state as seen."""
        if not self._differs(number):
            return False
        self._seen[number] = state(self.paths[number])
        if self._seen[number] is None:
            self._missing.add(number)
            return False
        return True


def state(path: Path) -> Stamp:
    """The modification time, size and inode of a file; None if there is no file."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino


def listen(folder: Path, tell: Tell) -> None:
    """Report every change below a folder, from a separate thread."""
    threading.Thread(target=_listen, args=(folder, tell), daemon=True).start()


def _listen(folder: Path, tell: Tell) -> None:
    try:
        from watchfiles import watch

        for changes in watch(folder, watch_filter=None, debounce=BURST_MS, step=QUIET_MS):
            tell(Changed(frozenset(Path(path) for _, path in changes)))
        tell(NoEvents(f"{folder} is not watched any more"))
    except Exception as error:  # whatever the reason, fall back to polling
        tell(NoEvents(f"{type(error).__name__}: {error}"))
