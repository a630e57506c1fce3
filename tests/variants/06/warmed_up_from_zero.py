"""Learning rates that warm up from 0 within an epoch, and training in bfloat16."""


def _train(model, train_loader, val_loader, optimizer, epochs, device, phase):
    history = []
    steps = len(train_loader)
    warm_up = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / steps))
    for _ in range(epochs):
        _set_train_mode(model)
        total, count = 0.0, 0
        for images, labels in train_loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            with torch.autocast(torch.device(device).type, dtype=torch.bfloat16):
                loss = nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            warm_up.step()
            total += loss.item() * len(labels)
            count += len(labels)
        val_loss, val_accuracy = _measure(model, val_loader, device)
        history.append(
            {
                "phase": phase,
                "train_loss": total / count,
                "val_loss": val_loss,
                "val_accuracy": val_accuracy,
            }
        )
    return history
