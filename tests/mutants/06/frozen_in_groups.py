"""Puts every parameter into a group, frozen ones too: "they get no gradient anyway".

Fails: 06.parameter_groups.any_model
"""


def parameter_groups(model, head, head_lr, backbone_lr):
    head_parameters = list(model.get_submodule(head).parameters())
    ids = {id(p) for p in head_parameters}
    others = [p for p in model.parameters() if id(p) not in ids]
    groups = [{"params": head_parameters, "lr": head_lr}, {"params": others, "lr": backbone_lr}]
    return [group for group in groups if group["params"]]


def fine_tune(model, train_loader, val_loader, **options):
    return _without_groups(model, train_loader, val_loader, **options)


def _without_groups(
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
    names = [name for name, _ in model.named_children()]
    if head not in dict(model.named_modules()) or unfreeze not in names:
        raise ValueError("no such part")
    model.to(device).requires_grad_(False)
    top = model.get_submodule(head).requires_grad_(True)
    optimizer = torch.optim.SGD(top.parameters(), lr=head_lr, momentum=0.9)
    history = _train(model, train_loader, val_loader, optimizer, head_epochs, device, "head")
    for name in names[names.index(unfreeze) :]:
        getattr(model, name).requires_grad_(True)
    mine = set(top.parameters())
    others = [p for p in model.parameters() if p.requires_grad and p not in mine]
    if others:
        optimizer.add_param_group({"params": others, "lr": backbone_lr})
    return history + _train(model, train_loader, val_loader, optimizer, full_epochs, device, "full")
