"""How the judge reaches a learner's side, and how that may end."""

from collections.abc import Callable
from typing import Protocol

from grader.course.scoring import Status

Answer = Callable[[bytes], bytes]


class Channel(Protocol):
    """Carries one request to the learner's side and brings its reply."""

    def exchange(self, request: bytes, answer: Answer) -> bytes:
        """The reply to `request`; `answer` answers what the learner's side asks meanwhile."""

    def begin_check(self, *, hidden: bool) -> None:
        """A check begins: budgets begin anew, and a hidden one ends the keeping of output."""

    def allow(self, seconds: int) -> None:
        """Give the check that runs another budget of CPU seconds than its exercise's."""

    def close(self) -> None:
        """End the learner's side."""

    @property
    def printed(self) -> str:
        """What the learner's code printed, as far as this channel keeps it."""


class RunnerEnded(Exception):
    """The learner's side is gone: a crash, an endless loop, a broken connection.

    Attributes:
        status: what that means for the check that was running.
        because: the likely reason.
        doubtful: whether it may not have been the submission's doing: it ran out of wall time alone
            (a busy machine), or was killed from outside.
    """

    def __init__(self, status: Status, because: str, *, doubtful: bool = False) -> None:
        self.status = status
        self.because = because
        self.doubtful = doubtful
        super().__init__(because)
