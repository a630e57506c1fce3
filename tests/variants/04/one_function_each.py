"""Everything in one place, `inference_mode`, tensors summed on the device, Adam over all parameters."""


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    model.train()
    losses, sizes = [], []
    for batch in loader:
        images, labels = (part.to(device, non_blocking=True) for part in batch)
        loss = loss_fn(model(images), labels)
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        sizes.append(images.size(0))
    sizes = torch.tensor(sizes, dtype=torch.float32, device=device)
    return (torch.stack(losses) * sizes).sum() / sizes.sum()


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    if not any(p.requires_grad for p in model.parameters()):
        raise ValueError("every parameter is frozen")
    optimizer = torch.optim.Adam(model.parameters(), lr)
    model = model.to(device)
    history = []
    for epoch in range(1, epochs + 1):
        for module in model.modules():
            flags = [p.requires_grad for p in module.parameters()]
            module.training = any(flags) or not flags
        for module in model.modules():
            flags = [p.requires_grad for p in module.parameters()]
            if flags and not any(flags):
                module.eval()
        seen, total = 0, torch.zeros((), device=device)
        for x, y in train_loader:
            x, y = x.to(device), y.to(device)
            loss = nn.functional.cross_entropy(model(x), y, reduction="sum")
            optimizer.zero_grad()
            (loss / len(x)).backward()
            optimizer.step()
            total += loss.detach()
            seen += len(x)
        row = {"epoch": epoch, "train_loss": total / seen}
        with torch.inference_mode():
            model.eval()
            logits = torch.cat([model(x.to(device)) for x, _ in val_loader])
            labels = torch.cat([y for _, y in val_loader]).to(device)
        row["val_loss"] = nn.CrossEntropyLoss()(logits, labels)
        row["val_accuracy"] = (logits.argmax(-1) == labels).float().mean()
        history.append(row)
    return tuple(history)
