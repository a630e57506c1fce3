"""Caches the results of the visible checks in the course's folder, and detects outdated results.

Each exercise has a small JSON file: `.progress/03.json`. It contains a fingerprint of everything on
which the results depend: the learner's file, the checks, the course's settings, the kit and its
libraries. If the fingerprint differs, the results are reported as those of an earlier state.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from grader.common.errors import UserError
from grader.common.files import write_whole
from grader.common.fingerprint import digest, kit_fingerprint
from grader.course.scoring import Score, Status, Verdict, score_exercise
from grader.course.settings import SETTINGS, Course

FOLDER: Final = ".progress"
WAITING: Final = (Status.NOT_ATTEMPTED, Status.BLOCKED)


class Kept(BaseModel):
    """The cached results of an exercise's visible checks.

    Attributes:
        fingerprint: the fingerprint of everything on which the verdicts depend.
        checks: the ids of all visible checks of the exercise, whether they were run or not.
        verdicts: the verdicts of the checks that were run.
        problem: one line that says why the run was stopped, if it was.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    fingerprint: str
    checks: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    problem: str = ""


class Age(Enum):
    """Whether the cached results apply to the learner's file as it is now."""

    NEW = "never run"
    CHANGED = "changed since its last run"
    PARTIAL = "not all checks were run"
    CURRENT = "current"


@dataclass(frozen=True)
class Standing:
    """Where a learner stands with an exercise.

    Attributes:
        number: the exercise's number.
        tasks: task → points.
        age: whether the verdicts apply to the learner's file as it is now.
        verdicts: the verdicts of the visible checks; outdated or incomplete unless `age` is
            CURRENT.
        problem: one line that says why the run was stopped, if it was.
    """

    number: str
    tasks: dict[str, int]
    age: Age
    verdicts: tuple[Verdict, ...]
    problem: str = ""

    @property
    def scored(self) -> list[tuple[Verdict, Score]]:
        """Every verdict with its points."""
        return score_exercise(self.tasks, self.verdicts)

    @property
    def points(self) -> int:
        """The points of all tasks."""
        return sum(self.tasks.values())

    @property
    def earned(self) -> float:
        """The points that the visible checks give; outdated results give none."""
        return sum(self.earned_by(task) for task in self.tasks)

    def earned_by(self, task: str) -> float:
        """The points earned for one task."""
        if self.age is not Age.CURRENT:
            return 0.0
        return sum(score.score or 0.0 for verdict, score in self.scored if verdict.task == task)

    def of_task(self, task: str) -> list[Verdict]:
        """The verdicts on one task."""
        return [verdict for verdict in self.verdicts if verdict.task == task]

    @property
    def settled(self) -> bool:
        """Whether no check must be run again: results are current, and the kit had no error."""
        failed = any(verdict.status is Status.GRADER_ERROR for verdict in self.verdicts)
        return self.age is Age.CURRENT and not failed

    @property
    def begun(self) -> bool:
        """Whether anything was attempted."""
        return bool(self.problem) or any(v.status not in WAITING for v in self.verdicts)

    @property
    def passed(self) -> bool:
        """Whether the file as it is now passes every check that can run here."""
        return self.age is Age.CURRENT and not self.problem and not unsolved(self.verdicts)


def unsolved(verdicts: Sequence[Verdict]) -> list[str]:
    """The tasks that are still to be solved: those with a failure first, then in their order.

    A check that could not run, through no fault of the learner's, does not count.
    """
    todo = [v for v in verdicts if v.status is not Status.PASSED and not v.status.pending]
    todo.sort(
        key=lambda verdict: verdict.status in WAITING
    )  # a stable sort: otherwise the order is kept
    return list(dict.fromkeys(verdict.task for verdict in todo))


def untouched(verdicts: Sequence[Verdict]) -> bool:
    """Whether nothing was attempted: every check is not attempted, or blocked by one that is."""
    statuses = [verdict.status for verdict in verdicts]
    return Status.NOT_ATTEMPTED in statuses and all(status in WAITING for status in statuses)


def source_file(course: Course, number: str) -> Path:
    """The path of the learner's file."""
    return course.root / "exercises" / number / course.exercise(number).file_name


def standing(course: Course, number: str, found: Kept | None = None) -> Standing:
    """Where the learner stands with an exercise, according to the results.

    Args:
        course: the course.
        number: the exercise's number.
        found: the results of a run just now (None: the cached ones).
    """
    kept = found or _read(course, number)
    tasks = course.exercise(number).tasks
    if kept is None:
        return Standing(number, tasks, Age.NEW, ())
    age = Age.CURRENT
    if kept.fingerprint != fingerprint(course, number):
        age = Age.CHANGED
    elif not kept.problem and set(kept.checks) != {verdict.id for verdict in kept.verdicts}:
        age = Age.PARTIAL
    mine = tuple(verdict for verdict in kept.verdicts if verdict.task in tasks)
    return Standing(number, tasks, age, mine, kept.problem)


def keep(course: Course, number: str, found: Kept) -> bool:
    """Cache the results of a run, merged with earlier verdicts on the same state.

    Args:
        course: the course.
        number: the exercise's number.
        found: the results, with the fingerprint from *before* the run.

    Returns:
        Whether they were cached. They are not if the folder cannot be written to, or if something
        on which the verdicts depend has changed during the run.
    """
    if found.fingerprint != fingerprint(course, number):
        return False
    verdicts = {verdict.id: verdict for verdict in found.verdicts}
    earlier = _read(course, number)
    if earlier is not None and earlier.fingerprint == found.fingerprint and not found.problem:
        verdicts = {v.id: v for v in earlier.verdicts if v.id in found.checks} | verdicts
    content = {
        "fingerprint": found.fingerprint,
        "checks": found.checks,
        "verdicts": [asdict(verdicts[id_]) for id_ in found.checks if id_ in verdicts],
        "problem": found.problem,
    }
    return write_beside(course, f"{number}.json", json.dumps(content, indent=1) + "\n")


def write_beside(course: Course, name: str, text: str) -> bool:
    """Write a file into the cache folder, and return whether that was possible."""
    folder = course.root / FOLDER
    with suppress(OSError, UserError):
        folder.mkdir(exist_ok=True)
        write_whole(folder / name, text)
        return True
    return False


def fingerprint(course: Course, number: str) -> str:
    """A digest of everything on which the verdicts of the visible checks depend."""
    exercise = course.exercise(number)
    parts: list[object] = [*kit_fingerprint(), _gpus()]
    parts += [getattr(course, name).model_dump() for name in SETTINGS]
    parts += [course.gpu_slots, number, exercise.module, exercise.limits.model_dump()]
    parts += [_digest_of(course.visible_checks(number)), _digest_of(source_file(course, number))]
    return digest(json.dumps(parts).encode())


def _read(course: Course, number: str) -> Kept | None:
    """The cached results of an exercise; None if there are none, or they cannot be read."""
    with suppress(OSError, ValidationError):
        return Kept.model_validate_json((course.root / FOLDER / f"{number}.json").read_bytes())
    return None


def _digest_of(path: Path) -> str:
    """The digest of a file's content; empty if the file cannot be read."""
    try:
        return digest(path.read_bytes())
    except OSError:
        return ""


def _gpus() -> list[str]:
    """The GPU driver's devices. They matter because checks that need a GPU wait for one."""
    return sorted(path.name for path in Path("/dev").glob("nvidia*"))
