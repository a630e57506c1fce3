"""What may learn, and what may not."""

from torch import nn


def freeze(module: nn.Module) -> None:
    """Stop every parameter of a module from requiring gradients.

    Args:
        module: any module; changed in place.
    """
    for parameter in module.parameters():  # those of all submodules, too
        parameter.requires_grad_(False)


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
    # Looked up before anything is frozen: a misspelt name changes nothing.
    modules = dict(model.named_modules())
    if not head or head not in modules:
        raise ValueError(f"the model has no submodule named {head!r}")
    freeze(model)
    # By membership, not by the names of parameters: "block1" is also how "block10" begins.
    for parameter in modules[head].parameters():
        parameter.requires_grad_(True)


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
    # Children alone: parameters of the model itself belong to none of them and stay as they are.
    names = [name for name, _ in model.named_children()]
    if child not in names:
        raise ValueError(f"the model has no direct child named {child!r}: it has {names}")
    for name in names[names.index(child) :]:
        for parameter in model.get_submodule(name).parameters():
            parameter.requires_grad_(True)


def set_train_mode(model: nn.Module) -> None:
    """Put a model in training mode, except for its frozen parts.

    Every submodule that holds parameters, all of them frozen, behaves as in evaluation: its
    BatchNorm uses and keeps its stored statistics, its Dropout drops nothing. The model itself
    counts as a submodule.

    Args:
        model: changed in place.
    """
    # Everything trains, then what is frozen as a whole is put back. The order matters: `train()`
    # reaches all submodules.
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        # Without parameters (a ReLU, a Dropout on its own) a module belongs to what is around it.
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            module.eval()  # BatchNorm keeps its statistics, Dropout drops nothing
