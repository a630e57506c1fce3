"""Describes, in one line, the example that a check drew."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# Counts that hidden checks may reveal, too: argument names, which are plurals, and their singulars.
PUBLIC: Final = {"classes": "class", "images": "image", "items": "item", "epochs": "epoch"}
# Arguments that are never shown, because they would not help a learner.
UNTOLD: Final = ("seed",)


class Told:
    """A drawn value whose `str` learners may see, even from hidden checks."""

    @property
    def details(self) -> str:
        """Text that only visible checks add."""
        return ""


@dataclass(frozen=True)
class Draws:
    """How the examples of a check are drawn.

    Attributes:
        seed: the seed of the examples, fixed for each grading and check.
        learner: the seed for the learner's own random numbers, which does not reveal `seed`.
        shrinks: whether a failing example is made as small as possible. Only a learner's own run
            does that: across the border it would cost hundreds of calls.
    """

    seed: int = 0
    learner: int = 0
    shrinks: bool = False


def told(example: Mapping[str, object], *, hidden: bool) -> str:
    """Describe a failing example in one line; "" when there is nothing to show.

    Args:
        example: the drawn values by the names of the check's arguments.
        hidden: whether the check is hidden; then only architectures and counts are shown.
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
