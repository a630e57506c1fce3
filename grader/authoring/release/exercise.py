"""What learners get of one exercise: the lesson, the stub, the visible checks, hints, pictures.

Files are chosen by what they are, not by what they are not: whatever else lies in an exercise's
folder (an instructor's attempt, a backup) stays there.
"""

import re
from pathlib import Path
from typing import Final

import yaml

from grader.common.errors import UserError
from grader.course.settings import Course, Release
from grader.course.stub_text import stub_text

Files = dict[str, bytes]  # by path, with `/` between its parts
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
    """The stub, made of the solution whatever the exercise's own file holds by now."""
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
    raise UserError(f"solutions/{name} gives no stub: {problem}")


def shared_files(course: Course, number: str) -> Files:
    """What stands in an exercise's folder and beside its notebook: checks, hints, pictures."""
    checks = course.visible_checks(number)
    pictures = [p for p in sorted(checks.parent.iterdir()) if p.suffix in PICTURES]
    return {
        checks.name: checks.read_bytes(),
        HINTS: hints_text(course, number).encode(),
        **{picture.name: picture.read_bytes() for picture in pictures},
    }


def course_text(course: Course, numbers: list[str]) -> str:
    """A `course.yaml` with some of the exercises alone."""
    content = course.model_dump(mode="json", exclude={"root"})
    content["exercises"] = {number: content["exercises"][number] for number in numbers}
    return COURSE_NOTE + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def lesson_text(course: Course, number: str) -> str:
    """The lesson, which promises no more hints than there are."""
    return _read(course, number, LESSON).replace(Release().in_words, course.release.in_words)


def hints_text(course: Course, number: str) -> str:
    """The hints up to the tier that the course allows."""
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
