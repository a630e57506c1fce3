"""The loopback channel to a runner in the same process, for `pytest exercises/03` and notebooks."""

from pathlib import Path

from grader.protocol.channel import Answer
from grader.runner.dispatcher import Runner


class Loopback:
    """A channel to a runner in this process, which is fast and lets a debugger work."""

    def __init__(self, source: Path) -> None:
        self.runner = Runner(source)

    def exchange(self, request: bytes, answer: Answer) -> bytes:
        """Return the runner's reply."""
        return self.runner.serve(request, answer)

    def begin_check(self, *, hidden: bool) -> None:
        """Do nothing: there is no budget in this process."""

    def allow(self, seconds: int) -> None:
        """Do nothing: there is no budget in this process."""

    def close(self) -> None:
        """Undo the changes of the last check."""
        self.runner.do_reset()

    @property
    def printed(self) -> str:
        """Always empty: pytest captures what is printed in this process."""
        return ""
