"""nbgrader's plugin for the course's late policy."""

from nbgrader.plugins import BasePlugin
from traitlets import Float

from grader.course.late_policy import late_penalty
from grader.course.settings import LatePolicy


class CourseLatePolicy(BasePlugin):  # type: ignore[misc]
    """Deducts a fraction of the points for each day that has begun; see `configure`."""

    penalty_per_day = Float(0.0, help="Fraction of the points deducted per day.").tag(config=True)
    max_penalty = Float(1.0, help="The largest fraction that is deducted.").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float:
        """The points to deduct from a submission."""
        policy = LatePolicy(penalty_per_day=self.penalty_per_day, max_penalty=self.max_penalty)
        return late_penalty(policy, score, total_seconds_late)
