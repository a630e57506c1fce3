"""The checks' view of a learner's code: what crosses the border, and what mistakes look like."""

from pathlib import Path

import pytest
import torch

from grader.check import LearnerError, Mismatch, Model, Submission, handle, number, pair, tensor
from grader.judge.loopback import Loopback
from grader.protocol import codec
from grader.protocol.optuna_trials import ScriptedTrial
from grader.protocol.recipes import Network, Optimizer, Tensors

LEARNER = """
import random
import numpy as np
import torch
from torch import nn
from torch.utils.data import Subset


def echo(value):
    return value


def fails(message):
    raise KeyError(message)


def unfinished():
    raise NotImplementedError("Task 3.1: do it")


def torch_unfinished():
    return torch.nn.Module()(1)


def groups(model):
    return [{"params": (p for p in model.fc.parameters()), "lr": 0.1}]


def first(dataset):
    return Subset(dataset, [1, 0])


def draw(trial):
    x = trial.suggest_float("x", 0.0, 1.0, log=False)
    trial.report(np.float32(x), 3)
    return x, trial.should_prune(), dict(trial.params)


def endless():
    while True:
        yield 1


def liar():
    class Liar:
        def __class__(self):
            raise RuntimeError

    return Liar()
"""


@pytest.fixture
def submission(tmp_path: Path) -> Submission:
    path = tmp_path / "learner.py"
    path.write_text(LEARNER)
    return Submission(Loopback(path), path.name)


@pytest.mark.parametrize(
    "value",
    [None, True, 0, 1, 1.0, "a\ud800b 🎓", (1, [2, (3,)]), {"a": {1: 2.0}}, {1, 2}, float("inf")],
)
def test_plain_values_come_back_as_they_went(submission: Submission, value: object) -> None:
    back = submission.call("echo", value)
    assert back == value
    assert type(back) is type(value)


def test_everything_crosses_through_the_codec(
    submission: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = torch.zeros(2)
    back = submission.call("echo", sent)
    back += 1
    assert sent.tolist() == [0, 0], "the two sides must not share memory"
    with pytest.raises(codec.FrameError, match="cannot be sent"):
        submission.call("echo", object())


def test_an_exception_becomes_its_name_its_text_and_the_learners_line(
    submission: Submission,
) -> None:
    with pytest.raises(LearnerError) as raised:
        submission.call("fails", "no such thing")
    error = raised.value
    assert error.types[:2] == ["KeyError", "LookupError"]
    assert "no such thing" in error.message
    assert error.call == "fails('no such thing')"
    assert error.lines[-1]["code"] == "raise KeyError(message)"
    assert error.own


def test_torchs_own_not_implemented_error_is_not_the_learners(submission: Submission) -> None:
    with pytest.raises(LearnerError) as raised:
        submission.call("torch_unfinished")
    assert raised.value.types[0] == "NotImplementedError"
    assert not raised.value.own


def test_raises_wants_the_named_error_or_a_subclass(submission: Submission) -> None:
    assert "gone" in submission.raises("LookupError", "fails", "gone", because="")
    with pytest.raises(Mismatch, match="without an error"):
        submission.raises("ValueError", "echo", 1, because="it must raise")
    with pytest.raises(Mismatch, match="KeyError"):
        submission.raises("ValueError", "fails", "x", because="it must raise")
    with pytest.raises(LearnerError, match="Task"):
        submission.raises("ValueError", "unfinished", because="it must raise")


def test_models_live_on_the_learners_side_and_are_read_as_data(submission: Submission) -> None:
    recipe = Network("resnet18", seed=5, frozen=["conv1", "layer1"])
    model = submission.build(recipe)
    assert isinstance(model, Model)
    state = model.state()
    reference = recipe.build()
    assert state.keys() == reference.state_dict().keys()
    assert all(torch.equal(state[name], value) for name, value in reference.state_dict().items())
    trainable = {name for name, p in reference.named_parameters() if p.requires_grad}
    assert model.trainable() == trainable
    assert submission.call("echo", model).key == model.key


def test_parameters_keep_their_identity_across_the_border(submission: Submission) -> None:
    model = submission.build(Network("resnet18", device="meta"))
    [group] = submission.call("groups", model)
    keys = {parameter.key for parameter in group["params"]}
    parameters = model.parameters()
    assert keys == {parameters["fc.weight"].key, parameters["fc.bias"].key}
    submission.build(Optimizer("SGD", [group], {"lr": 1.0}))


def test_a_dataset_is_read_item_by_item(submission: Submission) -> None:
    subset = handle(submission.call("first", Tensors([torch.arange(5)])), "subset", "a Subset")
    assert subset.facts["length"] == 2
    assert [int(item[0]) for item in subset.items()] == [1, 0]


def test_a_trial_is_answered_by_the_judge(submission: Submission) -> None:
    trial = ScriptedTrial({"x": 0.5}, prune_after=1)
    assert submission.call("draw", trial) == (0.5, True, {"x": 0.5})
    assert trial.reports == [(3, 0.5)]
    assert trial.suggestions["x"]["high"] == 1.0
    unknown = ScriptedTrial({"y": 0.5})  # a hyperparameter of the learner's own is no mistake
    assert submission.call("draw", unknown)[0] == unknown.suggestions["x"]["low"]


def test_odd_answers_do_not_break_the_judge(submission: Submission) -> None:
    with pytest.raises(LearnerError, match="too many items"):
        submission.call("endless")
    with pytest.raises(LearnerError, match="TypeError"):
        submission.call("liar")
    with pytest.raises(LearnerError, match="defines no function"):
        submission.call("nowhere")


def test_helpers_refuse_what_is_not_promised() -> None:
    assert number(torch.tensor(2.0), "the loss") == 2.0
    assert pair([1, 2], ("a", "b")) == (1, 2)
    for wrong in (True, "1", None, torch.zeros(2)):
        with pytest.raises(Mismatch):
            number(wrong, "the loss")
    with pytest.raises(Mismatch):
        pair((1, 2, 3), ("a", "b"))
    with pytest.raises(Mismatch):
        tensor([1.0], "the output")
    with pytest.raises(Mismatch):
        handle(3, "model", "a model")


def test_reset_forgets_handles_and_surroundings(submission: Submission) -> None:
    before = torch.hub.get_dir()
    submission.install_weights("x.pth", {"a": torch.zeros(1)})
    model = submission.build(Network("SmallNet", {"widths": [2]}))
    assert torch.hub.get_dir() != before
    submission.reset()
    assert torch.hub.get_dir() == before
    with pytest.raises(LearnerError):
        model.state()
