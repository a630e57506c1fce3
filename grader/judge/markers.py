"""Marks checks, and runs them on many examples."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

import pytest

from grader.course.scoring import Status, Verdict

Record = Callable[[str, object], None]
"""Pytest's fixture `record_property`: a check that trains records "accuracy" and "wanted", the
threshold, for `benchmarks/steadiness.py`."""
LONGEST_MESSAGE: Final = 8000  # characters, since a returned value may print as megabytes


@dataclass(frozen=True)
class Check:
    """A check, as described by its marker and its file."""

    id: str
    title: str
    weight: float
    needs: tuple[str, ...]
    hidden: bool
    gpu: bool = False

    @property
    def exercise(self) -> str:
        """The number of its exercise."""
        return self.id.partition(".")[0]

    @property
    def task(self) -> str:
        """The function that the check is about."""
        return self.id.split(".")[1]

    @property
    def side(self) -> str:
        """The name of the runner that the check uses: one per exercise, and another on a GPU."""
        return f"{self.exercise} on a GPU" if self.gpu else self.exercise

    def verdict(self, status: Status, message: str = "") -> Verdict:
        """The verdict of this check."""
        shown = message[:LONGEST_MESSAGE]
        return Verdict(self.id, self.title, status, shown, self.weight, self.hidden)


def check(
    id: str, *, weight: float = 1.0, needs: Sequence[str] = (), gpu: bool = False
) -> pytest.MarkDecorator:
    """Mark a test function as a graded check; its docstring is its title.

    Args:
        id: the check's id, "<task>.<name>"; the exercise's number is taken from the file's path.
        weight: the check's share of the task's points, relative to the task's other checks.
        needs: the ids of checks that must pass first; otherwise this one is blocked.
        gpu: whether it needs a GPU; the fixture `device` names the GPU, and where there is none the
            check is pending.
    """
    return pytest.mark.check(id=id, weight=weight, needs=tuple(needs), gpu=gpu)


def for_all(
    examples: int, **strategies: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a check on many examples, drawn by hypothesis from the grading's seed.

    Small examples come first. In a learner's own run, a failing example is made as small as
    possible; in grading that would cost hundreds of calls across the border. The message describes
    the example in one line (`grader.judge.example_text.told`).

    Args:
        examples: the number of examples.
        **strategies: a hypothesis strategy for each drawn argument; see `grader.judge.strategies`.
    """

    def drawn(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def run(**fixtures: Any) -> None:
            from grader.judge.examples import run_examples  # imports hypothesis, which is slow

            run_examples(test, examples, strategies, fixtures)

        signature = inspect.signature(test)
        kept = [p for name, p in signature.parameters.items() if name not in strategies]
        # pytest passes the remaining arguments as fixtures.
        run.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return run

    return drawn
