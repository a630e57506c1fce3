"""From a garment image to model input: transform, split, batches."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision.transforms import v2


def build_transform(
    mean: Sequence[float], std: Sequence[float], image_size: int, augment: bool = False
) -> Callable[[Image.Image], Tensor]:
    """Build the steps from a grey image to what a pretrained model expects.

    Args:
        mean: what to subtract from each of the three channels, after the division by 255.
        std: what to divide each channel by after that.
        image_size: height and width of the result, in pixels.
        augment: whether to change the image at random (flip, crop or affine), anew at each call.

    Returns:
        A callable from a PIL image of mode "L", of any size, to a float32 tensor of shape
        (3, image_size, image_size). Without `augment` it is deterministic.
    """
    # Random changes come first, while the image is small and cheap to change.
    random_changes = [v2.RandomHorizontalFlip(), v2.RandomAffine(degrees=10, translate=(0.1, 0.1))]
    transform: Callable[[Image.Image], Tensor] = v2.Compose(
        [
            *(random_changes if augment else []),
            v2.Resize((image_size, image_size)),  # a pair: one number would keep the proportions
            v2.Grayscale(num_output_channels=3),  # pretrained models have seen three channels
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),  # uint8 0…255 becomes float 0…1
            v2.Normalize(mean=list(mean), std=list(std)),
        ]
    )
    return transform


def split_train_val(
    dataset: Dataset[Any], val_fraction: float, seed: int
) -> tuple[Subset[Any], Subset[Any]]:
    """Split a dataset at random into a part to train on and a part to validate on.

    Args:
        dataset: any dataset with a length.
        val_fraction: the validation part's share, between 0 and 1.
        seed: the same seed gives the same split. Torch's global random state is not touched.

    Returns:
        `(train, val)`: disjoint, together the whole dataset; `val` holds
        `round(val_fraction * len(dataset))` items.

    Raises:
        ValueError: unless 0 < val_fraction < 1.
    """
    if not 0 < val_fraction < 1:
        raise ValueError(f"val_fraction must lie between 0 and 1, not {val_fraction}")
    # A generator of its own: the seed fixes the split, and nobody else's random numbers change.
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(dataset), generator=generator).tolist()  # type: ignore[arg-type]
    val_size = round(val_fraction * len(order))
    # Two parts of one order: nothing is in both, nothing is lost.
    return Subset(dataset, order[val_size:]), Subset(dataset, order[:val_size])


def build_loader(
    dataset: Dataset[Any], batch_size: int, shuffle: bool, seed: int = 0
) -> DataLoader[Any]:
    """Build a loader that yields every item once per epoch.

    Args:
        dataset: what to load.
        batch_size: items per batch; the last batch may be shorter and is not dropped.
        shuffle: whether each epoch has a new random order; otherwise the dataset's own.
        seed: fixes the order of the first epoch; later epochs differ from it.

    Returns:
        A loader that works in the calling process (no worker processes).
    """
    # It goes on from epoch to epoch: the first order is fixed, later ones differ.
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle, generator=generator)
