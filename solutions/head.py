"""A new classifier on a pretrained body."""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn


def find_head(model: nn.Module) -> str:
    """Find the linear layer that produces the logits.

    It is the last module, in `named_modules` order, that has parameters of its own.

    Args:
        model: a classification model.

    Returns:
        Its dotted name: "fc" for ResNet, "classifier.6" for VGG, "heads.head" for ViT.

    Raises:
        ValueError: when that module is not an `nn.Linear` (SqueezeNet ends in a convolution).
    """
    # What produces the logits is the last to hold weights; activations and Dropout hold none.
    last_name, last = "", None
    for name, module in model.named_modules():
        if list(module.parameters(recurse=False)):
            last_name, last = name, module
    if not isinstance(last, nn.Linear):
        raise ValueError("the model does not end in an nn.Linear")
    return last_name


def swap_head(model: nn.Module, num_classes: int = 10, dropout: float = 0.0) -> nn.Module:
    """Replace the layer that produces the logits by a fresh, trainable one.

    The new head has the same number of input features and lives on the same device with the same
    dtype. Nothing else of the model changes: what was frozen stays frozen.

    Args:
        model: changed in place.
        num_classes: how many logits the model gives afterwards, at least 2.
        dropout: above 0, a Dropout of that rate acts before the linear layer; below 1.

    Returns:
        The same model: images (N, C, H, W) → logits (N, num_classes).

    Raises:
        ValueError: when `num_classes` is below 2 or `dropout` outside [0, 1), and as `find_head`.
    """
    if num_classes < 2:
        raise ValueError(f"a classifier needs at least 2 classes, not {num_classes}")
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout must lie in [0, 1), not {dropout}")
    name = find_head(model)
    old = model.get_submodule(name)
    assert isinstance(old, nn.Linear)  # `find_head` finds no other
    # On the old one's device, or the next forward pass would mix two.
    device, dtype = old.weight.device, old.weight.dtype
    linear = nn.Linear(old.in_features, num_classes, device=device, dtype=dtype)
    head = nn.Sequential(nn.Dropout(dropout), linear) if dropout > 0 else linear
    head.train(old.training)  # a fresh layer is in training mode, the model may not be
    # The layer may be deep inside: it is replaced where it hangs, by its parent.
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, head)
    return model


def mlp_head(
    in_features: int, hidden: Sequence[int], num_classes: int = 10, dropout: float = 0.5
) -> nn.Sequential:
    """Build a classifier with hidden layers.

    Args:
        in_features: width of its input.
        hidden: width of each hidden layer; may be empty.
        num_classes: width of its output.
        dropout: rate of each Dropout.

    Returns:
        A flat `nn.Sequential`, (N, in_features) → logits (N, num_classes): Linear → ReLU → Dropout
        for each width in `hidden`, then a last Linear. No softmax.
    """
    widths = [in_features, *hidden]
    layers: list[nn.Module] = []
    for width_in, width_out in pairwise(widths):  # no pair when `hidden` is empty
        layers += [nn.Linear(width_in, width_out), nn.ReLU(), nn.Dropout(dropout)]
    # No softmax: the loss function applies it, with better precision.
    return nn.Sequential(*layers, nn.Linear(widths[-1], num_classes))
