"""Makes everything trainable for the training, and puts the flags back afterwards.

Fails: 04.fit.frozen_parts
"""


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    model.to(device)
    flags = [parameter.requires_grad for parameter in model.parameters()]
    if not any(flags):
        raise ValueError("nothing to train")
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for _ in range(epochs):
        _set_train_mode(model)
        model.requires_grad_(True)
        train_loss = train_one_epoch(model, train_loader, nn.CrossEntropyLoss(), optimizer, device)
        for parameter, flag in zip(model.parameters(), flags):
            parameter.requires_grad = flag
        val_loss, val_accuracy = _measure(model, val_loader, device)
        history.append(
            {"train_loss": train_loss, "val_loss": val_loss, "val_accuracy": val_accuracy}
        )
    return history
