"""The images for checks that train: garments drawn by the kit, or real Fashion-MNIST."""

import torch
from torch import Tensor
from torchvision.datasets import FashionMNIST

from grader.common.errors import KitError
from grader.course.settings import Course
from grader.materials.garments import draw_garments


def load_images(
    course: Course, count: int, seed: int, *, train: bool = True
) -> tuple[Tensor, Tensor]:
    """Images and labels from the source that `course.yaml` names.

    Args:
        course: the course, whose `data` names the source.
        count: the number of images.
        seed: the seed for drawing garments, or for choosing among the real images.
        train: whether to use Fashion-MNIST's training set rather than t10k.

    Returns:
        Images, uint8 (count, 28, 28), 0 is background; labels, int64 (count,), 0 to 9.

    Raises:
        KitError: when Fashion-MNIST's files are missing, or hold too few images.
    """
    if course.data.source == "embedded":
        return draw_garments(count, seed)
    root = course.root / course.data.root
    try:
        dataset = FashionMNIST(str(root), train=train, download=False)
    except RuntimeError:
        raise KitError(
            f"Fashion-MNIST is not in {root}: run `grader prepare` once, with a network or with "
            "`--from-bundle FILE`, or set `data.source: embedded`"
        ) from None
    if count > len(dataset):
        raise KitError(f"{root} has only {len(dataset)} such images, but {count} are needed")
    chosen = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(seed))[:count]
    return dataset.data[chosen], dataset.targets[chosen]
