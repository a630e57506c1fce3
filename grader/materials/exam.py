"""The exam of exercise 08, the capstone: images to train on, and the test of the classifier."""

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
from grader.materials.backbone import efficientnet_lite0
from grader.materials.garments import draw_garments, hand_held
from grader.materials.images import load_images
from grader.materials.weights import Checkpoint, read_checkpoint

NUMBER: Final = "08"
EMBEDDED: Final[str] = efficientnet_lite0.__name__
UNSEEN: Final = 1000
BATCH: Final = 50
GPU_SECONDS: Final = 180
TIMES_THE_REFERENCE: Final = 5


@dataclass(frozen=True)
class Exam:
    """Training images, test images, and the accuracy that a classifier must reach on the latter.

    Attributes:
        backbone: the model's name in torchvision's registry.
        images: the training images, uint8 (n, 28, 28).
        labels: the training labels, int64 (n,).
        unseen: the test images, uint8 (m, 28, 28).
        answers: the test labels, int64 (m,), which no submission sees.
        accuracy: the fraction of the test images that must be classified correctly.
        checkpoint: the content of the file of the DEFAULT weights; None where a Python package
            contains the weights.
    """

    backbone: str
    images: Tensor
    labels: Tensor
    unseen: Tensor
    answers: Tensor
    accuracy: float
    checkpoint: Checkpoint | None = None

    def measure(self, predict: Callable[[Tensor], Tensor]) -> float:
        """The fraction of the test images that are classified correctly.

        Args:
            predict: a function that maps uint8 images (b, 28, 28) to logits (b, 10).
        """
        logits = torch.cat([predict(part) for part in self.unseen.split(BATCH)])
        return float((logits.argmax(dim=1) == self.answers).float().mean())


@cache
def embedded_backbone() -> str:
    """The name of the kit's backbone.

    Whoever trains with it asks for its name here, so that missing weights are not taken for a
    submission's fault.

    Raises:
        KitError: when its weights are missing or damaged.
    """
    get_model_weights(EMBEDDED).DEFAULT.get_state_dict()
    return EMBEDDED


def drawn_exam(tier: Tier, generator: Generator) -> Exam:
    """An exam with drawn garments, as a hand-held camera sees them, and the kit's backbone."""
    images, labels = photograph_some(tier.images + UNSEEN, generator)
    parts = (tensor.split([tier.images, UNSEEN]) for tensor in (images, labels))
    (images, unseen), (labels, answers) = parts
    return Exam(embedded_backbone(), images, labels, unseen, answers, tier.accuracy)


def draw_some(count: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """A random choice of drawn garments.

    `draw_garments` draws each class once in every ten images, from which a submission could infer
    labels. The random choice breaks that pattern.

    Returns:
        Images, uint8 (count, 28, 28); labels, int64 (count,).
    """
    seed = int(torch.randint(0, 2**62, (), generator=generator))
    images, labels = draw_garments(2 * count, seed)
    chosen = torch.randperm(len(images), generator=generator)[:count]
    return images[chosen], labels[chosen]


def photograph_some(count: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Like `draw_some`, but as a hand-held camera sees the garments."""
    images, labels = draw_some(count, generator)
    return hand_held(images, generator), labels


def gpu_exam(course: Course, generator: Generator) -> Exam:
    """The exam for a GPU.

    It uses the data and the backbone that the course names, when the data is Fashion-MNIST, and
    both are on disk. Otherwise it uses drawn garments.
    """
    try:
        return _real_exam(course, generator)
    except KitError:
        return drawn_exam(course.capstone.gpu, generator)


def _real_exam(course: Course, generator: Generator) -> Exam:
    """An exam with training images from Fashion-MNIST's training set and test images from t10k.

    Raises:
        KitError: when the course names drawn images, or a file is missing.
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
    seed, other = torch.randint(0, 2**62, (2,), generator=generator).tolist()
    images, labels = load_images(course, tier.images, seed)
    unseen, answers = load_images(course, UNSEEN, other, train=False)
    unseen = disguise(unseen, generator)
    return Exam(name, images, labels, unseen, answers, tier.accuracy, checkpoint)


def disguise(images: Tensor, generator: Generator) -> Tensor:
    """Shift images by at most one pixel and dim them a little.

    The images are public: without that, a submission could look them up in a list.
    """
    shifts = torch.randint(-1, 2, (len(images), 2), generator=generator).tolist()
    moved = [image.roll(shift, dims=(0, 1)) for image, shift in zip(images, shifts, strict=True)]
    light = 0.9 + 0.1 * torch.rand(len(images), 1, 1, generator=generator)
    return (torch.stack(moved) * light).to(torch.uint8)


def time_limit(exam: Exam, device: str) -> int:
    """The seconds that a submission gets on a GPU: the slower the GPU, the more.

    Raises:
        NeedsGpu: when the reference solution cannot be trained on it, because its memory is too
            small or in use, say.
    """
    try:
        seconds = _reference_seconds(exam.backbone, len(exam.images), device)
    except RuntimeError as error:
        first = str(error).partition("\n")[0]
        raise NeedsGpu(
            f"The reference solution itself cannot be trained on {device}, so no time limit can be "
            f"derived from it: {first} This check waits for a grading with another GPU, or a free "
            "one."
        ) from None
    return max(GPU_SECONDS, math.ceil(TIMES_THE_REFERENCE * seconds))


@cache
def _reference_seconds(backbone: str, count: int, device: str) -> float:
    """The seconds that the reference solution trains on a device, start-up included; cached."""
    from solutions.capstone import train_classifier  # not needed when grading on a CPU only

    images, labels = draw_some(count, Generator().manual_seed(0))
    began = time.monotonic()
    model = train_classifier(images, labels, backbone=backbone, device=device, seed=0)
    with torch.no_grad():
        model(images[:BATCH])
    return time.monotonic() - began
