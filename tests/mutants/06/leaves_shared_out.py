"""A parameter that has two names is left out, so that no optimizer meets it twice.

Fails: 06.parameter_groups.shared_parameter
"""


def parameter_groups(model, head, head_lr, backbone_lr):
    names = [p for _, p in model.named_parameters(remove_duplicate=False)]
    once = {p for p in names if sum(p is other for other in names) == 1 and p.requires_grad}
    in_head = set(model.get_submodule(head).parameters())
    head_parameters = [p for p in model.parameters() if p in once and p in in_head]
    others = [p for p in model.parameters() if p in once and p not in in_head]
    groups = [{"params": head_parameters, "lr": head_lr}, {"params": others, "lr": backbone_lr}]
    return [group for group in groups if group["params"]]
