"""`grader doctor`: whether a learner can work on this machine, and how to fix what is wrong."""

import os
import platform
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement

from grader.common.child_process import Child
from grader.common.errors import UserError
from grader.common.fingerprint import KIT
from grader.common.terminal import printable, wrapped
from grader.course.settings import FILE_NAME, Course, find_course
from grader.learner.kept_results import FOLDER, source_file

PROBE: Final = "grader.learner.doctor.probe"
PACKAGE: Final = "transfer-learning-exercise-kit"
OLDEST: Final = (3, 11)
MODULES: Final = {"pillow": "PIL", "pyyaml": "yaml"}  # the other modules have their package's name
FOR_THE_SANDBOX: Final = "pyseccomp"  # learners do not need it, so it is not imported here
INDENT: Final = 20
SLOW: Final = 180  # seconds that all imports together may take
UNKNOWN: Final = "the GPU, the images and the weights can be checked only once torch works"
NO_GPU: Final = "none: everything runs on the CPU, and checks that need a GPU stay open"


class Severity(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    NOTE = "note"  # the learner can work all the same
    FAULT = "FAULT"  # something does not work until the remedy is applied


@dataclass(frozen=True)
class Finding:
    """The result of examining one thing.

    Attributes:
        about: what was examined, in a word.
        severity: how serious the finding is.
        text: what was found.
        remedy: what to do about it, in one line.
    """

    about: str
    severity: Severity
    text: str
    remedy: str = ""

    def lines(self) -> Iterator[str]:
        """The finding as lines for a terminal."""
        head = f"{self.severity:<6} {self.about:<{INDENT - 8}} "
        space = " " * INDENT
        yield from wrapped(printable(self.text), head, space)
        if self.remedy:
            yield from wrapped(printable(self.remedy), f"{space[:-4]}to do: ", space)


def examine(start: Path) -> Iterator[Finding]:
    """Examine everything that a learner needs.

    Args:
        start: the course's folder, or a folder below it.
    """
    yield _python()
    yield _commands()
    course: Course | None = None
    try:
        course = find_course(start)
    except UserError as error:
        remedy = f"go to the course's folder, or repair {FILE_NAME}"
        yield Finding("course", Severity.FAULT, str(error), remedy)
    yield from _packages(course)
    if course is not None:
        yield from _work(course)


def _python() -> Finding:
    found = f"{platform.python_version()} in {sys.prefix}"
    if sys.version_info >= OLDEST:
        return Finding("Python", Severity.OK, found)
    wanted = ".".join(map(str, OLDEST))
    remedy = f"install Python {wanted} or newer, and set the course up with it"
    return Finding("Python", Severity.FAULT, found, remedy)


def _commands() -> Finding:
    """Whether the commands `pytest` and `grader` of the lessons belong to this environment."""
    here = Path(sys.executable).parent
    found = {name: shutil.which(name) for name in ("pytest", "grader")}
    strange = [n for n, path in found.items() if path is None or Path(path).parent != here]
    if not strange:
        return Finding("commands", Severity.OK, "`pytest` and `grader` are found")
    script = here / ("activate.bat" if sys.platform == "win32" else "activate")
    switch = str(script) if sys.platform == "win32" else f"source {script}"
    text = f"this terminal does not find this environment's {' and '.join(strange)}"
    if script.is_file():
        return Finding("commands", Severity.NOTE, text, switch)
    return Finding(
        "commands", Severity.NOTE, text, "write `python -m pytest` and `python -m grader`"
    )


def _packages(course: Course | None) -> Iterator[Finding]:
    """Examine the packages and their versions, the GPU, and the files that the course needs."""
    wanted = [r for r in requirements() if r.marker is None or r.marker.evaluate({"extra": ""})]
    old = [finding for requirement in wanted if (finding := _version(requirement))]
    yield from old
    faulty = {finding.about for finding in old}
    modules = {
        requirement.name: MODULES.get(requirement.name, requirement.name.replace("-", "_"))
        for requirement in wanted
        if requirement.name != FOR_THE_SANDBOX and requirement.name not in faulty
    }
    answers = list(_probe(course, list(modules.values())))
    broken = _broken(modules, answers)
    yield from broken
    fine = len(wanted) - len(old) - len(broken)
    shown = ", ".join(f"{n} {version(n)}" for n in ("torch", "torchvision") if n not in faulty)
    yield Finding(
        "packages", Severity.OK, f"{fine} of {len(wanted)} are as they should be; {shown}"
    )
    if not any("gpu" in answer for answer in answers):
        yield Finding("GPU, files", Severity.NOTE, UNKNOWN)
    for answer in answers:
        if "gpu" in answer:
            yield _gpu(answer["gpu"])
        elif "file" in answer:
            state = Severity.FAULT if answer["remedy"] else Severity.OK
            yield Finding(answer["file"], state, answer["text"], answer["remedy"])


def requirements() -> list[Requirement]:
    """The packages that the kit needs, from its `pyproject.toml` or its installed metadata."""
    project = KIT.parent / "pyproject.toml"
    try:
        lines = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    except (OSError, KeyError, ValueError):
        try:
            lines = requires(PACKAGE) or []
        except PackageNotFoundError:
            lines = []
    return [Requirement(line) for line in lines]


def _version(requirement: Requirement) -> Finding | None:
    """A fault if a package is missing or has the wrong version, else None."""
    remedy = f'python -m pip install "{requirement.name}{requirement.specifier}"'
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return Finding(requirement.name, Severity.FAULT, "is not installed", remedy)
    if requirement.specifier.contains(found, prereleases=True):
        return None
    text = f"{found} is installed, {requirement.specifier} is needed"
    return Finding(requirement.name, Severity.FAULT, text, remedy)


def _broken(modules: dict[str, str], answers: list[dict[str, Any]]) -> list[Finding]:
    """The packages that are installed but cannot be imported."""
    problems = {a["module"]: a["problem"] for a in answers if "module" in a}
    broken = []
    for name, module in modules.items():
        problem = problems.get(module, "importing it ends Python, or takes minutes")
        if problem:
            remedy = f"python -m pip install --force-reinstall {name}"
            broken.append(Finding(name, Severity.FAULT, f"cannot be imported: {problem}", remedy))
        if module not in problems:
            break  # the probe ended here: nothing is known about the other packages
    return broken


def _probe(course: Course | None, modules: list[str]) -> Iterator[dict[str, Any]]:
    """The findings of a separate process (see `probe.py`), which may end early."""
    folder = str(course.root) if course else ""
    end = time.monotonic() + SLOW
    with (
        Child(PROBE, folder, *modules, folder=KIT.parent) as child,
        suppress(TimeoutError, EOFError),
    ):
        while True:
            yield child.receive(end - time.monotonic())


def _gpu(name: str) -> Finding:
    """The GPU that torch can use, or one that is there but that torch cannot use."""
    if name:
        return Finding("GPU", Severity.OK, name)
    if not sorted(Path("/dev").glob("nvidia[0-9]*")):
        return Finding("GPU", Severity.NOTE, NO_GPU)
    text = f"an NVIDIA device is here, and torch {version('torch')} cannot use it"
    remedy = "install a build of torch for CUDA (pytorch.org/get-started), or a newer driver"
    return Finding("GPU", Severity.NOTE, text, remedy)


def _work(course: Course) -> Iterator[Finding]:
    """Whether the learner's files exist and can be written, and whether results can be saved."""
    files = {number: source_file(course, number) for number in course.exercises}
    missing = [number for number, path in files.items() if not path.is_file()]
    for number in missing:
        text = f"exercises/{number}/{files[number].name} is missing"
        yield Finding("exercises", Severity.FAULT, text, f"grader reset {number}")
    locked = [path.parent for path in files.values() if path.is_file() and not _writable(path)]
    remedy = f"chmod -R u+w {course.root}, or copy the course to a folder of your own"
    if locked:
        text = f"{', '.join(path.name for path in locked)} cannot be written to"
        yield Finding("exercises", Severity.FAULT, text, remedy)
    elif not missing:
        yield Finding("exercises", Severity.OK, f"{len(files)}, and you may write to all of them")
    if _takes_files(course.root / FOLDER):
        yield Finding("results", Severity.OK, f"are saved in {course.root / FOLDER}")
    else:
        text = f"{course.root / FOLDER} cannot be written to: no results can be saved"
        yield Finding("results", Severity.FAULT, text, remedy)


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _takes_files(folder: Path) -> bool:
    """Whether a file can be created in a folder: tried out, as permissions alone do not show it."""
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
