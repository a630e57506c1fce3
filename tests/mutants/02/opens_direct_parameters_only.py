"""Opens what the children hold themselves, not what lies deeper.

Fails: 02.unfreeze_from.each_child
"""


def unfreeze_from(model, child):
    names = [name for name, _ in model.named_children()]
    if child not in names:
        raise ValueError(child)
    for name in names[names.index(child) :]:
        for parameter in model.get_submodule(name).parameters(recurse=False):
            parameter.requires_grad = True
