"""From a garment image to model input: transform, split, batches.

The lesson is README.md beside this file. Replace each `raise NotImplementedError` by your code,
then run `pytest exercises/00`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Subset


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
    raise NotImplementedError(
        "Task 0.1: build the steps from a grey image to what a pretrained model expects"
    )


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
    raise NotImplementedError(
        "Task 0.2: split a dataset at random into a part to train on and a part to validate on"
    )


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
    raise NotImplementedError("Task 0.3: build a loader that yields every item once per epoch")
