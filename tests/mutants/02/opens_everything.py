"""Opens the whole model, whichever child is named.

Fails: 02.unfreeze_from.each_child
"""


def unfreeze_from(model, child):
    names = [name for name, _ in model.named_children()]
    if child not in names:
        raise ValueError(child)
    model.requires_grad_(True)
