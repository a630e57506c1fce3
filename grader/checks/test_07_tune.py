"""The hidden checks of exercise 07."""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from grader.check import (
    LearnerError,
    Mismatch,
    Model,
    Record,
    Submission,
    check,
    expect,
    for_all,
    handle,
    number,
)
from grader.course.settings import Course
from grader.judge.strategies import SEEDS, choices, numbers
from grader.protocol.optuna_trials import BELOW_MEDIAN, PEAK, Objective, ScriptedTrial
from grader.protocol.pretended_device import PRETENDED
from grader.protocol.recipes import Tensors

SIDE = 28
CHOICES: dict[str, list[Any]] = {
    "num_conv_layers": [1, 2, 3],
    "num_filters": [16, 32, 64, 128],
    "kernel_size": [3, 5],
    "num_fc_layers": [1, 2, 3],
    "fc_layer_size": [64, 128, 256],
    "optimizer": ["Adam", "SGD", "RMSprop"],
    "batch_size": [32, 64, 128],
}
RANGES = {"dropout": (0.2, 0.5), "learning_rate": (1e-4, 1e-2), "weight_decay": (1e-6, 1e-2)}
NETWORK = {*list(CHOICES)[:5], "dropout"}
SMALL: dict[str, Any] = {
    "num_conv_layers": 1,
    "num_filters": 16,
    "kernel_size": 3,
    "num_fc_layers": 1,
    "fc_layer_size": 64,
    "dropout": 0.2,
    "learning_rate": 0.01,
    "weight_decay": 1e-6,
    "optimizer": "Adam",
    "batch_size": 32,
}
Data = tuple[Tensor, Tensor]


# ------------------------------------------------------------------------- build_cnn


def expect_space(asked: Mapping[str, Mapping[str, Any]], name: str) -> None:
    """A hyperparameter was drawn under its name, from the values that the contract names."""
    because = f"`{name}` was never drawn from the trial under exactly this name."
    expect(name in asked, got=sorted(asked), want=name, because=because)
    space = asked[name]
    if name in CHOICES:
        found, wanted = space.get("choices", []), CHOICES[name]
        same = len(found) == len(wanted) and all(value in found for value in wanted)
        because = (
            f"`{name}` is drawn from other values than the docstring's, or they are spelt "
            "differently: use a categorical suggestion, or an int one, which includes both of its "
            "ends."
        )
        expect(same, got=space, want=wanted, because=because)
    else:
        low, high = RANGES[name]
        bounds = space.get("low", math.nan), space.get("high", math.nan)
        same = math.isclose(bounds[0], low) and math.isclose(bounds[1], high)
        because = f"`{name}` is drawn from another range than the docstring's, or not as a float."
        expect(same, got=space, want=(low, high), because=because)


def built(submission: Submission, **changes: Any) -> Model:
    """The network for the values of `SMALL` with some changes; lazy layers have their shapes."""
    model = submission.model("build_cnn", ScriptedTrial({**SMALL, **changes}))
    try:
        model.logits(torch.zeros(2, 1, SIDE, SIDE))
    except LearnerError as error:
        if "RuntimeError" not in error.types:
            raise
        drawn = ", ".join(f"{name}={value}" for name, value in changes.items()) or "these values"
        because = (
            f"With {drawn} the network cannot compute its logits: how many of the 28 × 28 pixels "
            "remain after each convolution and pooling, and does the first Linear layer take that "
            "many inputs?"
        )
        raise Mismatch(error.message, "logits", because) from None
    return model


def weights(model: Model, dimensions: int) -> list[tuple[int, ...]]:
    """The shapes of all weights of convolutions (4) or of linear layers (2)."""
    return [p.shape for p in model.parameters().values() if len(p.shape) == dimensions]


@check("build_cnn.search_space", weight=2)
def test_search_space(submission: Submission) -> None:
    """The six hyperparameters are drawn under their names, each from its own values."""
    trial = ScriptedTrial(SMALL)
    submission.model("build_cnn", trial)
    for name in sorted(NETWORK):
        expect_space(trial.suggestions, name)
    others = set(trial.suggestions) - NETWORK
    because = (
        "`build_cnn` must draw exactly the six hyperparameters of the network's shape; it asked "
        "for another one."
    )
    expect(not others, got=others, want="none", because=because)


@check("build_cnn.every_shape_builds", weight=2)
def test_every_shape_builds(submission: Submission) -> None:
    """Deep networks with large kernels work too, for any number of images."""
    for layers in (3, 2, 1):
        for kernel in (5, 3):
            model = built(submission, num_conv_layers=layers, kernel_size=kernel)
            for n in (1, 3):
                shape = model.logits(torch.zeros(n, 1, SIDE, SIDE)).shape
                because = f"{layers} convolutions with kernel {kernel} give no (N, 10) logits for "
                because += f"N={n}."
                expect(shape == (n, 10), got=shape, want=(n, 10), because=because)


def idle(model: Model, dimensions: int) -> list[str]:
    """The weights of convolutions (4) or of linear layers (2) that no gradient reaches."""
    arrived = model.gradients(torch.zeros(2, 1, SIDE, SIDE), torch.zeros(2, dtype=torch.int64))
    shapes = {name: parameter.shape for name, parameter in model.parameters().items()}
    return [n for n, shape in shapes.items() if len(shape) == dimensions and arrived[n] is None]


@check("build_cnn.convolution_shapes", weight=2)
@for_all(
    7,
    layers=numbers(1, 3),
    filters=choices(*CHOICES["num_filters"]),
    kernel=choices(*CHOICES["kernel_size"]),
)
def test_convolution_shapes(submission: Submission, layers: int, filters: int, kernel: int) -> None:
    """There are `num_conv_layers` convolutions, with `num_filters` channels and `kernel_size`."""
    drawn = {"num_conv_layers": layers, "num_filters": filters, "kernel_size": kernel}
    # Only output channels and kernel: inputs may differ (grey copied to three channels, groups).
    shapes = [(s[0], *s[2:]) for s in weights(built(submission, **drawn), 4)]
    expected = [(filters, kernel, kernel)] * layers
    because = (
        f"With num_conv_layers={layers}, num_filters={filters} and kernel_size={kernel} the "
        "convolutions have another number, another number of channels or another kernel size: use "
        "all three values."
    )
    expect(shapes == expected, got=shapes, want=expected, because=because)
    because = (
        "With num_conv_layers=3 a convolution is created but never used: no gradient reaches its "
        "weights. Pass the output of each layer to the next one."
    )
    unused = idle(built(submission, **{**drawn, "num_conv_layers": 3}), 4)
    expect(not unused, got=unused, want="none", because=because)


@check("build_cnn.linear_shapes", weight=2)
@for_all(6, layers=numbers(1, 3), width=choices(*CHOICES["fc_layer_size"]))
def test_linear_shapes(submission: Submission, layers: int, width: int) -> None:
    """There are `num_fc_layers` hidden Linear layers of `fc_layer_size`, then the output layer."""
    shapes = weights(built(submission, num_fc_layers=layers, fc_layer_size=width), 2)
    outputs, inputs = sorted(shape[0] for shape in shapes), [shape[1] for shape in shapes]
    because = (
        f"With num_fc_layers={layers} and fc_layer_size={width} there must be that many hidden "
        "Linear layers, each of that width, and one for the output."
    )
    expected = sorted([width] * layers + [10])
    expect(outputs == expected, got=shapes, want=expected, because=because)
    because = "Each hidden layer must feed the next one, and the last of them the output layer."
    expect(inputs.count(width) >= layers, got=shapes, want=f"{layers} x {width}", because=because)
    because = (
        "With num_fc_layers=3 a Linear layer is created but never used: no gradient reaches its "
        "weights. Pass the output of each layer to the next one."
    )
    unused = idle(built(submission, num_fc_layers=3, fc_layer_size=width), 2)
    expect(not unused, got=unused, want="none", because=because)


def noise(model: Model, images: Tensor, training: bool) -> float:
    """How much the outputs for the same images differ from one pass to the next."""
    passes = [model.logits(images, training=training) for _ in range(12)]
    return float(torch.stack(passes).std(dim=0).mean())


@check("build_cnn.dropout", weight=2)
def test_dropout(submission: Submission, generator: torch.Generator) -> None:
    """Dropout acts in training with the rate that was drawn, and not at all in evaluation."""
    images = torch.rand(48, 1, SIDE, SIDE, generator=generator)
    noises, follows = [], True
    for rate in (0.2, 0.5):
        submission.seed(0)
        model = built(submission, dropout=rate)
        because = (
            "In evaluation mode the outputs vary: Dropout must not act there. "
            "`nn.functional.dropout` needs `training=self.training`."
        )
        expect(noise(model, images, False) == 0, got="noise", want="none", because=because)
        noises.append(noise(model, images, True))
        because = "In training mode nothing is dropped: is there a Dropout layer, and is it used?"
        expect(noises[-1] > 0, got="no noise", want="noise", because=because)
        follows &= rate in [m.rate for m in model.modules().values()]
    # Functional dropout shows no rate, but a higher one makes more noise.
    follows |= noises[1] > 1.2 * noises[0]
    because = "Dropout does not act with the rate that was drawn: pass `dropout` on to it."
    expect(follows, got=noises, want="the drawn rates", because=because)


@check("build_cnn.logits")
def test_logits(submission: Submission, generator: torch.Generator) -> None:
    """It computes logits: no softmax, sigmoid or ReLU after the output layer."""
    images = torch.randn(16, 1, SIDE, SIDE, generator=generator)
    lowest = min(float(built(submission).logits(images).min()) for _ in range(4))
    because = "No output is ever negative: is there an activation after the output layer?"
    expect(lowest < 0, got=lowest, want="a negative logit somewhere", because=because)


# ------------------------------------------------------------------------- objective


def noise_images(generator: torch.Generator, count: int) -> Tensor:
    """Images of random noise."""
    return torch.rand(count, 1, SIDE, SIDE, generator=generator)


def random_data(generator: torch.Generator, count: int) -> Data:
    """Images of random noise, and random labels."""
    return noise_images(generator, count), torch.randint(0, 10, (count,), generator=generator)


def run_trial(
    submission: Submission,
    train: Data,
    val: Data,
    *,
    epochs: int = 1,
    device: Any = "cpu",
    **changes: Any,
) -> tuple[ScriptedTrial, float]:
    """The trial after `objective` has seen it, and the accuracy that came back."""
    submission.seed(0)
    trial = ScriptedTrial({**SMALL, **changes})
    sets = submission.build(Tensors(train)), submission.build(Tensors(val))
    value = submission.call("objective", trial, *sets, epochs=epochs, device=device)
    return trial, number(value, "the returned accuracy")


def reported(trial: ScriptedTrial) -> list[float]:
    """The values of all reports, at least one."""
    because = "Nothing was reported to the trial: `trial.report(accuracy, epoch)`."
    expect(trial.reports, got="no report", want="one per epoch", because=because)
    return [float(value) for _, value in trial.reports]


@check("objective.search_space", weight=1.5)
def test_objective_space(submission: Submission, generator: torch.Generator) -> None:
    """All ten hyperparameters are drawn under their names, each from its own values."""
    data = random_data(generator, 32)
    trial, _ = run_trial(submission, data, data)
    for name in ("learning_rate", "weight_decay", "optimizer", "batch_size"):
        expect_space(trial.suggestions, name)
    missing = NETWORK - set(trial.suggestions)
    because = "The network must be built from the same trial: `build_cnn(trial)`."
    expect(not missing, got=missing, want="none missing", because=because)


@check("objective.log_scale")
def test_log_scale(submission: Submission, generator: torch.Generator) -> None:
    """Learning rate and weight decay are drawn on a log scale."""
    data = random_data(generator, 32)
    trial, _ = run_trial(submission, data, data)
    for name in ("learning_rate", "weight_decay"):
        space = trial.suggestions.get(name, {})
        because = f"`{name}` spans several powers of ten: without `log=True` nearly all draws fall "
        because += "into the largest one."
        expect(space.get("log"), got=space, want="a log scale", because=because)


@check("objective.optimizer", weight=2)
def test_optimizer(submission: Submission, generator: torch.Generator) -> None:
    """The drawn optimizer trains, with the drawn learning rate and weight decay."""
    data = random_data(generator, 96)
    rates = []
    for name, lr, weight_decay in (
        ("Adam", 1e-3, 1e-5),
        ("SGD", 2e-3, 4e-5),
        ("RMSprop", 4e-3, 16e-5),
    ):
        drawn: dict[str, Any] = {
            "optimizer": name,
            "learning_rate": lr,
            "weight_decay": weight_decay,
        }
        with submission.optimizer_steps() as steps:
            run_trial(submission, data, data, **drawn)
        because = "No optimizer of torch took a step."
        expect(steps, got="no step", want="steps", because=because)
        used = {step["optimizer"] for step in steps}
        because = (
            f"With optimizer={name} another one takes the steps: choose the class by the drawn "
            "name."
        )
        expect(used == {name}, got=used, want=name, because=because)
        groups = [group for step in steps for group in step["groups"]]
        rates.append([max(group[key] for group in groups) for key in ("lr", "weight_decay")])
    # Twice the rate, twice the highest rate: that holds under a warm-up schedule too.
    for position, name, factor in ((0, "learning_rate", 2), (1, "weight_decay", 4)):
        values = [rate[position] for rate in rates]
        follows = values[0] > 0 and all(
            math.isclose(later, earlier * factor, rel_tol=1e-3)
            for earlier, later in pairwise(values)
        )
        because = f"The optimizer's `{name}` is not the one that was drawn: pass it on."
        expect(follows, got=values, want=f"{factor} times as much each", because=because)


@check("objective.batch_size", weight=1.5)
@for_all(2, batches=numbers(4, 5), more=numbers(2, 31))  # no batch of one: BatchNorm needs two
def test_batch_size(
    submission: Submission, generator: torch.Generator, batches: int, more: int
) -> None:
    """An epoch takes one step for each batch of the drawn batch size."""
    train, val = random_data(generator, 32 * batches + more), random_data(generator, 20)
    for batch_size in CHOICES["batch_size"]:
        with submission.optimizer_steps() as steps:
            run_trial(submission, train, val, batch_size=batch_size)
        # The contract does not say whether the last short batch is used.
        allowed = {len(train[0]) // batch_size, math.ceil(len(train[0]) / batch_size)}
        because = f"With batch_size={batch_size} an epoch takes another number of steps: give the "
        because += "drawn size to the DataLoader, and take one step for every batch."
        expect(len(steps) in allowed, got=len(steps), want=allowed, because=because)


@check("objective.report_every_epoch", weight=1.5)
@for_all(2, several=numbers(2, 5))
def test_report_every_epoch(
    submission: Submission, generator: torch.Generator, several: int
) -> None:
    """Each epoch's accuracy is reported once, as a fraction, with a step of its own."""
    for epochs in (1, several):
        train, val = random_data(generator, 32), random_data(generator, 30)
        trial, _ = run_trial(submission, train, val, epochs=epochs)
        values = reported(trial)
        because = (
            f"With epochs={epochs} there must be that many reports: one at the end of each epoch."
        )
        expect(len(values) == epochs, got=len(values), want=epochs, because=because)
        steps = {step for step, _ in trial.reports}
        because = "Two reports have the same step: Optuna ignores the second. Pass the epoch."
        expect(len(steps) == epochs, got=steps, want=f"{epochs} different", because=because)
        because = "Report an accuracy, a fraction in [0, 1], not a loss or a percentage."
        expect(all(0 <= v <= 1 for v in values), got=values, want="in [0, 1]", because=because)


def always(generator: torch.Generator, label: int, count: int) -> Data:
    """Images of random noise, all with one label: a network soon learns to answer nothing else."""
    return noise_images(generator, count), torch.full((count,), label)


@check("objective.validation_set", weight=2)
def test_validation_set(submission: Submission, generator: torch.Generator) -> None:
    """The network learns from `train_set`; its accuracy is measured on `val_set`, per sample."""
    label = int(torch.randint(0, 10, (), generator=generator))
    # A network that always answers `label` is right for the first 10 of these 100, in whatever
    # batches they come; one that has learnt from these labels gives the other answer.
    labels = torch.tensor([label] * 10 + [(label + 1) % 10] * 90)
    val = noise_images(generator, 100), labels
    trial, _ = run_trial(submission, always(generator, label, 320), val, epochs=3)
    value = reported(trial)[-1]
    because = (
        "The accuracy is not the fraction of validation images that are classified correctly: "
        "train on `train_set`, measure on all of `val_set`, count right answers and divide once."
    )
    expect(math.isclose(value, 0.1, abs_tol=1e-6), got=value, want=0.1, because=because)


@check("objective.last_accuracy", weight=0.5)
def test_last_accuracy(submission: Submission, generator: torch.Generator) -> None:
    """It returns the last accuracy, not the best one."""
    # `label` is never right here, so the accuracy falls while the network learns to answer it. A
    # fresh network may always answer one of the two labels, but not both.
    for label in (3, 4):
        labels = torch.tensor([other for other in range(10) if other != label]).repeat(5)
        val = noise_images(generator, len(labels)), labels
        drawn: dict[str, Any] = {"optimizer": "SGD", "learning_rate": 2e-3}
        train = always(generator, label, 32)
        trial, accuracy = run_trial(submission, train, val, epochs=12, **drawn)
        last = reported(trial)[-1]
        because = "An earlier, better accuracy came back: return that of the last epoch."
        same = math.isclose(accuracy, last, abs_tol=1e-6)
        expect(same, got=accuracy, want=last, because=because)


@check("objective.eval_mode", weight=1.5)
def test_eval_mode(submission: Submission, generator: torch.Generator) -> None:
    """Validation runs in eval mode: Dropout does not act."""
    # All images are the same one, and a tenth of them has each label. Without Dropout the network
    # gives all of them one answer, whichever it is, and a tenth is right.
    image = 5 * noise_images(generator, 1)
    val = image.repeat(200, 1, 1, 1), torch.arange(200) % 10
    train = random_data(generator, 32)
    drawn = {"learning_rate": 1e-4, "dropout": 0.5, "num_fc_layers": 3}
    trial, _ = run_trial(submission, train, val, epochs=4, **drawn)
    values = reported(trial)
    because = "The same image got different answers: call `model.eval()` before measuring."
    right = all(math.isclose(value, 0.1, abs_tol=1e-6) for value in values)
    expect(right, got=values, want="0.1 each", because=because)


def textures(generator: torch.Generator, count: int) -> Data:
    """Images that are dark, bright, or have horizontal or vertical stripes, which is the label.

    The same everywhere in the image, so that a network that averages over all places learns, too.
    """
    labels = torch.arange(count) % 4
    images = 0.3 * noise_images(generator, count)
    images[labels == 1] += 0.7
    images[labels == 2, :, ::2] += 0.7
    images[labels == 3, :, :, ::2] += 0.7
    return images, labels


@check("objective.learns", weight=2)
def test_learns(
    submission: Submission, generator: torch.Generator, course: Course, record_property: Record
) -> None:
    """With good hyperparameters it learns to tell dark, bright and two kinds of stripes apart."""
    train, val = textures(generator, 320), textures(generator, 80)
    with submission.optimizer_steps() as steps:
        one_class = train[0], torch.zeros_like(train[1])
        run_trial(submission, one_class, val, optimizer="SGD", learning_rate=1e-4)
    # As long as hardly anything is learnt, all batches of one class have much the same gradient.
    norms = [step["gradient"] for step in steps]
    because = "The gradients of earlier batches are added to those of later ones: clear them "
    because += "(`optimizer.zero_grad()`) before each `loss.backward()`."
    grows = norms and norms[-1] > 4 * norms[0]
    expect(not grows, got=norms, want="about the same in each step", because=because)
    threshold, accuracy = course.thresholds.trained_accuracy, 0.0
    for learning_rate in (5e-3, 1e-2):  # what is good depends on the network
        _, value = run_trial(submission, train, val, epochs=15, learning_rate=learning_rate)
        accuracy = max(accuracy, value)
        if accuracy >= threshold:
            break
    record_property("accuracy", accuracy)
    record_property("wanted", threshold)
    because = (
        "It learns too little to tell four kinds of images apart: does `optimizer.step()` follow "
        "each `loss.backward()`, and is one network, built once, trained in all epochs?"
    )
    expect(accuracy >= threshold, got=accuracy, want=threshold, because=because)


@check("objective.trial_pruned", weight=2)
def test_trial_pruned(submission: Submission, generator: torch.Generator) -> None:
    """As soon as the trial should be pruned, training stops with `optuna.TrialPruned`."""
    sets = [submission.build(Tensors(random_data(generator, 32))) for _ in range(2)]
    for prune_after in (1, 3):
        trial = ScriptedTrial(SMALL, prune_after=prune_after)
        because = (
            "The trial should be pruned: ask `should_prune()` after each report, raise "
            "`optuna.TrialPruned` if it returns True, and do not catch that exception yourself."
        )
        arguments: dict[str, Any] = {"epochs": 5, "device": "cpu", "because": because}
        with submission.optimizer_steps() as steps:
            submission.raises("TrialPruned", "objective", trial, *sets, **arguments)
        reports = len(trial.reports)
        because = (
            "Training went on after the trial should have been pruned, or stopped before that: ask "
            "`should_prune()` after every report."
        )
        expect(reports == prune_after, got=reports, want=prune_after, because=because)
        because = "One more epoch was trained before the trial was pruned: report first, then ask."
        # All images make one batch. Steps taken without an optimizer of torch are not counted.
        expect(len(steps) <= prune_after, got=len(steps), want=prune_after, because=because)


@check("objective.device")
def test_device(submission: Submission, generator: torch.Generator) -> None:
    """The network and every batch, of training and of validation, are moved to `device`."""
    train, val = random_data(generator, 40), random_data(generator, 20)
    trial, _ = run_trial(submission, train, val, device=PRETENDED)
    reported(trial)


# ------------------------------------------------------------------------- run_study


def study_of(
    submission: Submission, n_trials: int, objective: str = "smooth", seed: int = 5, **options: Any
) -> dict[str, Any]:
    """The facts of the study that `run_study` returns."""
    value = submission.call("run_study", Objective(objective), n_trials, seed=seed, **options)
    return dict(handle(value, "study", "an optuna.Study").facts)


def finished(study: dict[str, Any]) -> int:
    """How many trials are complete or pruned."""
    return sum(trial["state"] in ("COMPLETE", "PRUNED") for trial in study["trials"])


def drawn_by(study: dict[str, Any]) -> list[Any]:
    """What each trial drew, in order."""
    return [trial["params"].get("x") for trial in study["trials"]]


@check("run_study.number_of_trials")
@for_all(3, trials=numbers(1, 4), seed=SEEDS)  # none is pruned before the sixth
def test_number_of_trials(submission: Submission, trials: int, seed: int) -> None:
    """It runs `n_trials` trials; without a storage each call starts a new study."""
    for n_trials in (trials + 1, trials):
        study = study_of(submission, n_trials, seed=seed)
        because = (
            f"With n_trials={n_trials} and without a storage the study has the wrong number of "
            "trials: every such call must start a new study, without the trials of an earlier one."
        )
        expect(finished(study) == n_trials, got=study, want=n_trials, because=because)
        values = [trial["value"] for trial in study["trials"]]
        expected = [1 - (x - PEAK) ** 2 for x in drawn_by(study)]
        because = "The values in the study are not those of `objective`."
        same = all(math.isclose(a, b) for a, b in zip(values, expected, strict=True) if a)
        expect(same, got=values, want=expected, because=because)


@check("run_study.best_is_largest")
def test_best_is_largest(submission: Submission) -> None:
    """The study's best trial is the one with the largest value."""
    study = study_of(submission, 5)
    values = [trial["value"] for trial in study["trials"] if trial["value"] is not None]
    because = 'The study minimises: create it with direction="maximize".'
    right = study["direction"] == "MAXIMIZE" and study["best"] == max(values, default=None)
    expect(right, got=study["best"], want="the largest value", because=because)


@check("run_study.seeded_tpe", weight=2)
def test_seeded_tpe(submission: Submission, generator: torch.Generator) -> None:
    """A TPE sampler draws the same values for the same seed, and others for another seed."""
    seed = int(torch.randint(0, 1000, (), generator=generator))
    first = study_of(submission, 14, seed=seed)
    because = "The study's sampler is not TPE: pass `sampler=`."
    expect("TPESampler" in first["sampler"], got=first["sampler"], want="TPE", because=because)
    again, other = study_of(submission, 14, seed=seed), study_of(submission, 14, seed=seed + 1)
    because = "Two studies with the same seed drew different values: give the sampler the seed."
    same = drawn_by(first) == drawn_by(again)
    expect(same, got=drawn_by(again), want=drawn_by(first), because=because)
    because = "Another seed drew the same values: `seed` must reach the sampler."
    expect(drawn_by(first) != drawn_by(other), got="the same", want="others", because=because)
    because = (
        "With seed=0 two studies drew different values: 0 is a seed, too, though it counts as "
    )
    because += "false in an `if` or an `or`."
    zeros = [drawn_by(study_of(submission, 3, seed=0)) for _ in range(2)]
    expect(zeros[0] == zeros[1], got=zeros[1], want=zeros[0], because=because)


@check("run_study.median_pruner", weight=1.5, needs=["run_study.best_is_largest"])
def test_median_pruner(submission: Submission) -> None:
    """A median pruner stops trials that are worse than most, and no others."""
    study = study_of(submission, BELOW_MEDIAN.stop + 1, "below_median_later")
    because = "The study's pruner is not the median pruner: pass `pruner=`."
    expect("PercentilePruner" in study["pruner"], got=study["pruner"], want="", because=because)
    pruned = {trial["number"] for trial in study["trials"] if trial["state"] == "PRUNED"}
    because = (
        "Trials that reported less than the median of earlier ones were not stopped, or others "
        "were: use the median pruner, not another percentile."
    )
    expect(pruned == set(BELOW_MEDIAN), got=pruned, want=BELOW_MEDIAN, because=because)


@check("run_study.resumes_object", weight=2)
@for_all(3, first=numbers(1, 3), more=numbers(1, 2), seed=SEEDS)
def test_resumes_object(submission: Submission, first: int, more: int, seed: int) -> None:
    """With a storage object a second call resumes the study and keeps its trials."""
    storage = submission.storage("object")
    # With another seed a study that starts over draws other values.
    before = drawn_by(study_of(submission, first, storage=storage, seed=seed))
    after = drawn_by(study_of(submission, first + more, storage=storage, seed=seed + 1))
    because = (
        "The second call did not resume the study: it lost the trials (does `storage` reach "
        "`create_study`?), or ran `n_trials` new ones instead of only the missing ones."
    )
    right = len(before) == first and len(after) == first + more and after[:first] == before
    want = f"{first}, then {more} more"
    expect(right, got=(before, after), want=want, because=because)


@check("run_study.resumed_seed", weight=0.5, needs=["run_study.resumes_object"])
def test_resumed_seed(submission: Submission) -> None:
    """A resumed study is seeded, too: the same two calls draw the same values again."""
    draws = []
    for _ in range(2):
        storage = submission.storage("object")
        for n_trials in (2, 5):
            study = study_of(submission, n_trials, storage=storage)
        draws.append(drawn_by(study))
    because = "The second call drew other values than before: pass the seeded sampler when an old "
    because += "study is loaded, too."
    expect(draws[0] == draws[1], got=draws[1], want=draws[0], because=because)


@check("run_study.pruned_trials_count", weight=1.5, needs=["run_study.resumes_object"])
def test_pruned_trials_count(submission: Submission) -> None:
    """Pruned trials count as finished, in the first call and when a study is resumed."""
    storage = submission.storage("object")
    first, last = BELOW_MEDIAN.start, BELOW_MEDIAN.stop
    for n_trials in (last - 1, last - 1, last + 2):
        study = study_of(submission, n_trials, "below_median_later", storage=storage)
        because = (
            f"With n_trials={n_trials}, where the trials from {first} on are pruned, the study has "
            "the wrong number of finished ones: a pruned trial is not a failed one."
        )
        found = finished(study)
        expect(found == n_trials, got=found, want=n_trials, because=because)


@check("run_study.resumes_url")
def test_resumes_url(submission: Submission) -> None:
    """With the URL of a database, too, a second call resumes the study."""
    storage = submission.storage("url")
    before = drawn_by(study_of(submission, 1, storage=storage, seed=5))
    after = drawn_by(study_of(submission, 3, storage=storage, seed=6))
    because = "A study in a database was not resumed: its trial was lost, or counted wrongly."
    right = len(before) == 1 and len(after) == 3 and after[:1] == before
    expect(right, got=(before, after), want="1 trial, then 2 more", because=because)


@check("run_study.enough_trials", weight=1.5, needs=["run_study.resumes_object"])
def test_enough_trials(submission: Submission) -> None:
    """When there are enough trials already, none is run."""
    storage = submission.storage("object")
    for n_trials, expected in ((0, 0), (4, 4), (4, 4), (2, 4)):
        found = len(study_of(submission, n_trials, storage=storage)["trials"])
        because = "A trial was run although the study had enough of them."
        expect(found == expected, got=found, want=expected, because=because)


@check("run_study.failed_trials", weight=1.5, needs=["run_study.resumes_object"])
def test_failed_trials(submission: Submission) -> None:
    """Failed and unfinished trials do not count: a second call runs others instead of them."""
    # The first call may already do so itself.
    storage = submission.storage("object")
    for _ in range(2):
        study = study_of(submission, 4, "failing_at_first", storage=storage)
    failed = len(study["trials"]) - finished(study)
    because = "Trials that failed were counted as finished, or the study does not go on after them."
    right = finished(study) == 4 and failed == 2
    expect(right, got=(finished(study), failed), want="4 finished, 2 failed", because=because)
    study = study_of(submission, 2, storage=submission.storage("unfinished"))
    because = (
        "A trial that is still running, or whose program was killed, was counted as finished: "
        "count those that are complete or pruned."
    )
    expect(finished(study) == 2, got=finished(study), want=2, because=because)


@check("run_study.study_name", needs=["run_study.resumes_object"])
def test_study_name(submission: Submission) -> None:
    """Studies of different names in one storage stay apart; the default name is "fashion"."""
    storage = submission.storage("object")
    shoes, fashion = {"study_name": "shoes"}, {"study_name": "fashion"}
    calls: list[tuple[int, dict[str, Any]]] = [(2, {}), (1, shoes), (3, fashion)]
    for n_trials, options in calls:
        name = options.get("study_name", "fashion")
        study = study_of(submission, n_trials, storage=storage, **options)
        because = "The study has another name than `study_name` says."
        expect(study["name"] == name, got=study["name"], want=name, because=because)
        because = f"The study named {name!r} has trials of another one, or has lost its own."
        found = len(study["trials"])
        expect(found == n_trials, got=found, want=n_trials, because=because)
