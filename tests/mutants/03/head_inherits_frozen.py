"""The new head inherits `requires_grad=False` from the old one.

Fails: 03.swap_head.head_is_trainable
"""

_swap = swap_head


def swap_head(model, num_classes=10, dropout=0.0):
    trainable = model.get_submodule(find_head(model)).weight.requires_grad
    name = find_head(model)
    model = _swap(model, num_classes, dropout)
    model.get_submodule(name).requires_grad_(trainable)
    return model
