"""The visible checks of exercise 08."""

import torch

from grader.check import Model, Submission, check, expect
from grader.materials.exam import embedded_backbone
from grader.materials.garments import draw_garments


def train(submission: Submission, count: int, device: str = "cpu") -> Model:
    """A classifier that has learnt from `count` drawn garments."""
    images, labels = draw_garments(count, seed=8)
    arguments = {"backbone": embedded_backbone(), "device": device, "seed": 0}
    return submission.model("train_classifier", images, labels, **arguments)


def expect_most_right(model: Model, device: str) -> None:
    """Expect seven of ten unseen garments to be recognised."""
    images, labels = draw_garments(200, seed=9)
    logits = model.logits(images, training=None, device=device)
    right = int((logits.argmax(dim=1) == labels).sum())
    expect(
        right >= 140,
        got=f"{right} of 200 unseen garments recognised",
        want="140 or more",
        because="Do the labels belong to the images, is the head trained, and is the "
        "preprocessing that of the weights, in training and in prediction?",
    )


@check("train_classifier.ten_logits")
def test_ten_logits(submission: Submission) -> None:
    """It returns a model that maps images as they are, uint8 (M, 28, 28), to (M, 10) logits."""
    model = train(submission, 40)
    images, _ = draw_garments(7, seed=9)
    logits = model.logits(images, training=None)
    expect(
        logits.shape == (7, 10),
        got=f"logits of shape {tuple(logits.shape)} for 7 images",
        want="(7, 10)",
        because="Resizing, normalising and the three channels belong inside the model; its head "
        "has one output for each garment.",
    )


@check("train_classifier.one_at_a_time", needs=["train_classifier.ten_logits"])
def test_one_at_a_time(submission: Submission) -> None:
    """The model is in eval mode: an image alone gets the same logits as among others."""
    model = train(submission, 40)
    images, _ = draw_garments(6, seed=9)
    together = model.logits(images, training=None)
    alone = torch.cat([model.logits(image[None], training=None) for image in images])
    largest = float((alone - together).abs().max())
    expect(
        largest <= 1e-2 * float(together.abs().max()),
        got=f"logits that differ by up to {largest:.3g}",
        want="the same logits",
        because="In training mode BatchNorm mixes the images of a batch, and Dropout drops: "
        "call `eval()` on the model that you return, as the last step.",
    )


@check("train_classifier.recognises_garments", needs=["train_classifier.ten_logits"])
def test_recognises_garments(submission: Submission) -> None:
    """After 500 garments it recognises most of those that it has not seen."""
    expect_most_right(train(submission, 500), "cpu")


@check("train_classifier.on_a_gpu", gpu=True, needs=["train_classifier.recognises_garments"])
def test_on_a_gpu(submission: Submission, device: str) -> None:
    """It does the same on a GPU."""
    expect_most_right(train(submission, 500, device), device)
