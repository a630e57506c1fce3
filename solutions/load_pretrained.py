"""Models from torchvision's registry, the preprocessing that belongs to them, and their size."""

from collections.abc import Callable

from torch import Tensor, nn
from torchvision.models import WeightsEnum, get_model, get_model_weights


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
    # Looked up first, so that a wrong name is told before anything is built.
    entry = _weights_entry(name, weights)
    model: nn.Module = get_model(name, weights=entry)
    return model.eval()  # models begin in training mode, where Dropout and BatchNorm disturb


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
    entry = _weights_entry(name, weights)
    if entry is None:
        raise ValueError("weights=None: random weights come without preprocessing")
    # An entry knows how its images were prepared: no numbers to copy, none to mix up.
    transforms: Callable[..., Tensor] = entry.transforms()
    return transforms


def count_parameters(model: nn.Module) -> tuple[int, int]:
    """Count the scalar parameters of a model.

    Args:
        model: any module.

    Returns:
        `(total, trainable)`: each shared parameter counted once; buffers are not parameters.
    """
    parameters = list(model.parameters())  # `parameters()` yields a shared one once
    total = sum(parameter.numel() for parameter in parameters)
    trainable = sum(parameter.numel() for parameter in parameters if parameter.requires_grad)
    return total, trainable


def _weights_entry(name: str, weights: str | WeightsEnum | None) -> WeightsEnum | None:
    """The member of the model's `WeightsEnum` that `weights` stands for."""
    entries = get_model_weights(name)  # raises ValueError for an unknown model
    if not isinstance(weights, str):
        return weights
    try:
        return entries[weights]  # by name; DEFAULT is an alias of the best one
    except KeyError:
        known = ", ".join(entry.name for entry in entries)
        raise ValueError(f"{name} has no weights {weights!r}, only {known}") from None
