"""Brings the best epoch's weights back at the end of a phase: without epochs there are none.

Fails: 06.fine_tune.phases_and_values
"""

import copy


def _train(model, train_loader, val_loader, optimizer, epochs, device, phase):
    history, lowest, best = [], float("inf"), None
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
        if val_loss < lowest:
            lowest, best = val_loss, copy.deepcopy(model.state_dict())
        history.append(
            {
                "phase": phase,
                "train_loss": total / count,
                "val_loss": val_loss,
                "val_accuracy": val_accuracy,
            }
        )
    model.load_state_dict(best)
    return history
