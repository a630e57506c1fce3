"""Leaves it to `get_submodule` to complain about an unknown name: an AttributeError.

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
    model.to(device)
    model.requires_grad_(False)
    model.get_submodule(head).requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history = _train(model, train_loader, val_loader, optimizer, head_epochs, device, "head")
    opened = False
    model.get_submodule(unfreeze)
    for name, child in model.named_children():
        opened = opened or name == unfreeze
        if opened:
            child.requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history += _train(model, train_loader, val_loader, optimizer, full_epochs, device, "full")
    return history
