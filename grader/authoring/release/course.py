"""Releases a course: writes nbgrader's source folder and the bundles."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.authoring.release.assignment import assignment_files
from grader.authoring.release.bundles import learner_files, solution_files, zipped
from grader.authoring.release.exercise import Files
from grader.authoring.release.texts import NBGRADER_CONFIG
from grader.authoring.release.tree import Change, ReleaseTree
from grader.course.settings import Course

SOURCE: Final = "source"
BUNDLES: Final = "bundles"
CONFIG: Final = "nbgrader_config.py"
LEARNER: Final = f"{BUNDLES}/learner"
SOLUTIONS: Final = f"{BUNDLES}/solutions"


@dataclass(frozen=True)
class Released:
    """One thing that was released.

    Attributes:
        place: the folder or file, relative to the output folder.
        changes: what was done to its files.
    """

    place: str
    changes: list[Change]

    @property
    def summary(self) -> str:
        """How many files were written, removed and left alone."""
        kinds = ("written", "removed", "unchanged")
        counts = {kind: sum(change.done == kind for change in self.changes) for kind in kinds}
        return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)


def release_course(course: Course, numbers: list[str], out: Path) -> Iterator[Released]:
    """Write nbgrader's source and both bundles.

    All content is made before the first file is written, so if a file is missing, nothing changes.
    nbgrader's configuration is written only if there is none, because the instructor may edit it.

    Args:
        course: the course, with the folder `solutions` beside its `course.yaml`.
        numbers: the numbers of the exercises (empty: all). The bundles contain only these. In
            `source`, other exercises are not changed, but removed if the course no longer has them.
        out: the folder for `source` and `bundles`, which is nbgrader's course folder.

    Yields:
        Each thing that was released, as soon as it is written.
    """
    for number in numbers:
        course.exercise(number)
    numbers = [number for number in course.exercises if number in (numbers or course.exercises)]
    made: dict[str, Files] = {f"{SOURCE}/{n}": assignment_files(course, n) for n in numbers}
    made[LEARNER] = learner_files(course, numbers)
    made[SOLUTIONS] = solution_files(course, numbers)
    tree = ReleaseTree(out)
    gone = {name.split("/")[1] for name in tree.record if name.startswith(f"{SOURCE}/")}
    made |= {f"{SOURCE}/{number}": {} for number in sorted(gone - course.exercises.keys())}
    for place, files in made.items():
        yield _write(tree, place, {f"{place}/{name}": content for name, content in files.items()})
    if not (out / CONFIG).exists():
        inside = out.resolve().is_relative_to(course.root)
        folder = "Path(__file__).parent" if inside else f"Path({str(course.root)!r})"
        yield _write(tree, CONFIG, {CONFIG: NBGRADER_CONFIG.format(folder=folder).encode()})
    for place in (LEARNER, SOLUTIONS):
        yield _write(tree, f"{place}.zip", {f"{place}.zip": zipped(made[place])})


def _write(tree: ReleaseTree, place: str, files: Mapping[str, bytes]) -> Released:
    return Released(place, tree.write(files, within=[place]))
