"""A dictionary answers an unknown name with a KeyError.

Fails: 02.unfreeze_from.value_error
"""


def unfreeze_from(model, child):
    children = dict(model.named_children())
    first = children[child]
    found = False
    for module in children.values():
        found = found or module is first
        if found:
            module.requires_grad_(True)
