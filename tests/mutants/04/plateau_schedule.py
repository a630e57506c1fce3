"""Makes the learning rate smaller when the validation loss no longer falls.

Fails: 04.fit.adam
"""


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    model.to(device)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trainable:
        raise ValueError("nothing to train")
    optimizer = torch.optim.Adam(trainable, lr=lr)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    history = []
    for _ in range(epochs):
        _set_train_mode(model)
        train_loss = train_one_epoch(model, train_loader, nn.CrossEntropyLoss(), optimizer, device)
        val_loss, val_accuracy = _measure(model, val_loader, device)
        history.append(
            {"train_loss": train_loss, "val_loss": val_loss, "val_accuracy": val_accuracy}
        )
        schedule.step(val_loss)
    return history
