"""What checks draw: every promised kind occurs, and nothing unfair does."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from torch import nn

from grader.common.fingerprint import HIDDEN_CHECKS
from grader.judge import strategies
from grader.judge.strategies import (
    ZOO,
    Architecture,
    Batches,
    any_batches,
    grown,
    short_batches,
    zoo,
)

LIMITS = settings(
    max_examples=60,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def always(strategy: Any, holds: Callable[[Any], object]) -> None:
    """Every example has a property."""

    @seed(0)
    @LIMITS
    @given(strategy)
    def examples(value: Any) -> None:
        assert holds(value), value

    examples()


def sometimes(strategy: Any, holds: Callable[[Any], object]) -> None:
    """Some example of a few has a property."""
    find(strategy, lambda value: bool(holds(value)), settings=settings(LIMITS, max_examples=500))


def grown_net(architecture: Architecture) -> nn.Module:
    return architecture.network.build()


def test_what_sometimes_holds_can_fail() -> None:
    with pytest.raises(NoSuchExample):
        sometimes(short_batches(), lambda found: found.size > 8)


def test_the_last_batch_is_short_and_follows_a_full_one() -> None:
    always(short_batches(), lambda b: b.images > b.size and 1 <= b.last < b.size)
    sometimes(short_batches(), lambda b: b.last == 1)
    sometimes(short_batches(), lambda b: b.number > 3)


@pytest.mark.parametrize("strategy", [short_batches, any_batches])
def test_no_batch_has_one_sample_where_a_batchnorm_trains(strategy: Callable[..., Any]) -> None:
    always(strategy(2), lambda b: min(b.last, b.size) >= 2)

    def trains(found: Batches) -> bool:
        model = nn.BatchNorm1d(3).train()  # raises on a single sample
        rows = torch.zeros(found.images, 3)
        return all(len(model(part)) > 1 for part in rows.split(found.size))

    always(strategy(2), trains)


def test_batches_may_be_full_short_or_the_only_one() -> None:
    for holds in (
        lambda b: b.last == b.size and b.number > 1,
        lambda b: b.last < b.size and b.number > 1,
        lambda b: b.images < b.size,
    ):
        sometimes(any_batches(), holds)


def test_batches_are_told_as_one_would_say_it() -> None:
    assert str(Batches(5, 2)) == "5 images in batches of 2"
    assert str(Batches(1, 3)) == "1 image in batches of 3"


@pytest.mark.parametrize("name", ZOO)
def test_a_model_of_the_zoo_has_its_head_where_it_says(name: str) -> None:
    def right(architecture: Architecture) -> bool:
        model = architecture.network.build()
        last = [n for n, m in model.named_modules() if list(m.parameters(recurse=False))][-1]
        head = model.get_submodule(architecture.head)
        assert isinstance(head, nn.Linear)
        return last == architecture.head and head.out_features == architecture.classes

    sometimes(zoo([name]), right)


def test_a_grown_network_computes_its_classes_and_has_its_head_where_it_says() -> None:
    def right(architecture: Architecture) -> bool:
        model = grown_net(architecture)
        last = [n for n, m in model.named_modules() if list(m.parameters(recurse=False))][-1]
        logits = model(torch.randn(2, 1, 6, 6))
        return last == architecture.head and logits.shape == (2, architecture.classes)

    always(grown(), right)


def test_grown_networks_have_batchnorm_dropout_nested_and_shared_modules() -> None:
    def holds(kind: type[nn.Module]) -> Callable[[Architecture], bool]:
        return lambda a: any(isinstance(m, kind) for m in grown_net(a).modules())

    for kind in (nn.BatchNorm2d, nn.Dropout):
        sometimes(grown(), holds(kind))
    sometimes(grown(), lambda a: any(n.count(".") > 3 for n, _ in grown_net(a).named_modules()))

    def shares(architecture: Architecture) -> bool:
        model = grown_net(architecture)
        names = [n for n, _ in model.named_modules(remove_duplicate=False)]
        return len(names) > len(list(model.named_modules()))

    sometimes(grown(), shares)


def test_networks_with_batchnorm_always_have_it() -> None:
    def has_it(architecture: Architecture) -> bool:
        return any(isinstance(m, nn.BatchNorm2d) for m in grown_net(architecture).modules())

    always(grown(kinds=strategies.WITH_BATCHNORM), has_it)


def test_what_can_be_frozen_never_cuts_through_a_shared_module() -> None:
    """`set_train_mode` promises nothing for a module that is frozen here and trainable there."""

    def whole(drawn: strategies.PartlyFrozen) -> bool:
        model = drawn.network.build()
        flags: dict[int, set[bool]] = {}
        for _, module in model.named_modules(remove_duplicate=False):
            own = {p.requires_grad for p in module.parameters(recurse=False)}
            flags.setdefault(id(module), set()).update(own)
        twice = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
        return all(len(flags[id(module)]) == 1 for module in twice)

    always(strategies.partly_frozen(grown(kinds=["twice", "plain"])), whole)


def test_every_part_of_a_grown_network_can_be_frozen() -> None:
    def freezes(architecture: Architecture) -> bool:
        for part in architecture.parts:
            model = architecture.freeze({part}).build()
            assert any(not p.requires_grad for p in model.parameters()), part
        return True

    always(grown(), freezes)


def test_names_of_no_model_and_of_no_entry() -> None:
    always(strategies.NO_MODELS, lambda name: name not in strategies.REGISTERED)
    always(strategies.NO_ENTRIES, lambda name: name not in ("IMAGENET1K_V1", "IMAGENET1K_V2"))


def test_fractions_lie_inside_and_other_floats_outside() -> None:
    always(strategies.FRACTIONS, lambda f: 0 < f < 1)
    always(strategies.FLOATS_BELOW_0, lambda f: f < 0)
    always(strategies.FLOATS_ABOVE_1, lambda f: f > 1)


def test_both_spellings_of_a_device_come() -> None:
    for kind in (str, torch.device):
        sometimes(strategies.DEVICES, lambda d, kind=kind: isinstance(d, kind))


def test_all_strategies_stand_in_one_file() -> None:
    scattered = [p.name for p in HIDDEN_CHECKS.glob("*.py") if "hypothesis" in p.read_text("utf-8")]
    assert scattered == []


def test_the_simplest_example_comes_first() -> None:
    seen: list[Batches] = []
    always(st.builds(lambda b: seen.append(b) or b, short_batches()), lambda _: True)
    assert seen[0] == Batches(3, 2)
