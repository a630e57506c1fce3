"""How the judge talks to a runner, and how a runner may end."""

from collections.abc import Callable
from typing import Protocol

from grader.course.scoring import Status

Answer = Callable[[bytes], bytes]


class Channel(Protocol):
    """Carries requests to the runner and brings back its replies."""

    def exchange(self, request: bytes, answer: Answer) -> bytes:
        """Send a request and return the reply; `answer` replies to the runner's own questions."""

    def begin_check(self, *, hidden: bool) -> None:
        """Begin a check with fresh budgets; from the first hidden check on, output is not kept."""

    def allow(self, seconds: int) -> None:
        """Change the running check's budget of CPU seconds."""

    def close(self) -> None:
        """End the runner."""

    @property
    def printed(self) -> str:
        """The part of the learner's printed output that this channel keeps."""


class RunnerEnded(Exception):
    """The runner has ended: a crash, an endless loop, a broken connection.

    Attributes:
        status: the status of the check that was running.
        because: the likely reason.
        doubtful: whether the submission may not be to blame: only wall time ran out (the machine
            may be busy), or the runner was killed from outside.
    """

    def __init__(self, status: Status, because: str, *, doubtful: bool = False) -> None:
        self.status = status
        self.because = because
        self.doubtful = doubtful
        super().__init__(because)
