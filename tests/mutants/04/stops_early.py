"""Stops when the validation loss has not fallen for three epochs.

Fails: 04.fit.adam
"""


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    model.to(device)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trainable:
        raise ValueError("nothing to train")
    optimizer = torch.optim.Adam(trainable, lr=lr)
    best, waited = float("inf"), 0
    history = []
    for _ in range(epochs):
        _set_train_mode(model)
        train_loss = train_one_epoch(model, train_loader, nn.CrossEntropyLoss(), optimizer, device)
        val_loss, val_accuracy = _measure(model, val_loader, device)
        history.append(
            {"train_loss": train_loss, "val_loss": val_loss, "val_accuracy": val_accuracy}
        )
        best, waited = (val_loss, 0) if val_loss < best else (best, waited + 1)
        if waited == 3:
            break
    return history
