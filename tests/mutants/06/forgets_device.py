"""The model moves to the device, the batches do not.

Fails: 06.fine_tune.device
"""

_train_there = _train


def _train(model, train_loader, val_loader, optimizer, epochs, device, phase):
    return _train_there(model, train_loader, val_loader, optimizer, epochs, "cpu", phase)
