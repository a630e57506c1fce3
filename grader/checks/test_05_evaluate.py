"""The hidden checks of exercise 05."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from grader.check import (
    Handle,
    Model,
    Submission,
    check,
    expect,
    for_all,
    handle,
    number,
    pair,
    tensor,
)
from grader.judge.strategies import (
    DEVICES,
    SEEDS,
    Batches,
    any_batches,
    flags,
    numbers,
    short_batches,
)
from grader.protocol.pretended_device import PRETENDED
from grader.protocol.recipes import Loader, Network

# In training mode, a dropout rate of 1.0 drops everything and BatchNorm uses batch statistics.
RESTLESS = {"widths": [4, 4], "dropouts": [0.0, 0.0, 1.0]}
CLASSES = 10

Data = tuple[Tensor, Tensor]


def restless(seed: int = 0) -> Network:
    """A network whose logits in training mode certainly differ from those in eval mode."""
    return Network("SmallNet", RESTLESS, seed=seed)


def half_right(recipe: Network, count: int, generator: torch.Generator) -> Data:
    """Images and labels of which the model, in eval mode, gets about half right."""
    images = torch.randn(count, 1, 8, 8, generator=generator) * 3 + 1
    predictions = own_logits(recipe, images).argmax(dim=1)
    wrong = torch.randint(0, CLASSES, (count,), generator=generator)
    right = torch.rand(count, generator=generator) < 0.5
    return images, torch.where(right, predictions, wrong)


def own_logits(recipe: Network, images: Tensor) -> Tensor:
    """The logits of the check's own copy of the model, in eval mode."""
    model = recipe.build().eval()
    with torch.no_grad():
        logits: Tensor = model(images)
    return logits


def own_measures(recipe: Network, data: Data) -> tuple[float, float]:
    """Mean loss per sample and accuracy of the check's own copy."""
    logits = own_logits(recipe, data[0])
    loss = nn.functional.cross_entropy(logits, data[1]).item()
    return loss, (logits.argmax(dim=1) == data[1]).float().mean().item()


def own_matrix(recipe: Network, data: Data, num_classes: int) -> Tensor:
    """The confusion matrix of the check's own copy."""
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    for true, predicted in zip(data[1], own_logits(recipe, data[0]).argmax(dim=1), strict=True):
        matrix[true, predicted] += 1
    return matrix


def measured(value: Any) -> tuple[float, float]:
    """The loss and the accuracy that `evaluate` returned."""
    loss, accuracy = pair(value, ("loss", "accuracy"))
    return number(loss, "the loss"), number(accuracy, "the accuracy")


def close(got: float, want: float) -> bool:
    """Whether two measurements agree, up to the order in which sums were computed."""
    return abs(got - want) <= 1e-4 * max(1.0, abs(want))


def expect_both(value: Any, want: tuple[float, float], because: str) -> None:
    """Expect the loss and the accuracy of the check's own copy."""
    loss, accuracy = measured(value)
    swapped = close(accuracy, want[0]) and close(loss, want[1]) and not close(*want)
    order = "The two numbers are swapped: first the loss, then the accuracy."
    expect(not swapped, got=value, want=want, because=order)
    why = (
        "The loss is wrong: give raw logits to the cross-entropy (no softmax), weight the mean of "
        f"each batch by its size, add up, divide once by the number of images. {because}"
    )
    expect(close(loss, want[0]), got=loss, want=want[0], because=why)
    why = (
        "The accuracy is wrong: count, over all batches, the images whose largest logit is that of "
        f"the label, and divide once by the number of images. {because}"
    )
    expect(close(accuracy, want[1]), got=accuracy, want=want[1], because=why)


def expect_either(value: Any, want: tuple[float, float], because: str) -> None:
    """Expect one of the two numbers to be right: another check tests both.

    So a mistake in one of them costs points only once. Neither number is right by chance in every
    example.
    """
    right = [close(got, wanted) for got, wanted in zip(measured(value), want, strict=True)]
    expect(any(right), got=value, want=want, because=because)


def quiet(submission: Submission, recipe: Network) -> Model:
    """The model, in eval mode already: another check tests that the function sets it."""
    model: Model = submission.build(recipe)
    model.set_training(dict.fromkeys(model.modules(), False))
    return model


@check("evaluate.values", weight=3)
@for_all(8, batches=any_batches(full=4), seed=SEEDS)
def test_values(
    submission: Submission, generator: torch.Generator, batches: Batches, seed: int
) -> None:
    """It returns the mean cross-entropy per sample and the fraction of right answers."""
    recipe = Network("SmallNet", {"widths": [4]}, seed=seed)
    data = half_right(recipe, batches.images, generator)
    model = quiet(submission, recipe)
    value = submission.call("evaluate", model, submission.build(Loader(*data, batches.size)), "cpu")
    because = (
        f"Do not round, and do not return a percentage. (Here: images {batches.images}, batch size "
        f"{batches.size}.)"
    )
    expect_both(value, own_measures(recipe, data), because)


@check("evaluate.per_sample", weight=2)
@for_all(6, batches=short_batches())
def test_per_sample(submission: Submission, generator: torch.Generator, batches: Batches) -> None:
    """A short last batch counts by its size, not as much as a full one."""
    recipe = Network("SmallNet", {"widths": [4]})
    images = torch.randn(batches.images, 1, 8, 8, generator=generator)
    predictions = own_logits(recipe, images).argmax(dim=1)
    # Right in the full batches and wrong in the short one, or the other way round.
    short = torch.arange(batches.images) >= batches.images - batches.last
    for wrong in (short, ~short):
        labels = torch.where(wrong, (predictions + 1) % CLASSES, predictions)
        loader = submission.build(Loader(images, labels, batches.size))
        value = submission.call("evaluate", quiet(submission, recipe), loader, "cpu")
        because = (
            f"With batches of {batches.size} images and a last one of {batches.last} the numbers "
            "are not those of all images: add up over all of them and divide once; the mean of the "
            "batches' means is another number."
        )
        loss, accuracy = measured(value)
        wanted = own_measures(recipe, (images, labels))
        expect(close(loss, wanted[0]), got=loss, want=wanted[0], because=because)
        right = close(accuracy, wanted[1]) or close(accuracy / 100, wanted[1])  # a percentage
        expect(right, got=accuracy, want=wanted[1], because=because)


@check("evaluate.eval_mode", weight=3)
@for_all(4, batches=short_batches(2), seed=SEEDS)
def test_eval_mode(
    submission: Submission, generator: torch.Generator, batches: Batches, seed: int
) -> None:
    """It measures in eval mode, so BatchNorm collects no statistics from the images."""
    recipe = restless(seed)
    data = half_right(recipe, batches.images, generator)
    model = submission.build(recipe)
    value = submission.call("evaluate", model, submission.build(Loader(*data, batches.size)), "cpu")
    because = "The model was measured in training mode: `model.eval()` switches its Dropout off."
    expect_either(value, own_measures(recipe, data), because)
    state, before = model.state(), recipe.build().state_dict()
    changed = [name for name in before if not torch.equal(state[name], before[name])]
    because = "Measuring changed the model: BatchNorm collected statistics, or weights changed."
    expect(not changed, got=changed, want="nothing", because=because)


def expect_flags_restored(
    submission: Submission, data: Data, flags: Sequence[bool], function: str, *middle: int
) -> None:
    """Expect a call to leave all training flags as they were; `middle` are its other arguments."""
    model = submission.build(restless())
    wanted = dict(zip(model.modules(), flags, strict=False))
    model.set_training(wanted)
    submission.call(function, model, submission.build(Loader(*data, 4)), *middle, "cpu")
    found = {name: module.training for name, module in model.modules().items()}
    changed = sorted(name or "the model" for name in wanted if found[name] != wanted[name])
    because = (
        "Afterwards some part is in another mode than before. `model.train()` at the end is not "
        "enough: frozen parts were in eval mode. Save every submodule's `training` and restore it."
    )
    expect(not changed, got=changed, want="none", because=because)


MODES = flags(20)  # more than the network has submodules
ALTERNATING = [True, False] * 10


@check("evaluate.flags", weight=2, needs=["evaluate.six_garments"])
@for_all(3, flags=MODES)
def test_flags(submission: Submission, generator: torch.Generator, flags: list[bool]) -> None:
    """The call leaves every submodule's training flag as it was, even if the modes are mixed."""
    data = half_right(restless(), 6, generator)
    for mixed in (flags, ALTERNATING):
        expect_flags_restored(submission, data, mixed, "evaluate")


@check("evaluate.no_gradients")
def test_no_gradients(submission: Submission, generator: torch.Generator) -> None:
    """It computes no gradients."""
    recipe = Network("RecordedNet", {"widths": [4]})
    data = half_right(recipe, 9, generator)
    model = quiet(submission, recipe)
    value = submission.call("evaluate", model, submission.build(Loader(*data, 4)), "cpu")
    because = "Neither the loss nor the accuracy is that of the images in the loader."
    expect_either(value, own_measures(recipe, data), because)
    # An answer that measures a copy of the model leaves no records.
    with_gradients = [call for call in model.records() if call["gradients"]]
    because = "The forward pass kept what a backward pass would need: use `torch.no_grad()`."
    expect(not with_gradients, got=with_gradients, want="none", because=because)


@check("evaluate.device", weight=2)
@for_all(3, batches=any_batches(), device=DEVICES)
def test_evaluate_device(
    submission: Submission, generator: torch.Generator, batches: Batches, device: Any
) -> None:
    """It measures on the device where the model is."""
    recipe = Network("SmallNet", {"widths": [4]})
    data = half_right(recipe, batches.images, generator)
    model, loader = quiet(submission, recipe), submission.build(Loader(*data, batches.size))
    model.move(PRETENDED)
    value = submission.call("evaluate", model, loader, device)
    because = "On a device other than the CPU both numbers are wrong."
    expect_either(value, own_measures(recipe, data), because)


@check("evaluate.empty", needs=["evaluate.six_garments"])
def test_empty(submission: Submission) -> None:
    """A loader without a single batch is a ValueError, not a division by zero."""
    nothing = Loader(torch.zeros(0, 1, 8, 8), torch.zeros(0, dtype=torch.int64), 4)
    because = "Nothing can be measured on an empty loader: raise ValueError."
    model, loader = submission.build(restless()), submission.build(nothing)
    submission.raises("ValueError", "evaluate", model, loader, "cpu", because=because)


def confusion(submission: Submission, model: Model, data: Data, size: int, classes: int) -> Tensor:
    """What `confusion_matrix` returns, as a tensor of the right shape."""
    loader = submission.build(Loader(*data, size))
    value = submission.call("confusion_matrix", model, loader, classes, "cpu")
    return as_matrix(value, classes)


def as_matrix(value: Any, classes: int) -> Tensor:
    """`value` as a tensor (classes, classes)."""
    matrix = tensor(value, "the confusion matrix")
    because = f"With num_classes={classes} the shape is (num_classes, num_classes)."
    fits = matrix.shape == (classes, classes)
    expect(fits, got=tuple(matrix.shape), want=(classes, classes), because=because)
    return matrix


def equal(matrix: Tensor, want: Tensor) -> bool:
    """Whether two matrices hold the same numbers, of whatever dtype."""
    return torch.equal(matrix, want.to(matrix.dtype))


def alike(matrix: Tensor, want: Tensor) -> bool:
    """Whether the counts are right; another check tests which axis is which."""
    return equal(matrix, want) or equal(matrix, want.T)


def one_of_each(classes: int, generator: torch.Generator) -> Data:
    """An image for each label, so that no cell counts twice: another check tests that."""
    images = torch.randn(classes, 1, 8, 8, generator=generator) * 3 + 1
    return images, torch.randperm(classes, generator=generator)


@check("confusion_matrix.counts", weight=4)
@for_all(8, batches=short_batches(2, full=4, size=9), seed=SEEDS)
def test_counts(
    submission: Submission, generator: torch.Generator, batches: Batches, seed: int
) -> None:
    """Rows are true classes, columns predicted ones, and every sample counts once."""
    recipe, count = Network("SmallNet", {"widths": [4]}, seed=seed), batches.images
    data = half_right(recipe, count, generator)
    matrix = confusion(submission, quiet(submission, recipe), data, batches.size, CLASSES)
    want = own_matrix(recipe, data, CLASSES)
    because = (
        f"{count} samples must give {count} counts, not fractions: make one matrix before the "
        "loop, add all batches to it, and count a cell that occurs twice in a batch twice."
    )
    complete = int(matrix.sum()) == count
    expect(complete, got=int(matrix.sum()), want=count, because=because)
    because = "Rows and columns are swapped: a true class is a row, a predicted class a column."
    swapped = equal(matrix, want.T) and not torch.equal(want, want.T)
    expect(not swapped, got=matrix, want=want, because=because)
    because = "Samples are counted in the wrong cells: is the prediction the largest logit?"
    expect(equal(matrix, want), got=matrix, want=want, because=because)


@check("confusion_matrix.eval_mode", weight=2)
@for_all(3, seed=SEEDS, size=numbers(2, 10))
def test_matrix_eval_mode(
    submission: Submission, generator: torch.Generator, seed: int, size: int
) -> None:
    """It counts in eval mode, whatever mode the model was in."""
    recipe = restless(seed)
    data = one_of_each(CLASSES, generator)
    model = submission.build(recipe)
    matrix = confusion(submission, model, data, size, CLASSES)
    want = own_matrix(recipe, data, CLASSES)
    state, before = model.state(), recipe.build().state_dict()
    calm = all(torch.equal(state[name], before[name]) for name in before)
    because = (
        "The model was in training mode while it counted: `model.eval()` switches Dropout off and "
        "keeps BatchNorm from collecting statistics."
    )
    expect(calm and alike(matrix, want), got=matrix, want=want, because=because)


@check("confusion_matrix.more_classes", weight=2)
@for_all(4, classes=numbers(2, 5), more=numbers(1, 6))
def test_more_classes(
    submission: Submission, generator: torch.Generator, classes: int, more: int
) -> None:
    """Classes that do not occur have rows and columns of zeros; the counts are int64."""
    recipe = Network("SmallNet", {"widths": [4], "classes": classes})
    data = one_of_each(classes, generator)
    matrix = confusion(submission, quiet(submission, recipe), data, 4, classes + more)
    want = own_matrix(recipe, data, classes + more)
    because = "A class that never occurs still has its row and its column, at its own index."
    expect(alike(matrix, want), got=matrix, want=want, because=because)
    because = "Counts are whole numbers: the dtype is torch.int64."
    expect(matrix.dtype == torch.int64, got=matrix.dtype, want="torch.int64", because=because)


@check("confusion_matrix.flags", weight=2, needs=["confusion_matrix.shirts"])
@for_all(3, flags=MODES)
def test_matrix_flags(
    submission: Submission, generator: torch.Generator, flags: list[bool]
) -> None:
    """The call leaves every submodule's training flag as it was, even if the modes are mixed."""
    data = half_right(restless(), 6, generator)
    for mixed in (flags, ALTERNATING):
        expect_flags_restored(submission, data, mixed, "confusion_matrix", CLASSES)


@check("confusion_matrix.device", weight=2)
@for_all(3, classes=numbers(3, 12), size=numbers(2, 6), device=DEVICES)
def test_matrix_device(
    submission: Submission, generator: torch.Generator, classes: int, size: int, device: Any
) -> None:
    """It counts on the device where the model is, and returns the matrix on the CPU."""
    recipe = Network("SmallNet", {"widths": [4], "classes": classes})
    data = one_of_each(classes, generator)
    want = own_matrix(recipe, data, classes)
    model, loader = quiet(submission, recipe), submission.build(Loader(*data, size))
    model.move(PRETENDED)
    value = submission.call("confusion_matrix", model, loader, classes, device)
    place = submission.returned_device()
    matrix = as_matrix(value, classes)
    because = "On a device other than the CPU the counts are wrong."
    expect(alike(matrix, want), got=matrix, want=want, because=because)
    because = "The matrix itself must be returned on the CPU, wherever the model is."
    expect(place == "cpu", got=place, want="cpu", because=because)


def drawn(submission: Submission, images: Tensor, *others: object) -> Handle:
    """The figure that `plot_predictions` returns."""
    value = submission.call("plot_predictions", images, *others)
    return handle(value, "figure", "a matplotlib Figure")


def patterns(count: int, channels: int, generator: torch.Generator) -> Tensor:
    """Images (count, channels, 9, 7) in [0, 1] of which no two are alike."""
    grey = torch.rand(count, 1, 9, 7, generator=generator)
    strength = torch.linspace(1.0, 0.6, channels)[:, None, None]  # channels that are not equal
    return grey * strength


def shown_image(picture: dict[str, Any], images: Tensor) -> int:
    """Which of the images a picture shows, however its values are scaled; -1 for none."""
    pixels = picture["pixels"]
    if pixels.shape != tuple(images.shape[2:]):
        return -1
    grey = images.mean(dim=1).flatten(1).numpy()
    alike = [abs(np.corrcoef(one, pixels.ravel())[0, 1]) for one in grey]
    return int(np.argmax(alike)) if max(alike) > 0.8 else -1


def in_order(pictures: list[dict[str, Any]], images: Tensor) -> bool:
    """Whether the images are in order: as they were drawn, row by row or column by column."""
    by_line = sorted(pictures, key=lambda p: (p["place"][1], p["place"][0]))
    by_column = sorted(pictures, key=lambda p: p["place"])
    orders = [[shown_image(p, images) for p in order] for order in (pictures, by_line, by_column)]
    return list(range(len(images))) in orders


# No name is part of another, so that no title contains a second one by accident.
NAMES = ("apple", "bridge", "candle", "dragon", "engine", "forest")


@check("plot_predictions.pictures", weight=2)
def test_pictures(submission: Submission, generator: torch.Generator) -> None:
    """Every image, grey or coloured, is shown once, in order, however few or many there are."""
    for count, channels in ((3, 1), (2, 3), (1, 1), (7, 3), (26, 1)):
        images = patterns(count, channels, generator)
        labels = torch.randint(0, len(NAMES), (count,), generator=generator).tolist()
        figure = drawn(submission, images, labels, labels, NAMES)
        pictures = figure.facts["pictures"]
        because = (
            f"For {count} images the figure has the wrong number of axes with an image: there must "
            "be one for each image and no more (a grid may have empty axes)."
        )
        expect(len(pictures) == count, got=len(pictures), want=count, because=because)
        shown = [shown_image(picture, images) for picture in pictures]
        because = (
            f"Images of shape {tuple(images.shape[1:])} are not shown as they are: imshow wants "
            "(H, W) or (H, W, 3), and `permute`, not `reshape`, moves the channels to the end."
        )
        expect(-1 not in shown, got=shown, want="every image", because=because)
        because = "Show each image once, in the order in which they were given."
        expect(in_order(pictures, images), got=shown, want="in order", because=because)
        because = "The figure is returned, not shown: the caller decides. Leave `plt.show()` out."
        expect(not figure.facts["shown"], got="shown", want="only returned", because=because)


@check("plot_predictions.titles", weight=3)
@for_all(4, images=numbers(2, 6), odd=numbers(0, 1))
def test_titles(submission: Submission, generator: torch.Generator, images: int, odd: int) -> None:
    """A title names the predicted class; if it is wrong, also the true one, in another colour."""
    pixels = patterns(images, 1, generator)
    labels = torch.randint(0, len(NAMES), (images,), generator=generator)
    predictions = torch.where(torch.arange(images) % 2 == odd, labels, (labels + 1) % len(NAMES))
    for kind, others in (
        ("lists", (labels.tolist(), predictions.tolist())),
        ("tensors", (labels, predictions)),
    ):
        pictures = drawn(submission, pixels, *others, NAMES).facts["pictures"]
        expect_titles(
            pictures, pixels, labels, predictions, f"Here labels and predictions are {kind}."
        )


def expect_titles(
    pictures: Sequence[dict[str, Any]],
    images: Tensor,
    labels: Tensor,
    predictions: Tensor,
    note: str,
) -> None:
    """Expect the right names and two colours; `note` tells the type of labels and predictions."""
    colors: dict[bool, set[str]] = {True: set(), False: set()}
    for picture in pictures:
        index = shown_image(picture, images)
        because = "Some axes show none of the images, so their title cannot be right."
        expect(index >= 0, got="another image", want="one of the images", because=because)
        title, label, prediction = picture["title"], int(labels[index]), int(predictions[index])
        because = (
            "The title of an image's own axes does not contain the name of the class predicted for "
            f"it: use `axes.set_title` and `class_names[prediction]`. {note}"
        )
        expect(NAMES[prediction] in title, got=title, want=NAMES[prediction], because=because)
        because = (
            "Where the prediction is wrong, the title must contain the true class's name, too."
        )
        expect(NAMES[label] in title, got=title, want=NAMES[label], because=because)
        colors[label == prediction].add(picture["color"])
    because = "No image is shown, so there are no titles to read."
    expect(all(colors.values()), got=colors, want="titles", because=because)
    because = "Titles of wrong predictions must have another colour than titles of right ones. "
    because += f"Wrong is where label and prediction differ (`!=`). {note}"
    expect(not colors[True] & colors[False], got=colors, want="two colours", because=because)
