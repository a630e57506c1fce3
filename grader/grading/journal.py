"""The journal of a grading: cached verdicts, in an SQLite database in the output folder.

A cached verdict is reused only if everything it depends on is the same: the submission's content,
the exercise's checks and limits, the kit and its libraries, the seed, whether there was a sandbox,
and the course's settings that the checks read. So a grading that was killed resumes where it
stopped, and an unchanged submission is not graded again.

The database is locked while it is open: only one grading at a time can use an output folder.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from grader.common.errors import UserError
from grader.common.fingerprint import digest, kit_fingerprint
from grader.course.scoring import Judgement, Status, Verdict
from grader.course.settings import SETTINGS, Course

FILE_NAME: Final = "journal.db"
TEMPORARY: Final = "grading-"  # how the names of temporary folders begin
TABLES: Final = """
CREATE TABLE IF NOT EXISTS verdicts (
    key TEXT PRIMARY KEY, submission TEXT NOT NULL, judgement TEXT NOT NULL, digest TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS submissions (
    student BLOB, exercise TEXT, submission TEXT NOT NULL, PRIMARY KEY (student, exercise)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS temporary (folder TEXT PRIMARY KEY);
"""


class Journal:
    """The journal of one output folder; use it as a context manager.

    Args:
        folder: the output folder; it must exist.
        course: the course.
        seed: the seed of this grading.
        sandboxed: whether submissions run in a sandbox.

    Attributes:
        damaged: the path to which a damaged journal was moved; None if there was none.

    Raises:
        UserError: when another grading uses the folder, or the disk is full.
    """

    def __init__(self, folder: Path, course: Course, seed: str, *, sandboxed: bool) -> None:
        self.path = folder / FILE_NAME
        self.course = course
        self.parts = [seed, sandboxed, *kit_fingerprint()]
        self.checks: dict[str, list[str]] = {}
        self.damaged: Path | None = None
        with self._explained():
            try:
                self.connection = _open(self.path)
            except Damaged:
                self.damaged = _set_aside(self.path)
                self.connection = _open(self.path)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.connection.commit()
        except sqlite3.OperationalError:  # a full disk: already reported when a verdict was added
            self.connection.rollback()
        self.connection.close()

    def get(self, student: str, exercise: str, content: bytes) -> Judgement | None:
        """Record what a student handed in, and return its cached judgement if it is valid."""
        with self._explained():
            self._note(student, exercise, content)
            rows = self.connection.execute(
                "SELECT judgement FROM verdicts WHERE key = ?", [self._key(exercise, content)]
            ).fetchall()
        if not rows:
            return None
        saved = json.loads(rows[0][0])
        if saved["settings"] != self._settings(saved["settings"]):
            return None
        return _judgement(saved)

    def put(self, student: str, exercise: str, content: bytes, judgement: Judgement) -> None:
        """Store a judgement, safe from a crash once this returns, unless a verdict is pending.

        Raises:
            UserError: when the disk is full.
        """
        if any(verdict.status.pending for verdict in judgement.verdicts):
            return
        key = self._key(exercise, content)
        settings = self._settings(judgement.settings)
        text = json.dumps({**asdict(judgement), "settings": settings})
        row = (key, digest(content), text, digest(f"{key}{text}".encode()))
        with self._explained():
            self._note(student, exercise, content)
            self.connection.execute("INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?)", row)
            self.connection.commit()

    def left_behind(self) -> list[Path]:
        """The temporary folders of gradings that were killed."""
        rows = self.connection.execute("SELECT folder FROM temporary").fetchall()
        return [path for path in (Path(row[0]) for row in rows) if path.name.startswith(TEMPORARY)]

    def note_temporary(self, folder: Path) -> None:
        """Record this grading's temporary folder: if it is killed, the next grading deletes it."""
        with self._explained():
            self.connection.execute("DELETE FROM temporary")
            self.connection.execute("INSERT INTO temporary VALUES (?)", [str(folder)])
            self.connection.commit()

    def _note(self, student: str, exercise: str, content: bytes) -> None:
        """Record which content a student handed in; committed with the next verdict."""
        row = (os.fsencode(student), exercise, digest(content))
        self.connection.execute("INSERT OR REPLACE INTO submissions VALUES (?, ?, ?)", row)

    def _key(self, number: str, content: bytes) -> str:
        exercise = self.course.exercise(number)
        checks = [self.course.visible_checks(number), self.course.hidden_checks(number)]
        parts = [*self.parts, number, exercise.module, exercise.limits.model_dump()]
        if number not in self.checks:  # read once: they do not change during a grading
            self.checks[number] = [digest(path.read_bytes()) for path in checks]
        parts += self.checks[number]
        return digest(json.dumps([*parts, digest(content)]).encode())

    def _settings(self, names: Any) -> dict[str, Any]:
        """The values of the named settings of the course."""
        return {n: getattr(self.course, n).model_dump() for n in names if n in SETTINGS}

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn SQLite's errors into a `UserError` that says what to do."""
        try:
            yield
        except sqlite3.OperationalError as error:
            folder = self.path.parent
            if _code(error) & 0xFF == sqlite3.SQLITE_BUSY:
                raise UserError(
                    f"another grading writes to {folder}: wait for it, or choose another folder"
                ) from None
            raise UserError(
                f"{folder}: {error}; make room there, and run the same command again: nothing that "
                "was graded is lost"
            ) from None


class Damaged(Exception):
    """The file is not a journal, or its content was altered."""


def _open(path: Path) -> sqlite3.Connection:
    """Open, lock and verify the journal; raise `Damaged` if it was altered."""
    connection = sqlite3.connect(path, timeout=0)
    try:
        # The lock is released when the connection ends, even if the process is killed.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(f"BEGIN IMMEDIATE; {TABLES} COMMIT;")
        if connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            raise Damaged
        rows = connection.execute("SELECT key, judgement, digest FROM verdicts")
        for key, text, written in rows:
            if digest(f"{key}{text}".encode()) != written:
                raise Damaged
    except (sqlite3.DatabaseError, Damaged, UnicodeError, TypeError) as error:
        connection.close()
        if isinstance(error, sqlite3.OperationalError) and _is_no_damage(error):
            raise
        raise Damaged from error
    return connection


def _is_no_damage(error: sqlite3.OperationalError) -> bool:
    """Whether an error has an outside cause: a lock, a full disk, missing permissions."""
    code = _code(error)
    kinds = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN}
    kinds |= {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
    return code & 0xFF in kinds and code != sqlite3.SQLITE_IOERR_SHORT_READ


def _code(error: sqlite3.OperationalError) -> int:
    """SQLite's extended result code; an error raised by Python itself counts as corruption."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)


def _set_aside(path: Path) -> Path:
    """Rename a damaged journal and its log files, and return the new path."""
    number = 1
    while (aside := path.with_suffix(f".damaged-{number}")).exists():
        number += 1
    for ending in ("-wal", "-shm"):
        log = path.with_name(path.name + ending)
        if log.exists():
            log.replace(aside.with_name(aside.name + ending))
    path.replace(aside)
    return aside


def _judgement(saved: dict[str, Any]) -> Judgement:
    verdicts = [Verdict(**{**v, "status": Status(v["status"])}) for v in saved["verdicts"]]
    return Judgement(verdicts, saved["problem"], tuple(saved["settings"]))
