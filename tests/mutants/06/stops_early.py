"""Stops a phase when the validation loss has not fallen for three epochs.

Fails: 06.fine_tune.phases_and_values
"""


def _train(model, train_loader, val_loader, optimizer, epochs, device, phase):
    history = []
    best, waited = float("inf"), 0
    for _ in range(epochs):
        _set_train_mode(model)
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
        best, waited = (val_loss, 0) if val_loss < best else (best, waited + 1)
        if waited == 3:
            break
    return history
