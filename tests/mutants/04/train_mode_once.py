"""The mode is set before the loop: after the first validation training goes on in eval mode.

Fails: 04.fit.every_epoch_in_train_mode
"""


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    model.to(device)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trainable:
        raise ValueError("nothing to train")
    optimizer = torch.optim.Adam(trainable, lr=lr)
    history = []
    _set_train_mode(model)
    for _ in range(epochs):
        train_loss = train_one_epoch(model, train_loader, nn.CrossEntropyLoss(), optimizer, device)
        val_loss, val_accuracy = _measure(model, val_loader, device)
        history.append(
            {"train_loss": train_loss, "val_loss": val_loss, "val_accuracy": val_accuracy}
        )
    return history
