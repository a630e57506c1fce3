"""Accepts a nested submodule, which is no direct child.

Fails: 02.unfreeze_from.value_error
"""


def unfreeze_from(model, child):
    if child not in dict(model.named_modules()):
        raise ValueError(child)
    found = False
    for name, module in model.named_modules():
        found = found or name == child
        if found:
            for parameter in module.parameters():
                parameter.requires_grad = True
