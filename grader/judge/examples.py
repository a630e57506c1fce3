"""Runs a check on many examples that hypothesis draws.

Every example starts from a clean state: the runner forgets the objects of the previous example, and
all random generators, including the learner's, are seeded from the example. So a failing example
fails again when it is repeated, and hypothesis can look for a smaller one.
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
    """Run a check on many examples, and raise the exception of one that fails.

    Args:
        test: the check.
        examples: the number of examples.
        strategies: a hypothesis strategy for each drawn argument.
        fixtures: the check's other arguments, including `submission`.
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
            ended.append(error)  # no runner is left to try another example
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
    """Keep hypothesis from drawing constants that it finds in the source of loaded modules.

    Which modules are loaded depends on what this process did before, and a verdict must not.
    """
    with mock.patch.object(HypothesisProvider, "_maybe_draw_constant", _no_constant, create=True):
        yield


def _no_constant(*args: object, **kwargs: object) -> None:
    """Draw no constant."""
