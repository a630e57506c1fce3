"""What a capstone learns from, and how its classifier is measured: exercise 08 in its tiers."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import torch
from torch import Generator, Tensor
from torchvision.models import get_model_weights

from grader.common.errors import KitError, NeedsGpu
from grader.course.settings import Backbone, Course, Tier
from grader.materials.garments import draw_garments
from grader.materials.images import load_images
from grader.materials.weights import Checkpoint, read_checkpoint

NUMBER: Final = "08"
EMBEDDED: Final = "resnet18_shapes"
UNSEEN: Final = 1000
BATCH: Final = 50
GPU_SECONDS: Final = 180
TIMES_THE_REFERENCE: Final = 5


@dataclass(frozen=True)
class Exam:
    """Images to learn from, others to be measured on, and how much of them must be right.

    Attributes:
        backbone: a name in torchvision's registry.
        images: uint8 (n, 28, 28).
        labels: int64 (n,).
        unseen: uint8 (m, 28, 28); no submission sees their labels.
        answers: int64 (m,).
        accuracy: a fraction of `answers`.
        checkpoint: what the DEFAULT weights' file holds, unless a package brings them along.
    """

    backbone: str
    images: Tensor
    labels: Tensor
    unseen: Tensor
    answers: Tensor
    accuracy: float
    checkpoint: Checkpoint | None = None

    def measure(self, predict: Callable[[Tensor], Tensor]) -> float:
        """The fraction of unseen images that are classified right.

        Args:
            predict: maps uint8 images (b, 28, 28) to logits (b, 10).
        """
        logits = torch.cat([predict(part) for part in self.unseen.split(BATCH)])
        return float((logits.argmax(dim=1) == self.answers).float().mean())


def drawn_exam(tier: Tier, generator: Generator) -> Exam:
    """An exam on drawn garments, with the kit's own backbone."""
    images, labels = draw_some(tier.images + UNSEEN, generator)
    parts = (tensor.split([tier.images, UNSEEN]) for tensor in (images, labels))
    (images, unseen), (labels, answers) = parts
    return Exam(EMBEDDED, images, labels, unseen, answers, tier.accuracy)


def draw_some(count: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Drawn garments, not one of each class in every ten: who counts classes learns nothing.

    Returns:
        Images, uint8 (count, 28, 28); labels, int64 (count,).
    """
    seed = int(torch.randint(0, 2**62, (), generator=generator))
    images, labels = draw_garments(2 * count, seed)
    chosen = torch.randperm(len(images), generator=generator)[:count]
    return images[chosen], labels[chosen]


def gpu_exam(course: Course, generator: Generator) -> Exam:
    """The exam for a GPU: real when the course names real data and weights, and they are on disk.

    Otherwise it is on drawn garments.
    """
    try:
        return _real_exam(course, generator)
    except KitError:
        return drawn_exam(course.capstone.gpu, generator)


def _real_exam(course: Course, generator: Generator) -> Exam:
    """Learn from Fashion-MNIST's training file, be measured on its t10k file.

    Raises:
        KitError: when the course names drawn images or the kit's own weights, or a file is missing.
    """
    if course.data.source == "embedded":
        raise KitError("the course names drawn images")
    name, tier = course.backbone.name, course.capstone.gpu_real
    default = get_model_weights(name).DEFAULT
    checkpoint = read_checkpoint(
        Backbone(name=name, weights=default.name),
        default,
        scratch_mib=course.exercise(NUMBER).limits.scratch_mib,
    )
    if checkpoint is None:
        raise KitError("the course names weights that are not ImageNet's")
    seed, other = torch.randint(0, 2**62, (2,), generator=generator).tolist()
    images, labels = load_images(course, tier.images, seed)
    unseen, answers = load_images(course, UNSEEN, other, train=False)
    unseen = disguise(unseen, generator)
    return Exam(name, images, labels, unseen, answers, tier.accuracy, checkpoint)


def disguise(images: Tensor, generator: Generator) -> Tensor:
    """Shift each of public images by a pixel at most, and dim it a little: no list knows them."""
    shifts = torch.randint(-1, 2, (len(images), 2), generator=generator).tolist()
    moved = [image.roll(shift, dims=(0, 1)) for image, shift in zip(images, shifts, strict=True)]
    light = 0.9 + 0.1 * torch.rand(len(images), 1, 1, generator=generator)
    return (torch.stack(moved) * light).to(torch.uint8)


def time_limit(exam: Exam, device: str) -> int:
    """How many seconds a submission gets on a GPU: more on a slow one.

    Raises:
        NeedsGpu: when the reference does not train on it; its memory is too small, or in use.
    """
    try:
        seconds = _reference_seconds(exam.backbone, len(exam.images), device)
    except RuntimeError as error:
        first = str(error).partition("\n")[0]
        raise NeedsGpu(
            f"The reference itself does not train on {device}, so nobody can be judged by it: "
            f"{first} This check waits for a grading with another GPU, or a free one."
        ) from None
    return max(GPU_SECONDS, math.ceil(TIMES_THE_REFERENCE * seconds))


@cache
def _reference_seconds(backbone: str, count: int, device: str) -> float:
    """How long the reference trains on this device, its start included; measured once."""
    from solutions.capstone import train_classifier  # who only grades on a CPU needs it not

    images, labels = draw_some(count, Generator().manual_seed(0))
    began = time.monotonic()
    model = train_classifier(images, labels, backbone=backbone, device=device, seed=0)
    with torch.no_grad():
        model(images[:BATCH])
    return time.monotonic() - began
