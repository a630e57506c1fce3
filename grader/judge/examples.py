"""Runs a check on many examples that hypothesis draws.

Every example begins anew: what the last one left on the learner's side is forgotten, and all random
numbers, the learner's too, start at the example's own seed. So an example that failed fails again,
and hypothesis can look for a smaller one.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import HypothesisProvider

from grader.common.errors import KitError
from grader.judge.submission import Submission
from grader.protocol.channel import RunnerEnded

SEEDS: Final = 2**32


def run_examples(
    test: Callable[..., None],
    examples: int,
    strategies: Mapping[str, Any],
    fixtures: Mapping[str, Any],
) -> None:
    """Run a check on so many examples, small ones first; raises what it raises on one of them.

    Args:
        test: the check.
        examples: how many.
        strategies: a hypothesis strategy for each drawn argument.
        fixtures: its other arguments, `submission` among them.
    """
    submission: Submission = fixtures["submission"]
    generator = fixtures.get("generator")
    draws = submission.draws
    start = generator.initial_seed() if generator else 0
    ended: list[RunnerEnded | KitError] = []

    def one(noise: int, **drawn: Any) -> None:
        if ended:
            raise ended[0]
        submission.begin_example(drawn, (draws.learner + noise) % SEEDS)
        if generator:
            generator.manual_seed((start + noise) % SEEDS)
        try:
            test(**fixtures, **drawn)
        except (RunnerEnded, KitError) as error:
            ended.append(error)  # nobody is there to ask for another example
            raise

    limits = settings(
        max_examples=examples,
        phases=(Phase.generate, Phase.shrink) if draws.shrinks else (Phase.generate,),
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    drawing = given(noise=st.integers(0, SEEDS - 1), **strategies)
    with _the_seed_alone_decides():
        try:
            seed(draws.seed)(limits(drawing(one)))()
        except BaseException:
            if ended:
                raise ended[0] from None
            raise
    submission.example = {}


@contextmanager
def _the_seed_alone_decides() -> Iterator[None]:
    """Keep hypothesis from drawing numbers that stand in the source of the modules it finds loaded.

    Which modules those are depends on what this process did before, and a verdict must not.
    """
    with mock.patch.object(HypothesisProvider, "_maybe_draw_constant", _no_constant, create=True):
        yield


def _no_constant(*args: object, **kwargs: object) -> None:
    """Instead of drawing one."""
