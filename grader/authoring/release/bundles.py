"""The two bundles: what learners get, and the solutions for after the deadline.

The learner's bundle works by itself: it holds the exercises, the course and the part of the
`grader` package that learners need. Hidden checks and answers are in neither.
"""

import io
import stat
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from grader.authoring.release.exercise import Files, course_text, exercise_files
from grader.authoring.release.package import package_files
from grader.authoring.release.texts import PYPROJECT, README, SOLUTIONS_README
from grader.common.errors import UserError
from grader.common.fingerprint import WEIGHTS
from grader.course.settings import FILE_NAME, Course
from grader.course.stub_text import PRISTINE

KIT: Final = "transfer-learning-exercise-kit"
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # that a zip archive can tell


def learner_files(course: Course, numbers: list[str]) -> Files:
    """The learner's bundle, by path.

    Args:
        course: the course; its solutions stand beside its `course.yaml`.
        numbers: of the exercises.
    """
    conftest = "exercises/conftest.py"
    files = {
        "README.md": _readme(course, numbers).encode(),
        "pyproject.toml": _pyproject().encode(),
        FILE_NAME: course_text(course, numbers).encode(),
        conftest: _read(course.root / conftest),
    }
    for name in ("constraints.txt", "LICENSE"):
        if (course.root / name).is_file():
            files[name] = _read(course.root / name)
    for number in numbers:
        stub = course.exercise(number).file_name
        for name, content in exercise_files(course, number).items():
            files[f"exercises/{number}/{name}"] = content
            if name == stub:  # for `grader reset`
                files[f"exercises/{PRISTINE}/{number}/{name}"] = content
    return {**files, **package_files()}


def solution_files(course: Course, numbers: list[str]) -> Files:
    """The bundle of solutions, by path; unzipped beside `exercises` it serves `grader compare`."""
    names = ["__init__.py", *(course.exercise(number).file_name for number in numbers)]
    return {
        "solutions/README.md": SOLUTIONS_README.encode(),
        **{f"solutions/{name}": _read(course.root / "solutions" / name) for name in names},
    }


def zipped(files: Files) -> bytes:
    """A zip archive: the same files give the same bytes, whenever it is made."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            info = ZipInfo(name, date_time=_EARLIEST)
            info.create_system = 3  # Unix: else the permissions are not told
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            packs = not name.endswith(WEIGHTS)  # they would hardly become smaller
            archive.writestr(info, content, ZIP_DEFLATED if packs else ZIP_STORED)
    return buffer.getvalue()


def _readme(course: Course, numbers: list[str]) -> str:
    rows = [
        f"| [{number}](exercises/{number}/README.md) | `{course.exercise(number).file_name}` "
        f"| {course.exercise(number).title} |"
        for number in numbers
    ]
    return README.format(
        title=course.title,
        first=numbers[0],
        file_name=course.exercise(numbers[0]).file_name,
        exercises="\n".join(rows),
    )


def _pyproject() -> str:
    """The bundle's `pyproject.toml`: what to install, and pytest's settings."""
    try:
        needed = [line for line in requires(KIT) or [] if "extra ==" not in line]
        number = version(KIT)
    except PackageNotFoundError:
        raise UserError(f"{KIT} is not installed here: `make` or `pip install` does it") from None
    dependencies = "\n".join(f'    "{line.replace(chr(34), chr(39))}",' for line in sorted(needed))
    return PYPROJECT.format(name=KIT, version=number, dependencies=dependencies)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be released: {error.strerror}") from None
