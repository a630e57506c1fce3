"""What handing in late costs."""

import math
from typing import Final

from grader.course.settings import LatePolicy

DAY: Final = 24 * 60 * 60  # seconds


def late_penalty(policy: LatePolicy, score: float, seconds: float) -> float:
    """The points that a late submission loses.

    Args:
        policy: the course's.
        score: the points that were earned.
        seconds: after the deadline; each begun day of 24 hours counts.

    Returns:
        A part of the score, in [0, score].
    """
    if seconds <= 0 or score <= 0:
        return 0.0
    days = math.ceil(seconds / DAY)
    return round(score * min(days * policy.penalty_per_day, policy.max_penalty), 6)
