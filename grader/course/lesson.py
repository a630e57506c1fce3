"""What the command line reads from a lesson, `exercises/NN/README.md`."""

from collections.abc import Iterator
from typing import Final

from grader.common.markdown import reflow, sections
from grader.course.settings import Course

FILE_NAME: Final = "README.md"
BEYOND: Final = "Beyond"  # the heading of the last section


def beyond(course: Course, number: str) -> Iterator[str]:
    """What was learned and what lies beyond, as lines of a terminal; nothing without a lesson.

    Args:
        course: the course.
        number: of the exercise that passes.
    """
    path = course.root / "exercises" / number / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if section := sections(text, 2).get(BEYOND):
        yield ""
        yield from reflow(section)
