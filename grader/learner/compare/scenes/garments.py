"""Drawn garments to train and to measure on, and pictures of predictions: for 04, 05 and 06."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import torch
from torch import Tensor

from grader.judge.handles import Handle, Model
from grader.judge.submission import Submission
from grader.learner.compare.scene import Stage
from grader.learner.figures import Picture, draw_confusion, draw_predictions
from grader.materials.garments import CLASSES, draw_garments
from grader.protocol.recipes import Loader

TRAIN: Final = 600
VAL: Final = 300
BATCH: Final = 64
SHOWN: Final = 12  # how many predictions a picture shows


def drawn(stage: Stage) -> tuple[Tensor, Tensor]:
    """Images, float32 (900, 1, 28, 28) in [0, 1], and labels: 600 to train on, then 300 unseen."""
    images, labels = draw_garments(TRAIN + VAL, stage.seed)
    return images[:, None] / 255, labels


def loaders(submission: Submission, stage: Stage) -> list[Handle]:
    """A training loader and a validation loader, both in a fixed order."""
    images, labels = drawn(stage)
    parts = (images[:TRAIN], labels[:TRAIN]), (images[TRAIN:], labels[TRAIN:])
    return [submission.build(Loader(*part, batch_size=BATCH)) for part in parts]


def measure(model: Model, stage: Stage) -> Tensor:
    """The classes that a model predicts for the validation images, int64 (300,)."""
    images, _ = drawn(stage)
    device = next(p.device for p in model.parameters().values())
    return model.logits(images[TRAIN:], device=device).cpu().argmax(dim=1)


def confusion(labels: Tensor, classes: Tensor) -> Tensor:
    """How often each true class (rows) was taken for each class (columns), int64 (10, 10)."""
    pairs = labels * len(CLASSES) + classes
    return torch.bincount(pairs, minlength=len(CLASSES) ** 2).view(len(CLASSES), -1)


def pictures_of(
    seen: Mapping[str, Mapping[str, Any]], name: str, stage: Stage
) -> Iterator[tuple[str, Picture]]:
    """Pictures of predictions and confusion matrices, from the keepsake with the given name."""
    images, labels = (part[TRAIN:] for part in drawn(stage))
    classes = {side: found[name] for side, found in seen.items() if name in found}
    if "yours" not in classes:
        return
    first = {side: predicted[:SHOWN] for side, predicted in classes.items()}
    yield "predictions", draw_predictions(images[:SHOWN], labels[:SHOWN], first, CLASSES)
    matrices = {side: confusion(labels, predicted) for side, predicted in classes.items()}
    yield "confusion_matrices", draw_confusion(matrices, CLASSES)
