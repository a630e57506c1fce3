"""A check of many examples says in one line which of them failed; if possible, a small one."""

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import strategies as st

from grader.course.scoring import Status, Verdict
from grader.judge.example_text import Draws, Told, told
from grader.judge.examples import run_examples
from grader.judge.pytest_plugin import CheckRun
from tests.support.corpus import course, solution

CHECKS = '''
import torch
from grader.check import Submission, check, expect, for_all, number, pair
from grader.protocol.recipes import Loader, Loss, Optimizer
from grader.judge.strategies import SEEDS, Architecture, Batches, grown, numbers, short_batches


@check("train_one_epoch.mean_loss")
@for_all(20, batches=short_batches(smallest=2), architecture=grown(), shift=numbers(1, 100))
def test_mean_loss(
    submission: Submission,
    generator: torch.Generator,
    batches: Batches,
    architecture: Architecture,
    shift: int,
) -> None:
    """The mean is per sample."""
    recipe = architecture.network
    images = shift * torch.randn(batches.images, 1, 6, 6, generator=generator)
    labels = torch.randint(0, architecture.classes, (batches.images,), generator=generator)
    with torch.no_grad():
        mean = torch.nn.functional.cross_entropy(recipe.build()(images), labels).item()
    model = submission.build(recipe)
    value = submission.call(
        "train_one_epoch",
        model,
        submission.build(Loader(images, labels, batches.size)),
        submission.build(Loss()),
        submission.build(Optimizer("SGD", model, {"lr": 0.0})),
        "cpu",
    )
    got = number(value, "the loss")
    plain = all(kind == "plain" for kind in recipe.options["parts"])
    expect(not plain or abs(got - mean) < 1e-3, got=got, want=mean, because="It is not the mean.")


@check("fit.history")
@for_all(30, epochs=numbers(0, 40), lr=numbers(1, 9), seed=SEEDS)
def test_history(submission: Submission, epochs: int, lr: int, seed: int) -> None:
    """Each epoch has an entry."""
    value = submission.call("fit", None, None, None, epochs=epochs, lr=lr, device="cpu")
    expect(len(value) == epochs, got=len(value), want=epochs, because="Another number came back.")
'''
MUTANT = """

def train_one_epoch(model, loader, loss_fn, optimizer, device):
    losses = []
    for images, labels in loader:
        loss = loss_fn(model(images), labels)
        losses.append(loss.item())
    return sum(losses) / len(losses)


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    calls.append(epochs)
    return [{}] * min(epochs, 3)


calls = []
"""
Run = Callable[..., dict[str, Verdict]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the checks above, as visible or hidden ones, on an answer to exercise 04."""

    def verdicts(text: str, *, hidden: bool, shrinks: bool, seed: str = "one") -> dict:
        folder = tmp_path / f"{hidden}" / ("checks" if hidden else "04")
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "test_04_train.py"
        file.write_text(CHECKS, "utf-8")
        source = tmp_path / "train.py"
        source.write_text(text, "utf-8")
        found = CheckRun(course(), lambda _: source, seed=seed, shrinks=shrinks)
        options = ["--noconftest", "-p", "no:terminal", "-c", os.devnull, f"--rootdir={folder}"]
        options += ["--import-mode=importlib", "--disable-plugin-autoload"]
        pytest.main([*options, "-p", "no:cacheprovider", str(file)], plugins=[found])
        return {id_.rpartition(".")[2]: verdict for id_, verdict in found.verdicts.items()}

    return verdicts


def rows(verdict: Verdict) -> dict[str, str]:
    """The rows of a message by their names."""
    assert verdict.status is Status.FAILED, verdict
    return {row[:9].strip(): row[10:] for row in verdict.message.splitlines()}


def test_a_visible_check_tells_the_smallest_example_in_one_line(run: Run) -> None:
    found = run(solution("04").text + MUTANT, hidden=False, shrinks=True)
    example = rows(found["mean_loss"])["example"]
    small = "with 5 images in batches of 3, a small network (plain) of 2 classes and shift="
    assert example.startswith(small)
    assert rows(found["history"])["example"] == "with 4 epochs and lr=1"


def test_a_hidden_check_tells_architecture_and_numbers_and_nothing_else(run: Run) -> None:
    found = run(solution("04").text + MUTANT, hidden=True, shrinks=False)
    message = rows(found["mean_loss"])
    assert not set(message) & {"call", "returned", "expected"}
    assert message["example"].startswith("with ")
    assert "images in batches of" in message["example"]
    assert "classes" in message["example"]
    assert "shift" not in message["example"]
    assert "lr" not in rows(found["history"])["example"]


def test_grading_does_not_look_for_smaller_examples(run: Run) -> None:
    text = solution("04").text + MUTANT
    found = run(text, hidden=True, shrinks=False)
    shrunk = run(text, hidden=True, shrinks=True)
    assert rows(shrunk["history"])["example"] == "with 4 epochs"
    assert rows(found["history"])["example"] != "with 4 epochs"


def test_the_same_seed_fails_on_the_same_example_and_others_on_others(run: Run) -> None:
    text = solution("04").text + MUTANT
    seeds = ("one", "one", "two", "three")
    found = [run(text, hidden=True, shrinks=False, seed=seed) for seed in seeds]
    told_ones = [rows(one["history"])["example"] for one in found]
    assert told_ones[0] == told_ones[1]
    assert len(set(told_ones)) > 1


def drawn_numbers() -> list[int]:
    """What the examples of one seed draw."""
    numbers: list[int] = []
    submission = SimpleNamespace(draws=Draws(seed=1), begin_example=lambda *_: None)
    strategies = {"value": st.integers(0, 10**6)}
    run_examples(
        lambda submission, value: numbers.append(value), 50, strategies, {"submission": submission}
    )
    return numbers


def test_examples_do_not_depend_on_what_the_process_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default hypothesis draws constants that it reads in the source of loaded modules."""
    before = drawn_numbers()
    (tmp_path / "full_of_numbers.py").write_text(f"NUMBERS = {list(range(0, 10**6, 7777))}\n")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("full_of_numbers")
    assert drawn_numbers() == before


def test_random_numbers_of_the_learner_begin_anew_with_each_example(run: Run) -> None:
    """An answer that is wrong by chance is wrong again when its example is tried again."""
    text = """

import torch


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    return [{}] * (epochs + int(torch.rand(()) < 0.3))
"""
    found = run(solution("04").text + text, hidden=False, shrinks=True)
    assert rows(found["history"])["because"] == "Another number came back."


def test_what_is_not_written_yet_has_no_example(run: Run) -> None:
    text = 'def fit(*args, **kwargs):\n    raise NotImplementedError("Task 4.2: later")\n'
    found = run(text, hidden=False, shrinks=True)
    assert found["history"].status is Status.NOT_ATTEMPTED
    assert "example" not in found["history"].message


class Shirt(Told):
    details = ", torn"

    def __str__(self) -> str:
        return "a shirt"


@pytest.mark.parametrize(
    ("example", "hidden", "line"),
    [
        ({}, False, ""),
        ({"seed": 3}, False, ""),
        ({"rate": 0.5}, True, ""),
        ({"rate": 0.5}, False, "with rate=0.5"),
        ({"classes": 3, "rate": 0.5, "images": 1}, True, "with 3 classes and 1 image"),
        ({"what": Shirt(), "items": 2, "x": 1}, False, "with a shirt, torn, 2 items and x=1"),
        ({"what": Shirt(), "x": 1}, True, "with a shirt"),
    ],
)
def test_an_example_is_one_line(example: dict, hidden: bool, line: str) -> None:
    assert told(example, hidden=hidden) == line
