"""Models from torchvision's registry, the preprocessing that belongs to them, and their size.

The lesson is README.md beside this file. Replace each `raise NotImplementedError` by your code,
then run `pytest exercises/01`.
"""

from collections.abc import Callable

from torch import Tensor, nn
from torchvision.models import WeightsEnum


def load_pretrained(name: str, weights: str | WeightsEnum | None = "DEFAULT") -> nn.Module:
    """Load a classification model of torchvision's registry.

    Args:
        name: the registered name, such as "resnet18".
        weights: the name of one of the model's entries, such as "IMAGENET1K_V1", or a member of
            its `WeightsEnum`, or None for random initialisation.

    Returns:
        The model with those weights, in eval mode.

    Raises:
        ValueError: naming the model when it is not registered, and naming the weights when the
            model has no entry of that name.
    """
    raise NotImplementedError("Task 1.1: load a classification model of torchvision's registry")


def preprocessing(
    name: str, weights: str | WeightsEnum | None = "DEFAULT"
) -> Callable[..., Tensor]:
    """Give the transforms that belong to a model's weights.

    Args:
        name: the registered name of the model.
        weights: as for `load_pretrained`, but not None.

    Returns:
        The transforms: image → float32 tensor (3, H, W), resized and normalised as in training.

    Raises:
        ValueError: when `weights` is None: random weights belong to no preprocessing.
    """
    raise NotImplementedError("Task 1.2: give the transforms that belong to a model's weights")


def count_parameters(model: nn.Module) -> tuple[int, int]:
    """Count the scalar parameters of a model.

    Args:
        model: any module.

    Returns:
        `(total, trainable)`: each shared parameter counted once; buffers are not parameters.
    """
    raise NotImplementedError("Task 1.3: count the scalar parameters of a model")
