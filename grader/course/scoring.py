"""What a check can end in, and how points come of it."""

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
        """Whether it is not the learner's fault: shown as open, graded again later."""
        return self in (Status.NEEDS_GPU, Status.GRADER_ERROR)


@dataclass(frozen=True)
class Verdict:
    """How one check ended.

    Attributes:
        id: such as "03.swap_head.output_shape".
        title: the check's docstring.
        status: how it ended.
        message: what the learner is told.
        weight: its share of the task's points, against the task's other checks.
        hidden: whether it is a hidden check.
        site: which line of the check's file it stopped at, such as "test_03_head.py:154" (empty
            when it passed). For the audit: learners are not told.
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
        """The function that it is about."""
        return self.id.split(".")[1]


@dataclass(frozen=True)
class Judgement:
    """All verdicts on one file.

    Attributes:
        verdicts: of every check.
        problem: in one line, why the file could not even be loaded.
        settings: the names of the course's settings that checks looked at.
    """

    verdicts: list[Verdict]
    problem: str = ""
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """The points of a verdict: `score` is None while it is pending."""

    score: float | None
    max_score: float


def score_task(points: float, verdicts: Sequence[Verdict]) -> list[Score]:
    """Share a task's points among its checks by weight.

    Only passed earns. A blocked check leaves the denominator, so that one mistake costs once,
    unless every check is blocked or not attempted: then the task earns nothing.

    A visible check shows its inputs, so whoever knows them by heart passes it: where hidden checks
    were run, visible ones earn only beside a hidden one that passed.

    Args:
        points: the task's points.
        verdicts: of all its checks.

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
    """Every verdict with its points, in the verdicts' order.

    Args:
        tasks: points of each task.
        verdicts: of all checks of the exercise.
    """
    scores: dict[str, Score] = {}
    for task, points in tasks.items():
        of_task = [verdict for verdict in verdicts if verdict.task == task]
        scores |= {v.id: s for v, s in zip(of_task, score_task(points, of_task), strict=True)}
    return [(verdict, scores[verdict.id]) for verdict in verdicts]
