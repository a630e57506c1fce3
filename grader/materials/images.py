"""The images that training checks learn from: garments drawn by the kit, or real Fashion-MNIST."""

import torch
from torch import Tensor
from torchvision.datasets import FashionMNIST

from grader.common.errors import KitError
from grader.course.settings import Course
from grader.materials.garments import draw_garments


def load_images(
    course: Course, count: int, seed: int, *, train: bool = True
) -> tuple[Tensor, Tensor]:
    """Images and labels from where `course.yaml` says.

    Args:
        course: its `data` names the source.
        count: how many.
        seed: of the drawing, or of the choice among the real ones.
        train: from which of Fashion-MNIST's two files.

    Returns:
        Images, uint8 (count, 28, 28), 0 is background; labels, int64 (count,), 0 to 9.

    Raises:
        KitError: when Fashion-MNIST's files are not there, or are too few.
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
        raise KitError(f"{root} holds {len(dataset)} images of that kind, {count} are needed")
    chosen = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(seed))[:count]
    return dataset.data[chosen], dataset.targets[chosen]
