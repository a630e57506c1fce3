"""Feature extraction as it is meant: what goes into the head is computed once for all its epochs."""


def _inputs_of(part, model, loader, device):
    seen, labels_of = [], []
    hook = part.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach()))
    model.eval()
    with torch.no_grad():
        for images, labels in loader:
            model(images.to(device))
            labels_of.append(labels.to(device))
    hook.remove()
    return list(zip(seen, labels_of, strict=True))


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
        raise ValueError(f"no {head} or no {unfreeze}")
    model.to(device)
    model.requires_grad_(False)
    part = model.get_submodule(head).requires_grad_(True)
    history = []
    if head_epochs:
        batches = _inputs_of(part, model, train_loader, device)
        optimizer = torch.optim.Adam(part.parameters(), lr=head_lr)
        for _ in range(head_epochs):
            _set_train_mode(model)
            total = count = 0
            for number in torch.randperm(len(batches)).tolist():
                features, labels = batches[number]
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(part(features), labels)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(labels)
                count += len(labels)
            val_loss, val_accuracy = _measure(model, val_loader, device)
            row = {"phase": "head", "train_loss": total / count}
            history.append(row | {"val_loss": val_loss, "val_accuracy": val_accuracy})
    for name in children[children.index(unfreeze) :]:
        model.get_submodule(name).requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    return history + _train(model, train_loader, val_loader, optimizer, full_epochs, device, "full")
