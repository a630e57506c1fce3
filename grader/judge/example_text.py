"""What a check drew for an example, and how that is told in one line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# How many there were of something is no secret; the names of the arguments are the plurals.
PUBLIC: Final = {"classes": "class", "images": "image", "items": "item", "epochs": "epoch"}
# Drawn for the check's own sake: nothing that a learner could do anything with.
UNTOLD: Final = ("seed",)


class Told:
    """A drawn value whose `str` may be told to learners, by hidden checks too."""

    @property
    def details(self) -> str:
        """What visible checks add."""
        return ""


@dataclass(frozen=True)
class Draws:
    """How the examples of a check are drawn.

    Attributes:
        seed: of the examples, fixed for a grading and a check.
        learner: the seed of the learner's own random numbers, which tells nothing of the other.
        shrinks: whether a failing example is made as small as possible. Across the border that
            would cost hundreds of calls: only a learner's own run does it.
    """

    seed: int = 0
    learner: int = 0
    shrinks: bool = False


def told(example: Mapping[str, object], *, hidden: bool) -> str:
    """A failing example in one line, "" when there is nothing to tell of it.

    Args:
        example: what was drawn, by the names of the check's arguments.
        hidden: whether the check is hidden: it tells architectures and numbers of things alone.
    """
    rows = [_told(name, value, hidden) for name, value in example.items() if name not in UNTOLD]
    *first, last = [row for row in rows if row] or [""]
    rows = [", ".join(first), last] if first else [last]
    return f"with {' and '.join(rows)}" if last else ""


def _told(name: str, value: object, hidden: bool) -> str:
    if isinstance(value, Told):
        return f"{value}{'' if hidden else value.details}"
    if name in PUBLIC and isinstance(value, int):
        return f"{value} {PUBLIC[name] if value == 1 else name}"
    return "" if hidden else f"{name}={value!r}"
