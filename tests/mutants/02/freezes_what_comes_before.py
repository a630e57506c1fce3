"""Also freezes everything before the child.

Fails: 02.unfreeze_from.keeps_the_rest
"""


def unfreeze_from(model, child):
    names = [name for name, _ in model.named_children()]
    if child not in names:
        raise ValueError(child)
    opened = names[names.index(child) :]
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.split(".")[0] in opened
