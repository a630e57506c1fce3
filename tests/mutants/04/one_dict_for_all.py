"""The same dict is filled and appended in every epoch: all entries show the last one.

Fails: 04.fit.adam
"""


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    model.to(device)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trainable:
        raise ValueError("nothing to train")
    optimizer = torch.optim.Adam(trainable, lr=lr)
    history, entry = [], {}
    for _ in range(epochs):
        _set_train_mode(model)
        entry["train_loss"] = train_one_epoch(
            model, train_loader, nn.CrossEntropyLoss(), optimizer, device
        )
        entry["val_loss"], entry["val_accuracy"] = _measure(model, val_loader, device)
        history.append(entry)
    return history
