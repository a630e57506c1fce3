"""Exercise 07: hyperparameter search."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import optuna
import torch

from grader.judge.expectations import number
from grader.judge.handles import Handle, handle
from grader.judge.submission import Submission
from grader.learner.compare.scene import (
    Found,
    Keepsake,
    Stage,
    Stopwatch,
    fact,
    give,
    info,
    own_function,
    raised,
    scene,
    take,
)
from grader.learner.figures import draw_importances, draw_search
from grader.materials.garments import draw_garments
from grader.protocol.optuna_trials import Objective, ScriptedTrial
from grader.protocol.recipes import Tensors

SMALL: Final[dict[str, Any]] = {
    "num_conv_layers": 1,
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
LARGE: Final = SMALL | {
    "num_conv_layers": 3,
    "num_filters": 64,
    "kernel_size": 5,
    "num_fc_layers": 2,
    "fc_layer_size": 128,
}
TRAIN, VAL = 200, 100
TRIALS, EPOCHS = 10, 3


def garments(submission: Submission, stage: Stage) -> list[Handle]:
    """A training set and a validation set: images (1, 28, 28) and their classes."""
    images, labels = draw_garments(TRAIN + VAL, stage.seed)
    images = images[:, None] / 255
    parts = (images[:TRAIN], labels[:TRAIN]), (images[TRAIN:], labels[TRAIN:])
    return [submission.build(Tensors(list(part))) for part in parts]


def space(question: Mapping[str, Any]) -> str:
    """The choices or the range of a hyperparameter, in a few words."""
    if "choices" in question:  # sorted, because their order does not matter
        return ", ".join(map(str, sorted(question["choices"])))
    return f"{question['low']:g} to {question['high']:g}" + (", log" if question["log"] else "")


@scene("build_cnn", "what it asks the trial for")
def questions(submission: Submission, stage: Stage) -> Found:
    """The names and the ranges of the hyperparameters."""
    trial = ScriptedTrial(SMALL)
    submission.model("build_cnn", trial)
    for name in sorted(trial.suggestions):
        yield fact(name, space(trial.suggestions[name]))


@scene("build_cnn", "two networks")
def networks(submission: Submission, stage: Stage) -> Found:
    """The networks that are built from two sets of hyperparameters."""
    for label, answers in (("small", SMALL), ("large", LARGE)):
        model = submission.model("build_cnn", ScriptedTrial(answers))
        images = torch.rand(3, 1, 28, 28, generator=stage.generator())
        yield fact(f"{label}: logits", tuple(model.logits(images).shape))
        shapes = [p.shape for p in model.parameters().values()]
        convolutions = [(s[0], *s[2:]) for s in shapes if len(s) == 4]
        yield fact(f"{label}: convolutions", convolutions)
        yield fact(f"{label}: linear layers", [s[0] for s in shapes if len(s) == 2])
        total = sum(torch.Size(shape).numel() for shape in shapes)
        yield info(f"{label}: parameters", total)


@scene("objective", f"{TRAIN} garments, 4 epochs, a small network")
def one_trial(submission: Submission, stage: Stage) -> Found:
    """A trial that runs to its last epoch."""
    trial = ScriptedTrial(SMALL)
    arguments = (trial, *garments(submission, stage))
    watch = Stopwatch()
    value = submission.call("objective", *arguments, epochs=4, device=stage.device)
    yield watch.fact()
    accuracy = number(value, "the returned accuracy")
    reports = [float(report) for _, report in trial.reports]
    yield fact("asks for", sorted(trial.suggestions), f"{len(trial.suggestions)} hyperparameters")
    yield fact("reports", len(reports))
    yield fact("returns the last report", bool(reports) and abs(reports[-1] - accuracy) < 1e-6)
    yield info(
        "validation accuracy", accuracy, f"{accuracy:.1%}"
    )  # any CNN of that shape is allowed


@scene("objective", "a trial that is to be pruned after two epochs")
def pruned(submission: Submission, stage: Stage) -> Found:
    """What a pruned trial raises, and when."""
    trial = ScriptedTrial(SMALL, prune_after=2)
    sets = garments(submission, stage)
    yield raised("raises", submission, "objective", trial, *sets, epochs=4, device=stage.device)
    yield fact("reports until then", len(trial.reports))


@scene("run_study", "a hill with its top at x = 0.25, 8 trials, seed=1")
def climbed(submission: Submission, stage: Stage) -> Found:
    """The study's direction, sampler, pruner and trials."""
    with quiet():
        value = submission.call("run_study", Objective("smooth"), 8, seed=1)
    study = handle(value, "study", "an optuna.Study").facts
    yield fact("trials", len(study["trials"]))
    yield fact("direction", study["direction"])
    yield fact("a TPE sampler", "TPESampler" in study["sampler"])
    yield info("pruner", study["pruner"][0])  # any that acts like a median pruner is allowed
    yield info("best value", study["best"])
    with quiet():
        again = submission.call("run_study", Objective("smooth"), 8, seed=1).facts
    yield fact("seed=1 again: same trials", trials(again) == trials(study))


@scene("run_study", "a storage: 3 trials, then n_trials=5, then n_trials=4")
def resumed(submission: Submission, stage: Stage) -> Found:
    """A study that is resumed from its storage."""
    storage = submission.storage("object")
    for n_trials in (3, 5, 4):
        with quiet():
            value = submission.call("run_study", Objective(), n_trials, seed=1, storage=storage)
        study = handle(value, "study", "an optuna.Study").facts
        yield fact(f"trials after n_trials={n_trials}", len(study["trials"]))


def trials(study: Mapping[str, Any]) -> list[Any]:
    """The parameters of each trial."""
    return [trial["params"] for trial in study["trials"]]


@scene("run_study", f"your `objective`, {TRIALS} trials of {EPOCHS} epochs")
def searched(submission: Submission, stage: Stage) -> Found:
    """A search with the learner's own `objective`, for the pictures."""
    sets = garments(submission, stage)
    with quiet():
        watch = Stopwatch()
        value = submission.call(
            "run_study", give(submission, whole(submission, sets, stage)), TRIALS, seed=stage.seed
        )
    yield watch.fact()
    study = handle(value, "study", "an optuna.Study")
    states = [trial["state"] for trial in study.facts["trials"]]
    yield fact("finished trials", sum(state in ("COMPLETE", "PRUNED") for state in states))
    yield info("pruned", states.count("PRUNED"))
    yield info("best accuracy", study.facts["best"])
    best = take(study).best_params
    for name in ("num_conv_layers", "num_filters", "optimizer"):
        yield info(f"best {name}", best.get(name))
    yield Keepsake("study", take(study))


def whole(submission: Submission, sets: list[Handle], stage: Stage) -> Callable[[Any], float]:
    """The learner's own `objective` with all arguments set except the trial."""
    objective = own_function(submission, "objective")
    train_set, val_set = map(take, sets)
    return lambda trial: objective(trial, train_set, val_set, epochs=EPOCHS, device=stage.device)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna from logging every trial."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(level)


def pictures(seen: Mapping[str, Mapping[str, Any]], stage: Stage) -> Iterator[tuple[str, Any]]:
    """Both searches in one figure, and the hyperparameter importances of the learner's."""
    studies = {side: found["study"] for side, found in seen.items() if "study" in found}
    if "study" not in seen["yours"]:
        return
    yield "optimization_history", draw_search(studies)
    complete = [t for t in seen["yours"]["study"].trials if t.state.name == "COMPLETE"]
    if len(complete) > 1:
        yield "param_importances", draw_importances(seen["yours"]["study"])
