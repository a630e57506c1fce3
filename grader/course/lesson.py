"""Reads a lesson, `exercises/NN/README.md`, for the command line."""

from collections.abc import Iterator
from typing import Final

from grader.common.markdown import reflow, sections
from grader.course.settings import Course

FILE_NAME: Final = "README.md"
BEYOND: Final = "Beyond"  # the heading of the last section


def beyond(course: Course, number: str) -> Iterator[str]:
    """The lesson's last section, `Beyond`, as lines for a terminal; none where it is missing.

    Args:
        course: the course.
        number: the number of the exercise, whose checks all pass.
    """
    path = course.root / "exercises" / number / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if section := sections(text, 2).get(BEYOND):
        yield ""
        yield from reflow(section)
