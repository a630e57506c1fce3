"""Goes through the parameters and opens from the first one of the child on: a child without parameters has none.

Fails: 06.fine_tune.child_without_parameters
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
    model.requires_grad_(False)
    model.get_submodule(head).requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history = _train(model, train_loader, val_loader, optimizer, head_epochs, device, "head")
    opened = False
    for name, parameter in model.named_parameters():
        opened = opened or name.startswith(f"{unfreeze}.")
        if opened:
            parameter.requires_grad = True
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history += _train(model, train_loader, val_loader, optimizer, full_epochs, device, "full")
    return history
