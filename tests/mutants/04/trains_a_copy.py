"""Trains and measures a copy: the model that was passed in learns nothing.

Fails: 04.fit.learns
"""

import copy


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    model = copy.deepcopy(model).to(device)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trainable:
        raise ValueError("nothing to train")
    optimizer = torch.optim.Adam(trainable, lr=lr)
    history = []
    for _ in range(epochs):
        _set_train_mode(model)
        train_loss = train_one_epoch(model, train_loader, nn.CrossEntropyLoss(), optimizer, device)
        val_loss, val_accuracy = _measure(model, val_loader, device)
        history.append(
            {"train_loss": train_loss, "val_loss": val_loss, "val_accuracy": val_accuracy}
        )
    return history
