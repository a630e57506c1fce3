"""A dict of two lists, which no optimizer takes.

Fails: 06.parameter_groups.two_learning_rates
"""

_groups = parameter_groups


def parameter_groups(model, head, head_lr, backbone_lr):
    head_parameters = [p for p in model.get_submodule(head).parameters() if p.requires_grad]
    in_head = set(head_parameters)
    others = [p for p in model.parameters() if p.requires_grad and p not in in_head]
    return {"head": head_parameters, "backbone": others}


_fine_tune = fine_tune


def fine_tune(model, train_loader, val_loader, **options):
    globals()["parameter_groups"], wrong = _groups, parameter_groups
    try:
        return _fine_tune(model, train_loader, val_loader, **options)
    finally:
        globals()["parameter_groups"] = wrong
