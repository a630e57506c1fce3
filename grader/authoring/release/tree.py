"""Writes released files: only those that changed, each atomically, and with backups of edited ones.

A record in the output folder says what the last release wrote. If a file differs from the record,
somebody has edited it: before it is replaced or removed, it is copied to a backup folder, which is
not part of the release.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from grader.common.errors import UserError
from grader.common.files import whole_file, write_whole

RECORD: Final = ".grader-release.json"
BACKUPS: Final = "release-backups"


@dataclass(frozen=True)
class Change:
    """What was done to a file.

    Attributes:
        name: the file's path, relative to the output folder.
        done: "written", "unchanged" or "removed".
        backup: the backup of an edited version, if there was one.
    """

    name: str
    done: str
    backup: Path | None = None


class ReleaseTree:
    """The output folder of releases.

    Args:
        root: the output folder.
        now: returns the current time, for the names of backups.
    """

    def __init__(self, root: Path, now: Callable[[], datetime] = datetime.now) -> None:
        self.root = root
        self.now = now
        self.record = self._read_record()

    def write(self, files: Mapping[str, bytes], *, within: Sequence[str]) -> list[Change]:
        """Write files, and remove files of earlier releases that are no longer wanted.

        Args:
            files: path relative to the root → content.
            within: the folders and files in which old files may be removed.

        Raises:
            UserError: when a file cannot be read, backed up or written.
        """
        made = [n for n in self.record if any(n == w or n.startswith(f"{w}/") for w in within)]
        try:
            changes = [self._put(name, content) for name, content in sorted(files.items())]
            changes += [self._remove(name) for name in sorted(set(made) - files.keys())]
        except OSError as error:
            raise UserError(f"{error.filename} cannot be released: {error.strerror}") from None
        finally:
            self._write_record()
        return changes

    def _put(self, name: str, content: bytes) -> Change:
        path, found = self.root / name, self._hash_of(name)
        wanted = hashlib.sha256(content).hexdigest()
        backup = None
        if found != wanted:
            backup = self._keep_edited(name, found)
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as file:
                file.write(content)
        self.record[name] = wanted
        return Change(name, "unchanged" if found == wanted else "written", backup)

    def _remove(self, name: str) -> Change:
        path, backup = self.root / name, self._keep_edited(name, self._hash_of(name))
        path.unlink(missing_ok=True)
        for folder in path.relative_to(self.root).parents:
            if not (self.root / folder).is_dir() or any((self.root / folder).iterdir()):
                break
            (self.root / folder).rmdir()
        del self.record[name]
        return Change(name, "removed", backup)

    def _hash_of(self, name: str) -> str:
        """The hash of a file as it is now; empty if there is no file."""
        path = self.root / name
        if not path.exists():
            return ""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _keep_edited(self, name: str, found: str) -> Path | None:
        """Back up a file if it was edited since the last release; returns the backup's path."""
        if found in ("", self.record.get(name)):
            return None
        stamp = self.now().strftime("%Y-%m-%d %H.%M.%S")
        backup = self.root / BACKUPS / stamp / name
        count = 1
        while backup.exists():
            count += 1
            backup = self.root / BACKUPS / f"{stamp} ({count})" / name
        backup.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self.root / name, backup)
        return backup

    def _read_record(self) -> dict[str, str]:
        """The record of the last release; without it, every differing file counts as edited."""
        try:
            record = json.loads((self.root / RECORD).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(record, dict):
            return {}
        # Ignore paths that lead out of the folder: no release writes them.
        return {n: str(h) for n, h in record.items() if not Path(n).is_absolute() and ".." not in n}

    def _write_record(self) -> None:
        text = json.dumps(self.record, indent=1, sort_keys=True) + "\n"
        path = self.root / RECORD
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            self.root.mkdir(parents=True, exist_ok=True)
            write_whole(path, text)
