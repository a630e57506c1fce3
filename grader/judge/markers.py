"""How a check is marked, and how it is run on many examples."""

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
LONGEST_MESSAGE: Final = 8000  # characters: what came back may be megabytes


@dataclass(frozen=True)
class Check:
    """A check as its marker and its file describe it."""

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
        """The function that it is about."""
        return self.id.split(".")[1]

    @property
    def side(self) -> str:
        """Which learner's side it talks to: each exercise has one, and another on a GPU."""
        return f"{self.exercise} on a GPU" if self.gpu else self.exercise

    def verdict(self, status: Status, message: str = "") -> Verdict:
        """This check, ended."""
        shown = message[:LONGEST_MESSAGE]
        return Verdict(self.id, self.title, status, shown, self.weight, self.hidden)


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


def for_all(
    examples: int, **strategies: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a check on many examples, drawn by hypothesis from the grading's seed.

    Small examples come first. Where a learner runs the checks, a failing example is made as small
    as possible; in grading that would cost hundreds of calls across the border. The message tells
    the example in one line (`grader.judge.example_text.told`).

    Args:
        examples: how many.
        **strategies: a hypothesis strategy for each argument, see `grader.judge.strategies`.
    """

    def drawn(test: Callable[..., None]) -> Callable[..., None]:
        @wraps(test)
        def run(**fixtures: Any) -> None:
            from grader.judge.examples import run_examples  # with hypothesis, which takes its time

            run_examples(test, examples, strategies, fixtures)

        signature = inspect.signature(test)
        kept = [p for name, p in signature.parameters.items() if name not in strategies]
        # What pytest is to pass on.
        run.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
        return run

    return drawn
