"""The hidden checks of exercise 08. The images that count are sent without their labels."""

import time
from typing import Any

import torch
from torch import Tensor

from grader.check import Model, Record, Submission, check, expect, for_all
from grader.course.settings import Course
from grader.judge.strategies import numbers
from grader.materials.backbone.invented import NAME, SIDE, SmallBackbone
from grader.materials.exam import (
    Exam,
    draw_some,
    drawn_exam,
    embedded_backbone,
    gpu_exam,
    time_limit,
)

CLASSES = 10

Data = tuple[Tensor, Tensor]


def train(submission: Submission, data: Data, **options: Any) -> Model:
    """One call of `train_classifier`; by default on the CPU, with the kit's own backbone."""
    arguments = {"backbone": embedded_backbone(), "device": "cpu", "seed": 7} | options
    return submission.model("train_classifier", *data, **arguments)


def logits(
    model: Model, images: Tensor, device: str = "cpu", *, training: bool | None = None
) -> Tensor:
    """The model's logits for images, by default in the mode in which the model was returned.

    The images go to the model's device, because the contract does not say where it expects them.
    """
    device = next((p.device for p in model.parameters().values()), device)
    found = model.logits(images, training=training, device=device)
    want = (len(images), CLASSES)
    because = (
        f"It must give {CLASSES} logits for each image, for any number of images, here "
        f"{len(images)}."
    )
    expect(found.shape == want, got=tuple(found.shape), want=want, because=because)
    return found


@check("train_classifier.learns", weight=2)
def test_learns(
    submission: Submission, generator: torch.Generator, record_property: Record
) -> None:
    """It learns: after 300 garments it recognises many more than a guess would."""
    model = train(submission, draw_some(300, generator))
    images, labels = draw_some(300, generator)
    # In eval mode: a model that was left in training mode has learnt, and another check names it.
    right = int((logits(model, images, training=False).argmax(dim=1) == labels).sum())
    record_property("accuracy", right / 300)
    record_property("wanted", 100 / 300)
    because = (
        "It recognises hardly more than guessing would: is the head trained, does each label "
        "belong to its image, and does the model that comes back hold what was learnt?"
    )
    expect(right >= 100, got=f"{right} of 300", want="100 or more", because=because)


# The next checks say little about a classifier that has learnt nothing, so they wait for this one.
@check("train_classifier.any_number_of_images", needs=["train_classifier.learns"])
@for_all(2, few=numbers(2, 9), many=numbers(100, 300))
def test_any_number_of_images(
    submission: Submission, generator: torch.Generator, few: int, many: int
) -> None:
    """The classifier takes uint8 images (M, 28, 28), whatever M is, and gives (M, 10) logits."""
    model = train(submission, draw_some(60, generator))
    images, _ = draw_some(many, generator)
    for count in (1, few, many):
        found = logits(model, images[:count])
        because = (
            "Logits are finite floating-point numbers, not rounded values or predicted classes. "
            "NaN comes from a division by zero, or from a loss that was NaN."
        )
        finite = found.is_floating_point() and found.isfinite().all()
        expect(finite, got=found.dtype, want="finite floats", because=because)
    found = found.double()
    probabilities = (found >= 0).all() and ((found.sum(dim=1) - 1).abs() < 1e-3).all()
    because = "These are probabilities, not logits: leave the softmax to the loss function."
    expect(not probabilities, got="rows that sum to 1", want="logits", because=because)


@check("train_classifier.eval_mode", weight=2, needs=["train_classifier.any_number_of_images"])
@for_all(2, size=numbers(1, 12))
def test_eval_mode(submission: Submission, generator: torch.Generator, size: int) -> None:
    """The model is in eval mode: an image's logits depend on that image alone."""
    model = train(submission, draw_some(60, generator))
    images, _ = draw_some(24, generator)
    together = logits(model, images)
    again = logits(model, images)
    because = (
        "The same images get other logits the second time: Dropout still acts. Call `eval()` on "
        "the model that you return; `nn.functional.dropout` also needs `training=self.training`."
    )
    expect(close(again, together), got="other logits", want="the same", because=because)
    parts = torch.cat([logits(model, part) for part in images.flip(0).split(size)]).flip(0)
    because = (
        "An image's logits depend on the other images of its batch: BatchNorm still uses the "
        "statistics of the batch. Call `eval()` on the model that you return, as the last step."
    )
    expect(close(parts, together), got="other logits", want="the same", because=because)


def close(found: Tensor, wanted: Tensor) -> bool:
    """Whether logits agree, up to the order in which sums were computed."""
    return torch.allclose(found, wanted, rtol=1e-2, atol=1e-2 * float(wanted.abs().max()))


@check("train_classifier.same_seed", weight=2, needs=["train_classifier.any_number_of_images"])
def test_same_seed(submission: Submission, generator: torch.Generator) -> None:
    """The same seed gives the same predicted classes, whatever was drawn at random before."""
    data, (images, _) = draw_some(150, generator), draw_some(300, generator)
    predicted = []
    for state in (1, 2):
        submission.seed(state)
        predicted.append(logits(train(submission, data), images).argmax(dim=1))
    because = (
        "Trained twice with the same seed, it predicts other classes: the new head's weights, the "
        "order of batches, augmentation and Dropout must all come from `seed`."
    )
    expect(torch.equal(*predicted), got="other classes", want="the same", because=because)


@check("train_classifier.other_backbone", needs=["train_classifier.learns"])
def test_other_backbone(submission: Submission, generator: torch.Generator) -> None:
    """Any backbone of the registry will do, whatever its last layer is called."""
    submission.register_backbone(invent(generator), invent(generator))
    model = train(submission, draw_some(40, generator), backbone=NAME)
    logits(model, draw_some(3, generator)[0])


@check("train_classifier.default_weights", weight=5, needs=["train_classifier.other_backbone"])
def test_default_weights(submission: Submission, generator: torch.Generator) -> None:
    """It starts from the DEFAULT weights of the backbone that is named."""
    data, (images, _) = draw_some(40, generator), draw_some(200, generator)
    first, predicted = invent(generator), []
    for _ in range(2):  # only the DEFAULT entry changes
        submission.register_backbone(first, invent(generator))
        model = train(submission, data, backbone=NAME)
        predicted.append(logits(model, images).argmax(dim=1))
    because = (
        "With other DEFAULT weights it predicts the same classes: does it load the weights of "
        "`backbone`, and the entry named DEFAULT rather than another?"
    )
    expect(not torch.equal(*predicted), got="the same", want="other classes", because=because)


def invent(generator: torch.Generator) -> dict[str, Tensor]:
    """Random weights of a small backbone, with the BatchNorm statistics of noise."""
    seed = int(torch.randint(0, 2**31, (), generator=generator))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        model = SmallBackbone()
    with torch.no_grad():
        for _ in range(20):
            model(torch.randn(16, 3, SIDE, SIDE, generator=generator))
    return model.state_dict()


@check("train_classifier.accuracy", weight=8)
def test_accuracy(
    submission: Submission, generator: torch.Generator, course: Course, record_property: Record
) -> None:
    """Trained on a CPU, it recognises garments that it has not seen."""
    exam = drawn_exam(course.capstone.cpu, generator)
    model = train(submission, (exam.images, exam.labels), backbone=exam.backbone)
    expect_accuracy(exam, model, "cpu", record_property)


@check("train_classifier.gpu_accuracy", weight=4, gpu=True, needs=["train_classifier.accuracy"])
def test_gpu_accuracy(
    submission: Submission,
    generator: torch.Generator,
    course: Course,
    device: str,
    record_property: Record,
) -> None:
    """Trained on a GPU, within the time limit, it recognises garments that it has not seen."""
    exam = gpu_exam(course, generator)
    if exam.checkpoint is not None:
        content = exam.checkpoint
        submission.install_weights(content.file_name, content.state, content.versions)
    limit = time_limit(exam, device)
    submission.allow(limit)
    began = time.monotonic()
    data = exam.images, exam.labels
    model = train(submission, data, backbone=exam.backbone, device=device)
    seconds = time.monotonic() - began
    because = f"Training on {len(exam.images)} images took longer than the limit of {limit} s."
    expect(seconds <= limit, got=f"{seconds:.0f} s", want=f"{limit} s", because=because)
    expect_accuracy(exam, model, device, record_property)


def expect_accuracy(exam: Exam, model: Model, device: str, record: Record) -> None:
    """Expect enough of the unseen images to be recognised."""
    accuracy = exam.measure(lambda images: logits(model, images, device))
    record("accuracy", accuracy)
    record("wanted", exam.accuracy)
    # Rounded, because many attempts with exact figures would reveal some of the labels.
    because = (
        f"It gets about {round(20 * accuracy) * 5} of 100 right, and {100 * exam.accuracy:g} are "
        "required. Are the pretrained weights loaded, is the preprocessing theirs, in training and "
        "in prediction, does each label belong to its image, and is all of the head trained?"
    )
    expect(accuracy >= exam.accuracy, got=accuracy, want=exam.accuracy, because=because)
