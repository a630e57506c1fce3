"""Always returns two groups, one of them empty while the backbone is frozen.

Fails: 06.parameter_groups.no_empty_group
"""


def parameter_groups(model, head, head_lr, backbone_lr):
    inside = {id(p) for p in model.get_submodule(head).parameters()}
    trainable = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in trainable if id(p) in inside], "lr": head_lr},
        {"params": [p for p in trainable if id(p) not in inside], "lr": backbone_lr},
    ]
