"""`train_loss` is the loss of the last batch.

Fails: 06.fine_tune.mean_per_sample
"""


def _train(model, train_loader, val_loader, optimizer, epochs, device, phase):
    history = []
    for _ in range(epochs):
        _set_train_mode(model)
        for images, labels in train_loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
        val_loss, val_accuracy = _measure(model, val_loader, device)
        history.append(
            {
                "phase": phase,
                "train_loss": loss.item(),
                "val_loss": val_loss,
                "val_accuracy": val_accuracy,
            }
        )
    return history
