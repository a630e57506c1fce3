"""Begins at the first child and stops at the named one: the wrong end learns.

Fails: 02.unfreeze_from.each_child
"""


def unfreeze_from(model, child):
    names = [name for name, _ in model.named_children()]
    if child not in names:
        raise ValueError(child)
    for name in names[: names.index(child) + 1]:
        model.get_submodule(name).requires_grad_(True)
