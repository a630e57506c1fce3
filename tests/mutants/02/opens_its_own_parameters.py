"""Opens everything that does not belong to an earlier child, so the class token too.

Fails: 02.unfreeze_from.own_parameters
"""


def unfreeze_from(model, child):
    names = [name for name, _ in model.named_children()]
    if child not in names:
        raise ValueError(child)
    before = names[: names.index(child)]
    for name, parameter in model.named_parameters():
        if name.split(".")[0] not in before:
            parameter.requires_grad = True
