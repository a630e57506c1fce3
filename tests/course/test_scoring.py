"""Points: only passed checks earn any, one mistake costs only once, pending ones are never zero."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.scoring import Status, Verdict, score_exercise, score_task


def verdict(status: Status, weight: float = 1.0, name: str = "a", task: str = "task") -> Verdict:
    return Verdict(f"03.{task}.{name}", "title", status, "", weight, False)


def scores(points: float, *verdicts: Verdict) -> list[float | None]:
    return [score.score for score in score_task(points, verdicts)]


def test_points_are_shared_by_weight() -> None:
    assert scores(6, verdict(Status.PASSED, 2), verdict(Status.FAILED, 1)) == [4, 0]


def test_a_blocked_check_leaves_the_denominator() -> None:
    assert scores(6, verdict(Status.PASSED), verdict(Status.BLOCKED)) == [6, 0]


@pytest.mark.parametrize("status", [Status.BLOCKED, Status.NOT_ATTEMPTED])
def test_a_task_of_blocked_and_unattempted_checks_earns_nothing(status: Status) -> None:
    assert scores(6, verdict(status), verdict(Status.BLOCKED)) == [0, 0]


def test_a_pending_check_has_no_score_but_a_share() -> None:
    [passed, pending] = score_task(
        4, [verdict(Status.PASSED), verdict(Status.GRADER_ERROR, name="b")]
    )
    assert (passed.score, pending.score, pending.max_score) == (2, None, 2)


statuses = st.sampled_from(list(Status))
weights = st.sampled_from([0.5, 1.0, 2.0, 3.0])


@given(st.lists(st.tuples(statuses, weights), min_size=1, max_size=8), st.integers(1, 20))
def test_scores_are_finite_and_add_up(checks: list[tuple[Status, float]], points: int) -> None:
    verdicts = [verdict(status, weight, str(i)) for i, (status, weight) in enumerate(checks)]
    scored = score_exercise({"task": points}, verdicts)
    assert math.isclose(sum(score.max_score for _, score in scored), points)
    for found, score in scored:
        assert (score.score is None) == found.status.pending
        assert 0 <= (score.score or 0) <= score.max_score
        assert (score.score or 0) == 0 or found.status is Status.PASSED


def test_visible_checks_alone_prove_nothing() -> None:
    visible, hidden = verdict(Status.PASSED), replace(verdict(Status.FAILED, 1, "b"), hidden=True)
    assert scores(6, visible, hidden) == [0, 0]
    assert scores(6, visible) == [6], "a learner's own run has no hidden checks"
    waiting = replace(hidden, status=Status.GRADER_ERROR)
    assert scores(6, visible, waiting) == [3, None], "a pending check may still pass"
    passed = replace(hidden, id="03.task.c", status=Status.PASSED)
    assert scores(6, visible, hidden, passed) == [2, 0, 2]
