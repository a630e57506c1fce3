"""The visible checks of exercise 05."""

import torch
from torch import Tensor

from grader.check import Model, Submission, check, expect, handle, number, pair, tensor
from grader.protocol.recipes import Loader, Network

NAMES = ["T-shirt/top", "Trouser", "Shirt"]
# Six garments and what the model below takes them for: two shirts pass for T-shirts.
TRUE = torch.tensor([0, 0, 1, 2, 2, 2])
PREDICTED = torch.tensor([0, 0, 1, 0, 0, 2])
MATRIX = [[2, 0, 0], [0, 1, 0], [2, 0, 1]]


def brightest_pixel(submission: Submission) -> Model:
    """A model that predicts which of an image's three pixels is the brightest."""
    layers = [["Flatten"], ["Linear", 3, 3]]
    model: Model = submission.build(Network("Layers", {"layers": layers}))
    model.assign({"1.weight": torch.eye(3), "1.bias": torch.zeros(3)})
    return model


def garments() -> Tensor:
    """Images (6, 1, 1, 3) that `brightest_pixel` takes for `PREDICTED`."""
    return 2.0 * torch.nn.functional.one_hot(PREDICTED, 3).reshape(6, 1, 1, 3)


@check("evaluate.six_garments")
def test_six_garments(submission: Submission) -> None:
    """Four of six garments are right: an accuracy of 0.667, and the mean loss of all six."""
    model = brightest_pixel(submission)
    loader = submission.build(Loader(garments(), TRUE, batch_size=4))
    value = submission.call("evaluate", model, loader, "cpu")
    loss, accuracy = pair(value, ("loss", "accuracy"))
    loss, accuracy = number(loss, "the loss"), number(accuracy, "the accuracy")
    logits = garments().flatten(1)
    want = torch.nn.functional.cross_entropy(logits, TRUE).item()
    expect(
        abs(loss - 4 / 6) >= 1e-4 or abs(accuracy - want) >= 1e-4,
        got=f"the pair ({loss:.4f}, {accuracy:.4f})",
        want=f"({want:.4f}, {4 / 6:.4f})",
        because="First the loss, then the accuracy.",
    )
    expect(
        abs(accuracy - 4 / 6) < 1e-4,
        got=f"an accuracy of {accuracy:.4f}, with batches of 4 and 2",
        want=f"{4 / 6:.4f}",
        because="Count the right ones over all batches, and divide once by the number of images.",
    )
    expect(
        abs(loss - want) < 1e-4,
        got=f"a loss of {loss:.4f}, with batches of 4 and 2",
        want=f"{want:.4f}",
        because="The mean over all images: a batch of 2 counts half as much as a batch of 4.",
    )


@check("evaluate.mode_before_and_after")
def test_mode(submission: Submission) -> None:
    """Dropout is off while `evaluate` measures, and then the model is in training mode again."""
    # This Dropout drops everything: in training mode the model only guesses, with equal logits.
    layers = [["Flatten"], ["Dropout", 1.0], ["Linear", 3, 3, False]]
    recipe = Network("Layers", {"layers": layers})
    own = recipe.build().eval()
    with torch.no_grad():
        want = torch.nn.functional.cross_entropy(own(garments()), TRUE).item()
    model = submission.build(recipe)
    loader = submission.build(Loader(garments(), TRUE, batch_size=4))
    value = submission.call("evaluate", model, loader, "cpu")
    loss = number(pair(value, ("loss", "accuracy"))[0], "the loss")
    expect(
        abs(loss - want) < 1e-4,
        got=f"a loss of {loss:.4f}",
        want=f"{want:.4f}, the loss without Dropout",
        because="Dropout drops pixels unless `model.eval()` has switched it off.",
    )
    flags = [module.training for module in model.modules().values()]
    expect(
        all(flags),
        got="a model in eval mode after the call",
        want="training mode, as before the call",
        because="The caller may go on training: restore every mode.",
    )


@check("confusion_matrix.shirts")
def test_shirts(submission: Submission) -> None:
    """Two shirts taken for T-shirts stand in the shirts' row and the T-shirts' column."""
    model = brightest_pixel(submission)
    loader = submission.build(Loader(garments(), TRUE, batch_size=4))
    value = submission.call("confusion_matrix", model, loader, 3, "cpu")
    matrix = tensor(value, "the confusion matrix")
    expect(
        matrix.tolist() == MATRIX,
        got=matrix.tolist(),
        want=MATRIX,
        because="Row: what it is. Column: what the model says. Each image adds 1 to one cell.",
    )


@check("plot_predictions.right_and_wrong")
def test_right_and_wrong(submission: Submission) -> None:
    """A title names the predicted class; if it is wrong, also the true one, in another colour."""
    images = torch.linspace(0, 1, 3 * 28 * 28).reshape(3, 1, 28, 28)
    value = submission.call("plot_predictions", images, [0, 1, 2], [0, 1, 1], NAMES)
    pictures = handle(value, "figure", "a matplotlib Figure").facts["pictures"]
    expect(
        len(pictures) == 3,
        got=f"{len(pictures)} axes with an image",
        want="3, one for each image",
        because="Draw every image with `imshow` into an axes of its own.",
    )
    titles = [picture["title"] for picture in pictures]
    wrong = [title for title in titles if NAMES[1] in title and NAMES[2] in title]
    expect(
        wrong and any(NAMES[0] in title for title in titles),
        got=f"the titles {', '.join(map(repr, titles))}",
        want=f"one with {NAMES[0]!r}, and one with both {NAMES[1]!r} and {NAMES[2]!r}",
        because="The predicted name always; where it is wrong, the true name as well.",
    )
    colors = {picture["title"]: picture["color"] for picture in pictures}
    alike = [title for title in titles if title not in wrong and colors[title] == colors[wrong[0]]]
    expect(
        not alike,
        got=f"{wrong[0]!r} in the same colour as {alike[0]!r}" if alike else "",
        want="a wrong title in another colour than the right ones",
        because="`set_title` takes a `color`: let mistakes catch the eye.",
    )
