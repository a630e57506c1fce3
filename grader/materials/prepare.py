"""Prepares a machine: puts every file that the course needs into its place, and verifies it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from grader.common.errors import DownloadFailed
from grader.common.terminal import print_lines
from grader.course.settings import FILE_NAME, Course
from grader.materials.download import Downloads, OnBytes
from grader.materials.offline_bundle import unpack_bundle
from grader.materials.wanted_files import MIB, FileState, Wanted, inspect, needs, unpack
from grader.materials.weights import find_entry

Watch = Callable[[Wanted], OnBytes]
EMBEDDED: Final = (
    "`data: {source: embedded}` and `backbone: {name: efficientnet_lite0, weights: DEFAULT}`"
)
WAY_OUT: Final = (
    "run `grader prepare` where there is a network (it resumes where it stopped), or bring the "
    "files with `grader prepare --from-bundle FILE`; until then everything runs with the kit's own "
    f"images and backbone: set {EMBEDDED} in {FILE_NAME}"
)
_UNCHECKED: Final = " (not verified by a hash, since its archive is missing)"


@dataclass(frozen=True)
class Settled:
    """The state of a needed file after an attempt to provide it.

    Attributes:
        wanted: the file.
        word: "present", "downloaded", "unpacked", "damaged" or "missing".
        note: a remark to add to the file's line.
        problem: one line that says why the file cannot be used; empty when it can.
    """

    wanted: Wanted
    word: str
    note: str = ""
    problem: str = ""

    @property
    def line(self) -> str:
        """The file's state, size and path in one line."""
        there = not self.problem
        size = self.wanted.read_path.stat().st_size if there else self.wanted.size
        return f"{self.word:<10} {size / MIB:8.2f} MiB  {self.wanted.read_path}{self.note}"


def prepare_course(course: Course, console: Console, *, bundle: Path | None) -> list[Settled]:
    """Put every file that a course needs into its place, and print the state of each.

    Args:
        course: the course, which names its data and weights.
        console: the console to print to; a terminal gets a progress bar as well.
        bundle: a bundle with the files; None: they are downloaded.

    Raises:
        UserError: when the bundle is invalid, or something cannot be read or written.
    """
    wanted = needs(course)
    for line in _embedded(course):
        print_lines(console, line)
    unpacked = unpack_bundle(bundle, wanted) if bundle else []
    outcomes = []
    with _progress(console) as watch:
        for outcome in settle_all(wanted, None if bundle else Downloads(), watch, unpacked):
            print_lines(console, outcome.line)
            outcomes.append(outcome)
    if not wanted:
        print_lines(console, "Nothing to prepare: this course needs no file that the kit lacks.")
    elif not any(outcome.problem for outcome in outcomes):
        print_lines(console, "Everything is there: from now on no network is needed.")
    return outcomes


def settle_all(
    files: Sequence[Wanted],
    downloads: Downloads | None,
    watch: Watch,
    unpacked: Sequence[Wanted] = (),
) -> Iterator[Settled]:
    """Provide one file after the other, and yield the state of each.

    Args:
        files: the needed files.
        downloads: downloads missing files; None: the network is not used.
        watch: a function that is called when a download begins, and returns the function to call
            with the number of bytes received so far.
        unpacked: the files that have just been taken from a bundle.
    """
    for wanted in files:
        word, problem = "unpacked" if wanted in unpacked else "present", ""
        state = inspect(wanted)
        if state in (FileState.MISSING, FileState.DAMAGED):
            word, problem = state.value, f"{wanted.name} is {state.value}"
            if downloads:
                try:
                    downloads.fetch(wanted, watch(wanted))
                    word, problem, state = "downloaded", "", inspect(wanted)
                except DownloadFailed as error:
                    problem += f": {error}"
        if state is FileState.PACKED:
            unpack(wanted)
        note = _UNCHECKED if state is FileState.UNCHECKED else ""
        yield Settled(wanted, word, note, problem)


def _embedded(course: Course) -> Iterator[str]:
    """Lines about images and weights that need no file, because a package contains them."""
    kinds = {wanted.kind for wanted in needs(course)}
    if "data" not in kinds:
        yield "images     drawn by the kit: nothing to download"
    if "weights" not in kinds:
        entry = find_entry(course.backbone)
        brought = "random initialisation" if entry is None else f"{entry.name}, part of the package"
        yield f"weights    {brought}: nothing to download"


@contextmanager
def _progress(console: Console) -> Iterator[Watch]:
    """Show a progress bar for each download on a terminal, and one line elsewhere."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:

        def watch(wanted: Wanted) -> OnBytes:
            host = urlsplit(wanted.urls[0]).netloc
            if not console.is_terminal:
                size = f"{wanted.size / MIB:.2f} MiB"
                print_lines(console, f"downloading {wanted.name} ({size}) from {host}")
            task = progress.add_task(Path(wanted.name).name, total=wanted.size)
            return lambda done: progress.update(task, completed=done)

        yield watch
