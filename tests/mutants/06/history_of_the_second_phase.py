"""`history =` instead of `history +=`: the first phase is forgotten.

Fails: 06.fine_tune.history
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
    if not head or head not in dict(model.named_modules()) or unfreeze not in children:
        raise ValueError("no such part")
    model.to(device)
    model.requires_grad_(False)
    model.get_submodule(head).requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history = _train(model, train_loader, val_loader, optimizer, head_epochs, device, "head")
    for name in children[children.index(unfreeze) :]:
        model.get_submodule(name).requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history = _train(model, train_loader, val_loader, optimizer, full_epochs, device, "full")
    return history
