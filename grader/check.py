"""What the writer of a check imports.

@check("swap_head.output_shape", weight=2, needs=["swap_head.returns_model"])
def test_output_shape(submission):
    \"\"\"The sentence that learners read.\"\"\"
"""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from grader.errors import KitError
from grader.submission import (
    Handle,
    LearnerError,
    Mismatch,
    Model,
    Submission,
    expect,
    handle,
    number,
    pair,
    tensor,
)

__all__ = [
    "Handle",
    "KitError",
    "LearnerError",
    "Mismatch",
    "Model",
    "Submission",
    "check",
    "expect",
    "for_all",
    "handle",
    "number",
    "pair",
    "tensor",
]


def check(
    id: str, *, weight: float = 1.0, needs: Sequence[str] = (), gpu: bool = False
) -> pytest.MarkDecorator:
    """Mark a test function as a graded check; its docstring is its title.

    Args:
        id: "<task>.<name>"; the exercise's number is added from the file's name.
        weight: its share of the task's points, against the task's other checks.
        needs: ids of checks without which this one is not worth running ("blocked").
        gpu: whether it needs a GPU; the fixture `device` names it, and where there is none the
            check is pending.
    """
    return pytest.mark.check(id=id, weight=weight, needs=tuple(needs), gpu=gpu)


def for_all(examples: int, **strategies: Any) -> Callable[[Callable[..., None]], Any]:
    """Run a hidden check on many inputs, drawn by hypothesis from the grading's seed.

    Small examples come first and failures are not shrunk: across the border that would cost
    hundreds of calls.

    Args:
        examples: how many.
        **strategies: a hypothesis strategy for each argument.
    """
    from hypothesis import HealthCheck, Phase, given, settings

    limits = settings(
        max_examples=examples,
        phases=(Phase.generate,),
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    return lambda test: limits(given(**strategies)(test))
