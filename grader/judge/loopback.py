"""The learner's side in this process: what `pytest exercises/03` and notebooks use."""

from pathlib import Path

from grader.protocol.channel import Answer
from grader.runner.dispatcher import Runner


class Loopback:
    """The learner's side in this process: fast, and a debugger works."""

    def __init__(self, source: Path) -> None:
        self.runner = Runner(source)

    def exchange(self, request: bytes, answer: Answer) -> bytes:
        """The runner's reply."""
        return self.runner.serve(request, answer)

    def begin_check(self, *, hidden: bool) -> None:
        """Nothing to do: there is no budget here."""

    def allow(self, seconds: int) -> None:
        """Nothing to do either."""

    def close(self) -> None:
        """Undo what the last check changed."""
        self.runner.do_reset()

    @property
    def printed(self) -> str:
        """Nothing: pytest itself captures what is printed in this process."""
        return ""
