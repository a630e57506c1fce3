"""`add_param_group` without `lr` takes the optimizer's own, which is the head's.

Fails: 06.fine_tune.learning_rates
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
    top = model.get_submodule(head)
    optimizer = torch.optim.Adam(top.parameters(), lr=head_lr)
    history = _train(model, train_loader, val_loader, optimizer, head_epochs, device, "head")
    for name in children[children.index(unfreeze) :]:
        model.get_submodule(name).requires_grad_(True)
    held = set(top.parameters())
    thawed = [p for p in model.parameters() if p.requires_grad and p not in held]
    if thawed:
        optimizer.add_param_group({"params": thawed})
    history += _train(model, train_loader, val_loader, optimizer, full_epochs, device, "full")
    return history
