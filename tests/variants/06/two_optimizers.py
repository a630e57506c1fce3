"""SGD for the head and SGD for the body, sums instead of means, `nn.Module.apply`, tuples."""


def parameter_groups(model, head, head_lr, backbone_lr):
    top = {id(p) for p in model.get_submodule(head).parameters()}
    return tuple(
        {"params": (p,), "lr": head_lr if id(p) in top else backbone_lr, "weight_decay": 1e-4}
        for p in model.parameters()
        if p.requires_grad
    )


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
    try:
        top = model.get_submodule(head)
        start = list(model._modules).index(unfreeze)
    except AttributeError as error:
        raise ValueError(str(error)) from error
    model = model.to(device)
    children = list(model.children())
    history = []
    for phase, epochs in (("head", head_epochs), ("full", full_epochs)):
        for p in model.parameters():
            p.requires_grad = False
        for part in [top] if phase == "head" else [top, *children[start:]]:
            for p in part.parameters():
                p.requires_grad = True
        mine = list(top.parameters())
        rest = [p for p in model.parameters() if p.requires_grad and all(p is not q for q in mine)]
        optimizers = [torch.optim.SGD(mine, lr=head_lr, momentum=0.9)]
        if rest:
            optimizers.append(torch.optim.SGD(rest, lr=backbone_lr, momentum=0.9))
        for _ in range(epochs):
            history.append({"epoch": len(history), "phase": phase})
            for split, loader in (("train", train_loader), ("val", val_loader)):
                history[-1] |= _pass(model, loader, optimizers, device, split)
    return history


def _mode(module):
    own = list(module.parameters())
    module.training = not own or any(p.requires_grad for p in own)


def _pass(model, loader, optimizers, device, split):
    training = split == "train"
    model.train(training)
    if training:
        for module in model.modules():
            own = list(module.parameters())
            if own and not any(p.requires_grad for p in own):
                module.train(False)
    loss_sum = torch.zeros((), device=device)
    hits = torch.zeros((), device=device)
    seen = 0
    with torch.set_grad_enabled(training):
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            out = model(x)
            loss = nn.functional.cross_entropy(out, y, reduction="sum")
            if training:
                model.zero_grad()
                (loss / len(y)).backward()
                for optimizer in optimizers:
                    optimizer.step()
            loss_sum += loss.detach()
            hits += (out.argmax(1) == y).sum()
            seen += y.numel()
    return {f"{split}_loss": loss_sum / seen, f"{split}_accuracy": hits / seen}
