"""Sorts by the beginning of the name, without the dot: "fc2" counts as "fc".

Fails: 06.parameter_groups.name_prefix
"""


def parameter_groups(model, head, head_lr, backbone_lr):
    trainable = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    head_parameters = [p for n, p in trainable if n.startswith(head)]
    others = [p for n, p in trainable if not n.startswith(head)]
    groups = [{"params": head_parameters, "lr": head_lr}, {"params": others, "lr": backbone_lr}]
    return [group for group in groups if group["params"]]
