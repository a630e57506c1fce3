"""Unfreezes the named child alone, not the ones after it.

Fails: 02.unfreeze_from.each_child
"""


def unfreeze_from(model, child):
    if child not in dict(model.named_children()):
        raise ValueError(child)
    for parameter in getattr(model, child).parameters():
        parameter.requires_grad = True
