"""Compares names instead of places: 'fc' comes before 'layer4'.

Fails: 02.unfreeze_from.each_child
"""


def unfreeze_from(model, child):
    names = [name for name, _ in model.named_children()]
    if child not in names:
        raise ValueError(child)
    for name, module in model.named_children():
        if name >= child:
            module.requires_grad_(True)
