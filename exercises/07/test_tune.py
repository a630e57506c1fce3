"""The visible checks of exercise 07."""

from typing import Any

import torch

from grader.check import Handle, Submission, check, expect, handle, number
from grader.protocol.optuna_trials import Objective, ScriptedTrial
from grader.protocol.recipes import Tensors

# What the trial answers: a small network, so that the checks are quick.
ANSWERS: dict[str, Any] = {
    "num_conv_layers": 2,
    "num_filters": 16,
    "kernel_size": 3,
    "num_fc_layers": 1,
    "fc_layer_size": 64,
    "dropout": 0.2,
    "learning_rate": 0.003,
    "weight_decay": 1e-5,
    "optimizer": "Adam",
    "batch_size": 32,
}
NETWORK = list(ANSWERS)[:6]


def random_garments(submission: Submission, count: int) -> Handle:
    """A dataset of noise, which is all that these checks need."""
    numbers = torch.Generator().manual_seed(count)
    images = torch.rand(count, 1, 28, 28, generator=numbers)
    dataset: Handle = submission.build(Tensors([images, torch.arange(count) % 10]))
    return dataset


@check("build_cnn.ten_logits")
def test_ten_logits(submission: Submission) -> None:
    """The network gives one logit for each of the ten classes."""
    model = submission.model("build_cnn", ScriptedTrial(ANSWERS))
    logits = model.logits(torch.rand(3, 1, 28, 28, generator=torch.Generator().manual_seed(0)))
    expect(
        logits.shape == (3, 10),
        got=f"an output of shape {tuple(logits.shape)} for 3 images",
        want="(3, 10)",
        because="The last Linear layer has ten outputs, one for each class.",
    )


@check("build_cnn.what_it_asks")
def test_what_it_asks(submission: Submission) -> None:
    """It asks the trial for the six hyperparameters of its shape, by their names."""
    trial = ScriptedTrial(ANSWERS)
    submission.model("build_cnn", trial)
    expect(
        sorted(trial.suggestions) == sorted(NETWORK),
        got=f"it asked for {sorted(trial.suggestions)}",
        want=sorted(NETWORK),
        because="Optuna remembers what it has tried by these names: spell them as the docstring "
        "does.",
    )


@check("build_cnn.convolutions")
def test_convolutions(submission: Submission) -> None:
    """Two layers of 16 filters of size 3: two convolutions of that kind, and no other."""
    model = submission.model("build_cnn", ScriptedTrial(ANSWERS))
    model.logits(torch.zeros(1, 1, 28, 28))  # lazy layers get their shapes now
    shapes = [p.shape for p in model.parameters().values() if len(p.shape) == 4]
    expect(
        [(shape[0], *shape[2:]) for shape in shapes] == [(16, 3, 3), (16, 3, 3)],
        got=f"convolution weights of shape {shapes}",
        want="two, with 16 output channels and 3 x 3 kernels",
        because="What the trial answers must decide how the network is built, and layers in a "
        "plain list are not part of a module: use `nn.Sequential` or `nn.ModuleList`.",
    )


@check("objective.reports")
def test_reports(submission: Submission) -> None:
    """Two epochs give two reports, and the last one is what the function returns."""
    trial = ScriptedTrial(ANSWERS)
    sets = random_garments(submission, 64), random_garments(submission, 40)
    value = submission.call("objective", trial, *sets, epochs=2, device="cpu")
    accuracy = number(value, "the returned accuracy")
    reported = [report for _, report in trial.reports]
    expect(
        len(reported) == 2,
        got=f"{len(reported)} reports",
        want="2",
        because="After every epoch tell the trial the accuracy that was reached: "
        "`trial.report(accuracy, epoch)`.",
    )
    expect(
        abs(reported[-1] - accuracy) < 1e-6 and 0 <= accuracy <= 1,
        got=f"reports {reported}, then {accuracy}",
        want="the last report once more, a fraction in [0, 1]",
        because="The value of a trial is its last validation accuracy.",
    )


@check("objective.prunes")
def test_prunes(submission: Submission) -> None:
    """When the trial says so after the first epoch, training stops with `TrialPruned`."""
    trial = ScriptedTrial(ANSWERS, prune_after=1)
    sets = random_garments(submission, 64), random_garments(submission, 40)
    because = "After each report ask `trial.should_prune()`; raise the exception, do not return."
    submission.raises(
        "TrialPruned", "objective", trial, *sets, epochs=3, device="cpu", because=because
    )
    expect(
        len(trial.reports) == 1,
        got=f"{len(trial.reports)} epochs were reported",
        want="1, and then no more",
        because="Ask after every report: each epoch of a hopeless trial is wasted.",
    )


@check("run_study.maximises")
def test_maximises(submission: Submission) -> None:
    """Six trials, and the best of them is the one with the largest value."""
    value = submission.call("run_study", Objective("smooth"), 6, seed=1)
    study = handle(value, "study", "an optuna.Study").facts
    states = [trial["state"] for trial in study["trials"]]
    expect(
        len(states) == 6,
        got=f"{len(states)} trials",
        want="6",
        because="`n_trials` is the number of trials to run.",
    )
    expect(
        study["direction"] == "MAXIMIZE",
        got=f"direction {study['direction']}",
        want="MAXIMIZE",
        because="Optuna minimises unless it is told otherwise, and the value is an accuracy.",
    )


@check("run_study.resumes")
def test_resumes(submission: Submission) -> None:
    """With a storage, a second call resumes the study: 3 trials, then 5 in total."""
    storage = submission.storage("object")
    first: list[Any] = []
    for n_trials, seed in ((3, 1), (5, 2)):
        value = submission.call("run_study", Objective(), n_trials, seed=seed, storage=storage)
        trials = handle(value, "study", "an optuna.Study").facts["trials"]
        expect(
            len(trials) == n_trials and trials[: len(first)] == first,
            got=f"{len(trials)} trials after the call with n_trials={n_trials}"
            + ("" if trials[: len(first)] == first else ", and those of the first call are lost"),
            want=f"{n_trials} in total, those of earlier calls among them",
            because="`n_trials` counts all finished trials of the study, those of earlier calls "
            "too; `storage` and `load_if_exists=True` find them.",
        )
        first = trials
