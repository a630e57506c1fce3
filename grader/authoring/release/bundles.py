"""Makes the two bundles: the learner's bundle, and the solutions for after the deadline.

The learner's bundle is self-contained: it has the exercises, the course and the part of the
`grader` package that learners need, but no answers. Neither bundle has hidden checks.
"""

import io
import stat
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from grader.authoring.release.exercise import Files, course_text, exercise_files
from grader.authoring.release.package import package_files
from grader.authoring.release.texts import PYPROJECT, README, SOLUTIONS_README
from grader.common.errors import UserError
from grader.course.settings import FILE_NAME, Course
from grader.course.stub_text import PRISTINE

KIT: Final = "transfer-learning-exercise-kit"
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip archive can store


def learner_files(course: Course, numbers: list[str]) -> Files:
    """The files of the learner's bundle, by path.

    Args:
        course: the course, with the folder `solutions` beside its `course.yaml`.
        numbers: the numbers of the exercises.
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
    """The files of the solutions' bundle, by path; `grader compare` uses them."""
    names = ["__init__.py", *(course.exercise(number).file_name for number in numbers)]
    return {
        "solutions/README.md": SOLUTIONS_README.encode(),
        **{f"solutions/{name}": _read(course.root / "solutions" / name) for name in names},
    }


def zipped(files: Files) -> bytes:
    """Make a zip archive; the same files always give the same bytes."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            info = ZipInfo(name, date_time=_EARLIEST)
            info.create_system = 3  # Unix: otherwise the permissions are not stored
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content, ZIP_DEFLATED)
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
    """The bundle's `pyproject.toml`: the packages to install, and pytest's settings."""
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
