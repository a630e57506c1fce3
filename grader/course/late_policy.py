"""The points that a late submission loses."""

import math
from typing import Final

from grader.course.settings import LatePolicy

DAY: Final = 24 * 60 * 60  # seconds


def late_penalty(policy: LatePolicy, score: float, seconds: float) -> float:
    """The points that a late submission loses.

    Args:
        policy: the course's late policy.
        score: the points that were earned.
        seconds: the time since the deadline; each begun day of 24 hours counts.

    Returns:
        The points to subtract, in [0, score].
    """
    if seconds <= 0 or score <= 0:
        return 0.0
    days = math.ceil(seconds / DAY)
    return round(score * min(days * policy.penalty_per_day, policy.max_penalty), 6)
