"""Leaves the whole head out as soon as one of its parameters is frozen.

Fails: 06.parameter_groups.partly_frozen_head
"""


def parameter_groups(model, head, head_lr, backbone_lr):
    head_parameters = list(model.get_submodule(head).parameters())
    in_head = set(head_parameters)
    others = [p for p in model.parameters() if p.requires_grad and p not in in_head]
    groups = []
    if all(p.requires_grad for p in head_parameters):
        groups.append({"params": head_parameters, "lr": head_lr})
    if others:
        groups.append({"params": others, "lr": backbone_lr})
    return groups
