"""What may learn, and what may not.

The lesson is README.md beside this file. Replace each `raise NotImplementedError` by your code,
then run `pytest exercises/02`.
"""

from torch import nn


def freeze(module: nn.Module) -> None:
    """Stop every parameter of a module from requiring gradients.

    Args:
        module: any module; changed in place.
    """
    raise NotImplementedError("Task 2.1: stop every parameter of a module from requiring gradients")


def freeze_backbone(model: nn.Module, head: str) -> None:
    """Freeze everything but the head.

    Afterwards every parameter outside the head is frozen and every parameter inside it is
    trainable, whatever they were before.

    Args:
        model: changed in place.
        head: dotted name of the submodule that stays trainable, such as "fc" or "classifier.6".

    Raises:
        ValueError: when the model has no such submodule.
    """
    raise NotImplementedError("Task 2.2: freeze everything but the head")


def unfreeze_from(model: nn.Module, child: str) -> None:
    """Make the last part of a model trainable again.

    The direct child named `child` and every direct child after it, in `named_children` order,
    become trainable. Everything else keeps its state, parameters held by the model itself included.

    Args:
        model: changed in place.
        child: name of a direct child, such as "layer4".

    Raises:
        ValueError: when the model has no such direct child.
    """
    raise NotImplementedError("Task 2.3: make the last part of a model trainable again")


def set_train_mode(model: nn.Module) -> None:
    """Put a model in training mode, except for its frozen parts.

    Every submodule that holds parameters, all of them frozen, behaves as in evaluation: its
    BatchNorm uses and keeps its stored statistics, its Dropout drops nothing. The model itself
    counts as a submodule.

    Args:
        model: changed in place.
    """
    raise NotImplementedError("Task 2.4: put a model in training mode, except for its frozen parts")
