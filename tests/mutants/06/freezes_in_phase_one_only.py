"""Freezes the body only when there are head epochs: without them everything trains.

Fails: 06.fine_tune.no_head_epochs
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
    children = [name for name, _ in model.named_children()]
    if head not in dict(model.named_modules()) or unfreeze not in children:
        raise ValueError("no such part")
    model.to(device)
    if head_epochs:
        model.requires_grad_(False)
        model.get_submodule(head).requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history = _train(model, train_loader, val_loader, optimizer, head_epochs, device, "head")
    for name in [head, *children[children.index(unfreeze) :]]:
        model.get_submodule(name).requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history += _train(model, train_loader, val_loader, optimizer, full_epochs, device, "full")
    return history
