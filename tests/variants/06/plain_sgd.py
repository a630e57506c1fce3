"""Plain SGD without momentum, a toggle that goes through the children, modes put back each time."""

from contextlib import contextmanager


def parameter_groups(model, head, head_lr, backbone_lr):
    groups = []
    head_ids = [id(p) for p in model.get_submodule(head).parameters()]
    for lr, wanted in [(head_lr, True), (backbone_lr, False)]:
        chosen = []
        for p in model.parameters():
            if p.requires_grad and (id(p) in head_ids) is wanted:
                chosen.append(p)
        if len(chosen) > 0:
            groups.append(dict(params=chosen, lr=lr, weight_decay=0.0))
    return groups


@contextmanager
def _in_mode(model, training):
    before = {m: m.training for m in model.modules()}
    model.train(training)
    for m in model.modules():
        if list(m.parameters()) and all(p.requires_grad is False for p in m.parameters()):
            m.eval()
    try:
        yield model
    finally:
        for m, flag in before.items():
            m.training = flag


def _losses(model, loader, device):
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        logits = model(images)
        yield nn.functional.cross_entropy(logits, labels), logits, labels


def _train_epoch(model, loader, optimizer, device):
    total, count = torch.zeros((), dtype=torch.float64), 0
    with _in_mode(model, True):
        for loss, _, labels in _losses(model, loader, device):
            model.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach().cpu() * len(labels)
            count += len(labels)
    return (total / count).item()


def _validate(model, loader, device):
    total, right, count = 0.0, 0, 0
    with _in_mode(model, False), torch.no_grad():
        for loss, logits, labels in _losses(model, loader, device):
            total += float(loss) * len(labels)
            right += int(logits.argmax(dim=1).eq(labels).sum())
            count += len(labels)
    return total / count, right / count


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
    if not any(name == head for name, _ in model.named_modules()):
        raise ValueError("head")
    if not any(name == unfreeze for name, _ in model.named_children()):
        raise ValueError("unfreeze")
    model.to(device)
    plan = ["head"] * head_epochs + ["full"] * full_epochs
    optimizer, history = None, []
    for epoch, phase in enumerate(plan):
        if epoch == 0 or plan[epoch - 1] != phase:
            opened = False
            for name, child in model.named_children():
                opened = opened or (name == unfreeze and phase == "full")
                child.requires_grad_(opened)
            for p in model._parameters.values():
                p.requires_grad_(False)
            model.get_submodule(head).requires_grad_(True)
            optimizer = torch.optim.SGD(parameter_groups(model, head, head_lr, backbone_lr), lr=1.0)
        row = {"phase": phase, "train_loss": _train_epoch(model, train_loader, optimizer, device)}
        row["val_loss"], row["val_accuracy"] = _validate(model, val_loader, device)
        history.append(row)
    return history
