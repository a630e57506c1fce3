"""Exercise 08: classifiers, trained on the same images and measured on other ones."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

import torch
from torch import Tensor

from grader.judge.expectations import expect, tensor
from grader.judge.handles import Model
from grader.judge.submission import Submission
from grader.learner.compare.scene import Found, Keepsake, Scene, Stage, Stopwatch, enough, info
from grader.learner.compare.scenes.garments import confusion
from grader.learner.figures import Curves, Picture, draw_accuracies, draw_confusion, draw_mistakes
from grader.materials.exam import BATCH, EMBEDDED, UNSEEN, photograph_some
from grader.materials.garments import CLASSES

TASK: Final = "train_classifier"


def scenes(stage: Stage) -> list[Scene]:
    """One scene for each number of training images."""
    return [
        Scene(TASK, f"{count:,} labelled images", partial(learn, count)) for count in stage.labels
    ]


def learn(count: int, submission: Submission, stage: Stage) -> Found:
    """Train a classifier, and measure it on unseen images."""
    images, labels, unseen, answers = data(stage)
    options = {"backbone": EMBEDDED, "device": stage.device, "seed": stage.seed}
    watch = Stopwatch()
    model = submission.model(TASK, images[:count], labels[:count], **options)
    yield watch.fact()
    found = logits(model, unseen, stage)
    accuracy = int((found.argmax(dim=1) == answers).sum()) / len(answers)
    yield info("unseen images right", accuracy, f"{accuracy:.1%}")
    yield Keepsake(f"{count}", accuracy)
    if count == stage.labels[-1]:
        yield Keepsake("logits", found)
        yield info("most frequent confusion", most_frequent(answers, found.argmax(dim=1)))
        wanted = stage.course.capstone.cpu.accuracy
        yield enough(f"wanted: {wanted:.1%}", accuracy, wanted)


def data(stage: Stage) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training images with their labels, and unseen images with theirs."""
    most = stage.labels[-1]
    images, labels = photograph_some(most + UNSEEN, stage.generator())
    return images[:most], labels[:most], images[most:], labels[most:]


def logits(model: Model, images: Tensor, stage: Stage) -> Tensor:
    """A classifier's logits, float32 (n, 10), in the mode in which the classifier was returned."""
    device = next((p.device for p in model.parameters().values()), stage.device)
    return torch.cat([part(model, images, device) for images in images.split(BATCH)])


def part(model: Model, images: Tensor, device: str) -> Tensor:
    """The logits for a batch; raises `Mismatch` if the output is something else."""
    found = tensor(model.ask("forward", inputs=images, training=None, device=device), "its output")
    wanted = (len(images), len(CLASSES))
    got = f"{found.dtype} of shape {tuple(found.shape)} for {len(images)} images"
    because = "A classifier gives ten logits for each image, finite floating-point numbers."
    right = found.shape == wanted and found.is_floating_point() and found.isfinite().all()
    expect(right, got=got, want=f"finite logits {wanted}", because=because)
    return found.float().cpu()


def most_frequent(answers: Tensor, classes: Tensor) -> str:
    """The most frequent confusion: the true class, the predicted one, and how often."""
    matrix = confusion(answers, classes)
    wrong = matrix.clone().fill_diagonal_(0)
    true, predicted = divmod(int(wrong.argmax()), len(CLASSES))
    times = int(wrong[true, predicted])
    if times == 0:
        return "none"
    return f"{CLASSES[true]} → {CLASSES[predicted]}, {times} of {int(matrix[true].sum())}"


def pictures(seen: Mapping[str, Mapping[str, Any]], stage: Stage) -> Iterator[tuple[str, Picture]]:
    """Accuracy by number of labelled images, confusion matrices, the learner's worst mistakes."""
    if "logits" not in seen["yours"]:
        return
    *_, unseen, answers = data(stage)
    curves: Curves = {
        side: {count: [found[f"{count}"]] for count in stage.labels if f"{count}" in found}
        for side, found in seen.items()
    }
    yield "learning_curves", draw_accuracies(curves, stage.course.capstone.cpu.accuracy)
    last = {side: found["logits"] for side, found in seen.items() if "logits" in found}
    matrices = {side: confusion(answers, found.argmax(dim=1)) for side, found in last.items()}
    yield "confusion_matrices", draw_confusion(matrices, CLASSES)
    yield "worst_mistakes", draw_mistakes(unseen, answers, last["yours"], CLASSES)
