"""The base class for objects that follow the events of a run of checks."""

from grader.course.scoring import Verdict
from grader.judge.markers import Check


class Listener:
    """Receives the events of a run; methods that are not overridden ignore their events."""

    def collected(self, checks: list[Check]) -> None:
        """All checks are collected, and none has run yet."""

    def unloadable(self, problem: str) -> None:
        """The learner's file cannot be loaded; `problem` says why in one line."""

    def looked_at(self, setting: str) -> None:
        """A check reads one of the course's settings."""

    def started(self, check: Check) -> None:
        """A check is about to run."""

    def measured(self, check_id: str, name: str, figure: float) -> None:
        """A check recorded a figure (pytest's `record_property`)."""

    def judged(self, verdict: Verdict) -> None:
        """A check ended."""

    def doubted(self, check: Check) -> None:
        """A check ended in a way for which the submission may not be to blame."""
