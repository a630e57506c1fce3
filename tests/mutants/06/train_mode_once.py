"""Sets the training mode once per phase: after the first validation everything is in eval mode.

Fails: 06.fine_tune.trains_in_every_epoch
"""

_mode = _set_train_mode


def _train(model, train_loader, val_loader, optimizer, epochs, device, phase):
    history = []
    _mode(model)
    for _ in range(epochs):
        total, count = 0.0, 0
        for images, labels in train_loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
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
