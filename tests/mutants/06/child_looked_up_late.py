"""Looks the child up when its phase begins, which it never does without full epochs.

Fails: 06.fine_tune.value_error
"""


def fine_tune(
    model,
    train_loader,
    val_loader,
    *,
    head,
    unfreeze,
    head_epochs,
    full_epochs,
    head_lr,
    backbone_lr,
    device,
):
    if not head or head not in dict(model.named_modules()):
        raise ValueError(f"the model has no submodule named {head!r}")
    model.to(device)
    model.requires_grad_(False)
    model.get_submodule(head).requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history = _train(model, train_loader, val_loader, optimizer, head_epochs, device, "head")
    if full_epochs == 0:
        return history
    children = [name for name, _ in model.named_children()]
    if unfreeze not in children:
        raise ValueError(f"the model has no direct child named {unfreeze!r}: it has {children}")
    for name in children[children.index(unfreeze) :]:
        model.get_submodule(name).requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history += _train(model, train_loader, val_loader, optimizer, full_epochs, device, "full")
    return history
