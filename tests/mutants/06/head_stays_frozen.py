"""Freezes everything outside the head, and forgets that the head may be frozen too.

Fails: 06.fine_tune.head_alone
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
    inside = set(model.get_submodule(head).parameters())
    for parameter in model.parameters():
        if parameter not in inside:
            parameter.requires_grad = False
    groups = parameter_groups(model, head, head_lr, backbone_lr)
    optimizer = torch.optim.Adam(groups or [torch.zeros(())])
    history = _train(model, train_loader, val_loader, optimizer, head_epochs, device, "head")
    for name in children[children.index(unfreeze) :]:
        model.get_submodule(name).requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history += _train(model, train_loader, val_loader, optimizer, full_epochs, device, "full")
    return history
