"""Named parameters in the groups; one AdamW that gets a second group when the body thaws."""


def parameter_groups(model, head, head_lr, backbone_lr):
    prefix = f"{head}."
    named = {n: p for n, p in model.named_parameters() if p.requires_grad}
    inside = [(n, p) for n, p in named.items() if n.startswith(prefix)]
    outside = [(n, p) for n, p in named.items() if not n.startswith(prefix)]
    pairs = ((inside, head_lr), (outside, backbone_lr))
    return [dict(params=params, lr=lr) for params, lr in pairs if params]


def fine_tune(model, train_loader, val_loader, **options):
    return list(_epochs(model, train_loader, val_loader, **options))


def _epochs(
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
    names = dict(model.named_modules()).keys() - {""}
    children = dict(model.named_children())
    for name, known in {head: names, unfreeze: children.keys()}.items():
        if name not in known:
            raise ValueError(f"{name!r}: choose from {sorted(known)}")
    model.to(device).requires_grad_(False)
    top = model.get_submodule(head).requires_grad_()
    optimizer = torch.optim.AdamW(top.parameters(), lr=head_lr)
    for _ in range(head_epochs):
        yield {"phase": "head", **_epoch(model, train_loader, val_loader, optimizer, device)}
    late = list(children)[list(children).index(unfreeze) :]
    for name in late:
        children[name].requires_grad_()
    held = set(top.parameters())
    thawed = [p for p in model.parameters() if p.requires_grad and p not in held]
    if thawed:
        optimizer.add_param_group({"params": thawed, "lr": backbone_lr})
    for _ in range(full_epochs):
        yield {"phase": "full", **_epoch(model, train_loader, val_loader, optimizer, device)}


def _is_still(module):
    return all(not p.requires_grad for p in module.parameters())


def _epoch(model, train_loader, val_loader, optimizer, device):
    for module in model.modules():
        module.training = True
    for module in filter(_is_still, model.modules()):
        module.training = not any(True for _ in module.parameters())
        if not module.training:
            module.eval()
    seen = [_step(model, x.to(device), y.to(device), optimizer) for x, y in train_loader]
    train_loss = sum(loss * n for loss, n in seen) / sum(n for _, n in seen)
    return {"train_loss": train_loss, **_validate(model, val_loader, device)}


def _step(model, x, y, optimizer):
    def closure():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        return loss

    return optimizer.step(closure).detach(), len(x)


@torch.inference_mode()
def _validate(model, loader, device):
    model.eval()
    logits = torch.cat([model(image[None].to(device)) for x, _ in loader for image in x]).cpu()
    labels = torch.cat([y for _, y in loader])
    loss = nn.CrossEntropyLoss()(logits, labels)
    return {"val_loss": loss, "val_accuracy": logits.argmax(1).eq(labels).float().mean()}
