"""Turns the flags over, so that what was trainable already is frozen now.

Fails: 02.unfreeze_from.keeps_the_rest
"""


def unfreeze_from(model, child):
    names = [name for name, _ in model.named_children()]
    if child not in names:
        raise ValueError(child)
    for name in names[names.index(child) :]:
        for parameter in model.get_submodule(name).parameters():
            parameter.requires_grad = not parameter.requires_grad
