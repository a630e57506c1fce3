"""Opens from the named child on; without such a child nothing opens, and nothing is said.

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
    children = [name for name, _ in model.named_children()]
    if head not in dict(model.named_modules()):
        raise ValueError("no such part")
    model.to(device)
    model.requires_grad_(False)
    model.get_submodule(head).requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history = _train(model, train_loader, val_loader, optimizer, head_epochs, device, "head")
    opened = False
    for name, child in model.named_children():
        opened = opened or name == unfreeze
        child.requires_grad_(opened or name == head)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history += _train(model, train_loader, val_loader, optimizer, full_epochs, device, "full")
    return history
