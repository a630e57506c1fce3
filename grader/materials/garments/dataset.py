"""Any number of garment images from a seed, as tensors or as a torchvision dataset."""

from collections.abc import Callable
from typing import Any, ClassVar, Final

import torch
from PIL import Image
from torch import Generator, Tensor
from torchvision.datasets import VisionDataset

from grader.materials.garments.bag import bag
from grader.materials.garments.canvas import SIDE, Canvas
from grader.materials.garments.clothes import coat, dress, pullover, shirt, t_shirt, trouser
from grader.materials.garments.shoes import ankle_boot, sandal, sneaker

# The names and the order of Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747).
_DRAWN_BY: Final[dict[str, Callable[[Canvas], Tensor]]] = {
    "T-shirt/top": t_shirt,
    "Trouser": trouser,
    "Pullover": pullover,
    "Dress": dress,
    "Coat": coat,
    "Sandal": sandal,
    "Shirt": shirt,
    "Sneaker": sneaker,
    "Bag": bag,
    "Ankle boot": ankle_boot,
}
CLASSES: Final = tuple(_DRAWN_BY)
_BLOCK: Final = 200  # images drawn at once: few enough for the CPU caches, many enough for speed


def draw_garments(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Draw garments of the ten classes, each once in every ten images, in random order.

    The same seed gives the same bytes on every machine. A smaller `count` gives the first images of
    a larger one.

    Args:
        count: the number of images.
        seed: the seed of all random choices.

    Returns:
        Images, uint8 (count, 28, 28), 0 is background; labels, int64 (count,), 0 to 9.
    """
    generator = Generator().manual_seed(seed)
    images, labels = [torch.zeros(0, SIDE, SIDE, dtype=torch.uint8)], [torch.zeros(0).long()]
    for _ in range(0, count, _BLOCK):
        block_images, block_labels = _draw_block(generator)
        images.append(block_images)
        labels.append(block_labels)
    return torch.cat(images)[:count], torch.cat(labels)[:count]


def _draw_block(generator: Generator) -> tuple[Tensor, Tensor]:
    each = _BLOCK // len(CLASSES)
    order = torch.rand(each, len(CLASSES), generator=generator).argsort(stable=True)
    labels = order.flatten()
    images = torch.empty(_BLOCK, SIDE, SIDE)
    for label, draw in enumerate(_DRAWN_BY.values()):
        images[labels == label] = draw(Canvas(each, generator))
    return (images.clamp(0, 1) * 255 + 0.5).floor().to(torch.uint8), labels


class GarmentImages(VisionDataset):  # type: ignore[misc]
    """Drawn garments as a dataset like `torchvision.datasets.FashionMNIST`.

    Args:
        train: whether to draw the training set or the test set, which share no image.
        transform: a function applied to each picture, a PIL image of mode "L".
        target_transform: a function applied to each label.
        count: the number of images.
        seed: the seed, which gives the same two sets each time.

    Attributes:
        data: the images, uint8 (count, 28, 28).
        targets: the labels, int64 (count,).
        classes: the names of the classes, by label.
        class_to_idx: the labels by name.
    """

    classes: ClassVar = list(CLASSES)

    def __init__(
        self,
        train: bool = True,
        transform: Callable[..., Any] | None = None,
        target_transform: Callable[..., Any] | None = None,
        *,
        count: int = 10_000,
        seed: int = 0,
    ) -> None:
        super().__init__(transform=transform, target_transform=target_transform)
        self.train = train
        self.data, self.targets = draw_garments(count, 2 * seed + (not train))

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The labels by name."""
        return {name: label for label, name in enumerate(self.classes)}

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """The picture and its label, each transformed."""
        image, target = (
            Image.fromarray(self.data[index].numpy(), mode="L"),
            int(self.targets[index]),
        )
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target

    def extra_repr(self) -> str:
        """An extra line for the printed form of the dataset."""
        return f"Split: {'Train' if self.train else 'Test'}"
