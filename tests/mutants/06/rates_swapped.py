"""The two learning rates are swapped.

Fails: 06.parameter_groups.any_model
"""

_groups = parameter_groups


def parameter_groups(model, head, head_lr, backbone_lr):
    return _groups(model, head, backbone_lr, head_lr)


_fine_tune = fine_tune


def fine_tune(model, train_loader, val_loader, *, head_lr, backbone_lr, **options):
    rates = {"head_lr": backbone_lr, "backbone_lr": head_lr}  # so that this function is right
    return _fine_tune(model, train_loader, val_loader, **rates, **options)
