"""Who wants to know what happens while checks run derives from `Listener`."""

from grader.course.scoring import Verdict
from grader.judge.markers import Check


class Listener:
    """Is told of each event of a run; it does nothing with those that are not overridden."""

    def collected(self, checks: list[Check]) -> None:
        """All checks are known, and none has run yet."""

    def unloadable(self, problem: str) -> None:
        """The learner's file cannot be loaded; why, in one line."""

    def looked_at(self, setting: str) -> None:
        """A check looks at one of the course's settings."""

    def started(self, check: Check) -> None:
        """A check is about to run."""

    def measured(self, check_id: str, name: str, figure: float) -> None:
        """A check recorded a figure (pytest's `record_property`)."""

    def judged(self, verdict: Verdict) -> None:
        """A check ended."""

    def doubted(self, check: Check) -> None:
        """A check ended in a way that may not be the submission's doing."""
