"""A one-cycle schedule for each phase, RAdam, `match`, keyword arguments in one dict, lists of samples."""

import math


def parameter_groups(model, head, head_lr, backbone_lr):
    of_head = {*model.get_submodule(head).parameters()}
    trainable = {p: n for n, p in model.named_parameters() if p.requires_grad}
    return [
        {"params": list(part), "lr": lr}
        for part, lr in (
            (trainable.keys() & of_head, head_lr),
            (trainable.keys() - of_head, backbone_lr),
        )
        if part
    ]


def _require(name, names, what):
    match names:
        case [*_] if name in names:
            return
        case _:
            raise ValueError(f"{name!r} is no {what}")


def fine_tune(model, train_loader, val_loader, *, head, unfreeze, device, **settings):
    children = [*model._modules]
    _require(head, [name for name, _ in model.named_modules() if name], "submodule")
    _require(unfreeze, children, "direct child")
    model.to(device)
    history = ()
    for phase in ("head", "full"):
        after = len(children) if phase == "head" else children.index(unfreeze)
        for name, parameter in model.named_parameters():
            in_child = name.split(".")[0] in children[after:] and "." in name
            parameter.requires_grad = in_child or name.startswith(head + ".")
        epochs = settings[f"{phase}_epochs"]
        if epochs == 0:
            continue
        rates = settings["head_lr"], settings["backbone_lr"]
        groups = parameter_groups(model, head, *rates)
        optimizer = torch.optim.RAdam(groups)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            max_lr=[group["lr"] for group in groups],
            total_steps=epochs * len(train_loader) + 1,
            cycle_momentum=False,
        )
        for _ in range(epochs):
            row = {"phase": phase, "train_loss": _fit(model, train_loader, optimizer, schedule)}
            with torch.no_grad():
                model.eval()
                scores = [_score(model(x.to(device)), y) for x, y in val_loader]
            losses, hits = zip(*(pair for batch in scores for pair in batch))
            row |= {
                "val_loss": math.fsum(losses) / len(losses),
                "val_accuracy": sum(hits) / len(hits),
            }
            history += (row,)
    return history


def _fit(model, loader, optimizer, schedule):
    for module in model.train().modules():
        if {p.requires_grad for p in module.parameters()} == {False}:
            module.eval()
    where = next(model.parameters()).device
    losses = []
    for x, y in loader:
        logits = model(x.to(where))
        loss = -torch.log_softmax(logits, 1)[torch.arange(len(y), device=where), y.to(where)].mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses += [loss.item()] * len(y)
    return sum(losses) / len(losses)


def _score(logits, labels):
    logits = logits.cpu()
    right = (logits.argmax(1) == labels).tolist()
    return list(zip(nn.functional.cross_entropy(logits, labels, reduction="none").tolist(), right))
