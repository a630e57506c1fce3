"""Exercise 05: metrics, and figures of the predictions."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import torch
from torch import Tensor

from grader.judge.expectations import number, pair, tensor
from grader.judge.handles import Model, handle
from grader.judge.submission import Submission
from grader.learner.compare.scene import (
    Found,
    Keepsake,
    Stage,
    Stopwatch,
    fact,
    info,
    near,
    raised,
    scene,
    take,
)
from grader.learner.compare.scenes.garments import TRAIN, drawn, loaders
from grader.learner.figures import draw_confusion
from grader.materials.garments import CLASSES
from grader.protocol.recipes import Loader, Network

SHOWN: Final = 10


def class_means(submission: Submission, stage: Stage, dropout: float = 0.0) -> Model:
    """A linear model that predicts the class with the nearest mean image."""
    images, labels = (part[:TRAIN] for part in drawn(stage))
    flat = images.flatten(1)
    means = torch.stack([flat[labels == label].mean(0) for label in range(len(CLASSES))])
    layers = [["Flatten"], ["Dropout", dropout], ["Linear", 784, len(CLASSES)]]
    model: Model = submission.build(Network("Layers", {"layers": layers}))
    model.assign({"2.weight": means, "2.bias": -means.square().sum(1) / 2})
    model.move(torch.device(stage.device))
    return model


def unseen(stage: Stage) -> tuple[Tensor, Tensor]:
    """Images and labels to measure on."""
    images, labels = drawn(stage)
    return images[TRAIN:], labels[TRAIN:]


@scene("evaluate", "300 garments in batches of 64, nearest class mean")
def measured(submission: Submission, stage: Stage) -> Found:
    """Loss, accuracy, and whether the modules' modes are restored."""
    model = class_means(submission, stage, dropout=0.5)
    model.set_training({"1": False})
    before = {name: module.training for name, module in model.modules().items()}
    watch = Stopwatch()
    value = submission.call("evaluate", model, loaders(submission, stage)[1], stage.device)
    yield watch.fact()
    loss, accuracy = pair(value, ("loss", "accuracy"))
    yield near("loss", number(loss, "the loss"))
    yield near("accuracy", number(accuracy, "the accuracy"))
    after = {name: module.training for name, module in model.modules().items()}
    yield fact("modes afterwards", "as before" if before == after else "other ones")


@scene("evaluate", "5 garments, the last batch of one; a Dropout of 0.5")
def few(submission: Submission, stage: Stage) -> Found:
    """Dropout must be off, and a short batch must weigh less."""
    images, labels = (part[:5] for part in unseen(stage))
    model = class_means(submission, stage, dropout=0.5)
    loader = submission.build(Loader(images, labels, batch_size=4))
    loss, accuracy = pair(submission.call("evaluate", model, loader, stage.device), ("loss", "acc"))
    yield near("loss", number(loss, "the loss"))
    yield near("accuracy", number(accuracy, "the accuracy"))


@scene("evaluate", "an empty loader")
def empty(submission: Submission, stage: Stage) -> Found:
    """An empty loader must raise."""
    images, labels = (part[:0] for part in unseen(stage))
    loader = submission.build(Loader(images, labels, batch_size=4))
    yield raised("", submission, "evaluate", class_means(submission, stage), loader, stage.device)


@scene("confusion_matrix", "300 garments, 10 classes")
def confused(submission: Submission, stage: Stage) -> Found:
    """The matrix has true classes in its rows and predicted classes in its columns."""
    model = class_means(submission, stage)
    loader = loaders(submission, stage)[1]
    value = submission.call("confusion_matrix", model, loader, len(CLASSES), stage.device)
    matrix = tensor(value, "the confusion matrix")
    yield fact("shape", tuple(matrix.shape))
    yield fact("dtype", str(matrix.dtype).removeprefix("torch."))
    yield Keepsake("matrix", matrix)
    yield fact("images", int(matrix.sum()))
    yield fact("right", int(matrix.diagonal().sum()))
    for label in (0, 2, 6):
        yield fact(f"row of {CLASSES[label]}", matrix[label].tolist())


@scene("confusion_matrix", "five images of the first three classes, num_classes=10")
def absent(submission: Submission, stage: Stage) -> Found:
    """Classes that do not occur also have a row and a column."""
    images, labels = unseen(stage)
    chosen = (labels < 3).nonzero().flatten()[:5]
    loader = submission.build(Loader(images[chosen], labels[chosen], batch_size=4))
    model = class_means(submission, stage)
    value = submission.call("confusion_matrix", model, loader, len(CLASSES), stage.device)
    matrix = tensor(value, "the confusion matrix")
    yield fact("shape", tuple(matrix.shape))
    yield fact("sums of the rows", matrix.sum(1).tolist())


def in_order(pictures: list[dict[str, Any]], classes: Tensor) -> list[dict[str, Any]]:
    """The pictures row by row, or column by column if that fits their titles better."""
    by_line = sorted(pictures, key=lambda picture: picture["place"][::-1])
    by_column = sorted(pictures, key=lambda picture: picture["place"])
    return max(by_line, by_column, key=lambda order: sum(named(order, classes)))


def named(pictures: list[dict[str, Any]], classes: Tensor) -> list[bool]:
    """For each picture, whether its title contains the name of its class."""
    titles = [picture["title"] for picture in pictures]
    return [CLASSES[int(c)] in title for c, title in zip(classes, titles, strict=False)]


@scene("plot_predictions", "10 garments, four of them taken for something else")
def drawn_figure(submission: Submission, stage: Stage) -> Found:
    """What the contract says about the figure."""
    images, labels = (part[:SHOWN] for part in unseen(stage))
    predictions = labels.clone()
    predictions[::3] = (predictions[::3] + 2) % len(CLASSES)
    arguments = (images, labels.tolist(), predictions.tolist(), list(CLASSES))
    figure = handle(submission.call("plot_predictions", *arguments), "figure", "a Figure")
    pictures = in_order(figure.facts["pictures"], predictions)
    yield fact("images in axes", len(pictures))
    wrong = [bool(a != b) for a, b in zip(labels, predictions, strict=True)]
    said = named(pictures, predictions)
    yield fact("prediction in the title", sum(said), f"{sum(said)} of {len(labels)}")
    true = named(pictures, labels)
    corrected = sum(t for t, w in zip(true, wrong, strict=False) if w)
    yield fact("true name in wrong ones", corrected, f"{corrected} of {sum(wrong)}")
    colors: dict[bool, set[str]] = {True: set(), False: set()}
    for picture, is_wrong in zip(pictures, wrong, strict=False):
        colors[is_wrong].add(picture["color"])
    apart = colors[True].isdisjoint(colors[False])
    yield fact("wrong ones", apart, "in another colour" if apart else "in the same colour")
    yield fact("shown on a screen", bool(figure.facts["shown"]))
    yield info("first title", pictures[0]["title"] if pictures else "none")
    yield Keepsake("figure", take(figure))


@scene("plot_predictions", "one colour image")
def single(submission: Submission, stage: Stage) -> Found:
    """A grid of one image, which has three channels."""
    image = torch.rand(1, 3, 8, 8, generator=stage.generator())
    figure = submission.call("plot_predictions", image, [1], [1], list(CLASSES))
    pictures = handle(figure, "figure", "a Figure").facts["pictures"]
    yield fact("images in axes", len(pictures))


def pictures(seen: Mapping[str, Mapping[str, Any]], stage: Stage) -> Iterator[tuple[str, Any]]:
    """Both figures, and both matrices."""
    for side, found in seen.items():
        if "figure" in found and "figure" in seen["yours"]:
            yield f"predictions_{side}", found["figure"]
    square = (len(CLASSES), len(CLASSES))
    matrices = {side: found["matrix"] for side, found in seen.items() if "matrix" in found}
    if "yours" in matrices and all(tuple(m.shape) == square for m in matrices.values()):
        yield "confusion_matrices", draw_confusion(matrices, CLASSES)
