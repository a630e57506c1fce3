"""Writes the stubs of a course beside their lessons, without overwriting anybody's work."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.common.errors import UserError
from grader.course.settings import Course, find_course
from grader.course.stub_text import stub_text


def write_stubs(course: Course, *, replace: Callable[[Path], bool]) -> Iterator[tuple[Path, str]]:
    """Write every stub that is missing; replace an edited file only after asking.

    Args:
        course: the course.
        replace: called for each file that differs from its stub, because it may contain a learner's
            work; returns whether to replace it. The old file is kept as `<module>.py.bak`.

    Yields:
        Each file and what was done: "written", "unchanged", "replaced" or "kept".
    """
    for number, exercise in course.exercises.items():
        path = course.root / "exercises" / number / exercise.file_name
        text = stub_text(course, number)
        if not path.exists():
            done = "written"
        elif path.read_text(encoding="utf-8") == text:
            done = "unchanged"
        elif replace(path):
            shutil.copy2(path, path.with_suffix(".py.bak"))
            done = "replaced"
        else:
            done = "kept"
        if done in ("written", "replaced"):
            path.write_text(text, encoding="utf-8")
        yield path, done


def main() -> None:
    """`python -m grader.authoring.write_stubs`: write the stubs of the course in this folder."""
    try:
        for path, done in write_stubs(find_course(Path.cwd()), replace=_ask):
            print(f"{done:<9} {path.relative_to(Path.cwd())}")
    except UserError as error:
        sys.exit(f"grader: {error}")


def _ask(path: Path) -> bool:
    """Ask at the terminal whether to replace a file; without a terminal, the answer is no."""
    if not sys.stdin.isatty():
        return False
    answer = input(f"{path.name} is not the stub and may contain your work. Replace it? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


if __name__ == "__main__":
    main()
