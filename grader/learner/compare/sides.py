"""One side of a comparison: loads a file, and plays scenes on it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from grader.common.errors import UserError
from grader.common.terminal import printable
from grader.course.scoring import Status
from grader.course.settings import Limits
from grader.judge.feedback import judge_error
from grader.judge.loopback import Loopback
from grader.judge.submission import LearnerError, Submission
from grader.learner.compare.scene import Fact, Keepsake, Scene, Stage

MOST_TEXT: Final = 300  # the most characters that are shown of an error


@dataclass(frozen=True)
class Failure:
    """Why a scene failed.

    Attributes:
        name: the kind of error, such as "ValueError".
        line: where it happened and what went wrong, in one line.
        not_attempted: whether it is the error that the stub raises.
    """

    name: str
    line: str
    not_attempted: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a scene found on one side."""

    facts: dict[str, Fact] = field(default_factory=dict)
    keepsakes: dict[str, Any] = field(default_factory=dict)
    failure: Failure | None = None


class Side:
    """A file that is executed in this process.

    Args:
        name: the side's name in tables and pictures.
        source: the file; it is executed at once.

    Raises:
        UserError: when the file is missing or cannot be executed.
    """

    def __init__(self, name: str, source: Path) -> None:
        self.name = name
        self.source = source
        here = Path.cwd()
        self.shown = source.relative_to(here) if source.is_relative_to(here) else source
        if not source.is_file():
            raise UserError(f"{self.shown} is missing: there is nothing to compare")
        self.submission = Submission(Loopback(source), source.name)
        try:
            self.submission.request("load", f"loading {source.name}")
        except LearnerError as error:
            raise UserError(self._told(error).line) from None

    def play(self, scene: Scene, stage: Stage) -> Outcome:
        """Play a scene, and return what it finds until it ends or fails."""
        outcome = Outcome()
        self.submission.last_call = ""
        self.submission.seed(stage.seed)
        try:
            for found in scene.look(self.submission, stage):
                if isinstance(found, Keepsake):
                    outcome.keepsakes[found.name] = found.value
                else:
                    outcome.facts[found.label] = found
        except Exception as error:  # an unusable answer must not stop the other scenes
            return Outcome(outcome.facts, outcome.keepsakes, self._told(error))
        finally:
            self.submission.reset()
        return outcome

    def _told(self, error: Exception) -> Failure:
        last_call = self.submission.last_call
        status, finding = judge_error(error, last_call, self.source, str(self.shown), Limits())
        place = finding.where.partition("  ")[0]
        name = error.types[0] if isinstance(error, LearnerError) else "another form"
        text = f"{name}: {error.message}" if isinstance(error, LearnerError) else finding.returned
        line = " ".join(printable(f"{place}: {text}").split())[:MOST_TEXT].removesuffix(":")
        return Failure(printable(name), line, status is Status.NOT_ATTEMPTED)
