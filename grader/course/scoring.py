"""The outcomes of checks, and the points that follow from them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"
    BLOCKED = "blocked"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    OUT_OF_SPACE = "out_of_space"
    TOO_MANY_PROCESSES = "too_many_processes"
    CRASHED = "crashed"
    NEEDS_GPU = "needs_gpu"
    GRADER_ERROR = "grader_error"

    @property
    def pending(self) -> bool:
        """Whether the check is still open for a reason that is not the learner's fault.

        Such a check is shown as open and graded again later.
        """
        return self in (Status.NEEDS_GPU, Status.GRADER_ERROR)


@dataclass(frozen=True)
class Verdict:
    """How one check ended.

    Attributes:
        id: the check's id, such as "03.swap_head.output_shape".
        title: the check's docstring.
        status: how the check ended.
        message: the text that the learner sees.
        weight: the check's share of the task's points, relative to the task's other checks.
        hidden: whether it is a hidden check.
        site: the line of the check's file at which it stopped, such as "test_03_head.py:154" (empty
            when it passed). It is for the audit and is not shown to learners.
    """

    id: str
    title: str
    status: Status
    message: str
    weight: float
    hidden: bool
    site: str = ""

    @property
    def task(self) -> str:
        """The function that the check is about."""
        return self.id.split(".")[1]


@dataclass(frozen=True)
class Judgement:
    """All verdicts on one file.

    Attributes:
        verdicts: the verdicts of all checks.
        problem: one line that says why the file could not be loaded; empty when it could.
        settings: the names of the course's settings that checks have read.
    """

    verdicts: list[Verdict]
    problem: str = ""
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """The points for a verdict; `score` is None while the verdict is pending."""

    score: float | None
    max_score: float


def score_task(points: float, verdicts: Sequence[Verdict]) -> list[Score]:
    """Share a task's points among its checks by weight.

    Only passed checks earn points. Blocked checks are left out of the total weight, so that one
    mistake is not counted twice, unless every check is blocked or not attempted: then the task
    earns nothing.

    Visible checks show their inputs, so an answer could be written for just these inputs. Where
    hidden checks were run, visible checks therefore earn points only if a hidden check passed, too,
    or is pending.

    Args:
        points: the task's points.
        verdicts: the verdicts of all its checks.

    Returns:
        One score for each verdict; the `max_score`s add up to `points`.
    """
    counted = [v for v in verdicts if v.status is not Status.BLOCKED]
    if all(v.status is Status.NOT_ATTEMPTED for v in counted):
        counted = list(verdicts)
    total = math.fsum(v.weight for v in counted)
    shares = [points * v.weight / total if v in counted else 0.0 for v in verdicts]
    unseen = [v.status for v in verdicts if v.hidden]
    by_heart = bool(unseen) and not any(s.pending or s is Status.PASSED for s in unseen)
    return [_score(v, share, by_heart) for v, share in zip(verdicts, shares, strict=True)]


def _score(verdict: Verdict, share: float, by_heart: bool) -> Score:
    if verdict.status.pending:
        return Score(None, share)
    return Score(share if verdict.status is Status.PASSED and not by_heart else 0.0, share)


def score_exercise(
    tasks: Mapping[str, int], verdicts: Sequence[Verdict]
) -> list[tuple[Verdict, Score]]:
    """Every verdict with its points, in the order of the verdicts.

    Args:
        tasks: the points of each task.
        verdicts: the verdicts of all checks of the exercise.
    """
    scores: dict[str, Score] = {}
    for task, points in tasks.items():
        of_task = [verdict for verdict in verdicts if verdict.task == task]
        scores |= {v.id: s for v, s in zip(of_task, score_task(points, of_task), strict=True)}
    return [(verdict, scores[verdict.id]) for verdict in verdicts]
