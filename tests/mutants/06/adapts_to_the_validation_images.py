"""Shows BatchNorm the validation images before it measures: their statistics go into the model.

Fails: 06.fine_tune.validation_without_gradients
"""


def _train(model, train_loader, val_loader, optimizer, epochs, device, phase):
    history = []
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
        with torch.no_grad():
            for images, _ in val_loader:
                model(images.to(device))
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
