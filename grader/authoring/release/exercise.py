"""The files of an exercise for learners: the lesson, the stub, visible checks, hints, pictures.

Only these kinds of files are released. Anything else in an exercise's folder (an instructor's
attempt, a backup) is not.
"""

import re
from pathlib import Path
from typing import Final

import yaml

from grader.common.errors import UserError
from grader.course.settings import Course, Release
from grader.course.stub_text import stub_text

Files = dict[str, bytes]  # path, with `/` between its parts → content
LESSON: Final = "README.md"
HINTS: Final = "hints.md"
PICTURES: Final = (".png", ".svg", ".jpg")
COURSE_NOTE: Final = "# Made by `grader release` from the course's own file.\n"


def exercise_files(course: Course, number: str) -> Files:
    """All files of an exercise that learners get, by name.

    Raises:
        UserError: when the lesson, the checks, the hints or the solution are missing.
    """
    return {
        LESSON: lesson_text(course, number).encode(),
        course.exercise(number).file_name: stub(course, number).encode(),
        **shared_files(course, number),
    }


def stub(course: Course, number: str) -> str:
    """The stub, made from the solution; the file in the exercise's folder may have been edited."""
    name = course.exercise(number).file_name
    try:
        return stub_text(course, number)
    except OSError as error:
        problem = error.strerror
    except SyntaxError as error:
        problem = f"line {error.lineno}: {error.msg}"
    except KeyError as error:
        problem = f"it has no function {error}"
    except (ValueError, IndexError):
        problem = "a module and its functions need docstrings"
    raise UserError(f"no stub can be made from solutions/{name}: {problem}")


def shared_files(course: Course, number: str) -> Files:
    """The files that accompany both the module and the notebook: checks, hints, pictures."""
    checks = course.visible_checks(number)
    pictures = [p for p in sorted(checks.parent.iterdir()) if p.suffix in PICTURES]
    return {
        checks.name: checks.read_bytes(),
        HINTS: hints_text(course, number).encode(),
        **{picture.name: picture.read_bytes() for picture in pictures},
    }


def course_text(course: Course, numbers: list[str]) -> str:
    """A `course.yaml` with only the given exercises."""
    content = course.model_dump(mode="json", exclude={"root"})
    content["exercises"] = {number: content["exercises"][number] for number in numbers}
    return COURSE_NOTE + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def lesson_text(course: Course, number: str) -> str:
    """The lesson; it mentions only the tiers of hints that the course gives."""
    return _read(course, number, LESSON).replace(Release().in_words, course.release.in_words)


def hints_text(course: Course, number: str) -> str:
    """The hints, with only the tiers that the course gives."""
    kept, keeps, in_code = [], True, False
    for line in _read(course, number, HINTS).splitlines(keepends=True):
        in_code ^= line.startswith("```")
        if not in_code and (heading := re.match(r"(#+) +(.*\S)", line)):
            tier = heading[2].lower() if heading[1] == "###" else ""
            keeps = not tier or tier in course.release.tiers
        if keeps:
            kept.append(line)
    return "".join(kept).rstrip("\n") + "\n"


def _read(course: Course, number: str, name: str) -> str:
    path: Path = course.root / "exercises" / number / name
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be released: {error}") from None
