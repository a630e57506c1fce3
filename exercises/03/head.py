"""A new classifier on a pretrained body.

The lesson is README.md beside this file. Replace each `raise NotImplementedError` by your code,
then run `pytest exercises/03`.
"""

from collections.abc import Sequence

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
    raise NotImplementedError("Task 3.1: find the linear layer that produces the logits")


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
    raise NotImplementedError(
        "Task 3.2: replace the layer that produces the logits by a fresh, trainable one"
    )


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
    raise NotImplementedError("Task 3.3: build a classifier with hidden layers")
