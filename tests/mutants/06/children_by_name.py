"""Compares the head's name with those of the direct children: a nested head is never found, and what the model itself holds is forgotten.

Fails: 06.parameter_groups.any_model
"""

_groups = parameter_groups


def parameter_groups(model, head, head_lr, backbone_lr):
    groups = []
    for name, child in model.named_children():
        trainable = [p for p in child.parameters() if p.requires_grad]
        if trainable:
            groups.append({"params": trainable, "lr": head_lr if name == head else backbone_lr})
    return groups


_fine_tune = fine_tune


def fine_tune(model, train_loader, val_loader, **options):
    globals()["parameter_groups"], wrong = _groups, parameter_groups
    try:
        return _fine_tune(model, train_loader, val_loader, **options)
    finally:
        globals()["parameter_groups"] = wrong
