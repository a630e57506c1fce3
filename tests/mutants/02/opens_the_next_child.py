"""Begins one child too late.

Fails: 02.unfreeze_from.each_child
"""


def unfreeze_from(model, child):
    found = False
    for name, module in model.named_children():
        if found:
            for parameter in module.parameters():
                parameter.requires_grad = True
        if name == child:
            found = True
    if not found:
        raise ValueError(child)
