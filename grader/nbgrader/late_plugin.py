"""The course's late policy, as nbgrader asks for it."""

from nbgrader.plugins import BasePlugin
from traitlets import Float

from grader.course.late_policy import late_penalty
from grader.course.settings import LatePolicy


class CourseLatePolicy(BasePlugin):  # type: ignore[misc]
    """Takes a part of the points for each begun day; `configure` sets which."""

    penalty_per_day = Float(0.0, help="The part of the points that a day takes.").tag(config=True)
    max_penalty = Float(1.0, help="The most that is taken.").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float:
        """The points that are taken from a submission."""
        policy = LatePolicy(penalty_per_day=self.penalty_per_day, max_penalty=self.max_penalty)
        return late_penalty(policy, score, total_seconds_late)
