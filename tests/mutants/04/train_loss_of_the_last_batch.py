"""`train_loss` is the loss of the last batch of the epoch.

Fails: 04.fit.train_loss
"""


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    model.to(device)
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trainable:
        raise ValueError("nothing to train")
    optimizer = torch.optim.Adam(trainable, lr=lr)
    history = []
    for _ in range(epochs):
        _set_train_mode(model)
        for images, labels in train_loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
        train_loss = loss.item()
        val_loss, val_accuracy = _measure(model, val_loader, device)
        history.append(
            {"train_loss": train_loss, "val_loss": val_loss, "val_accuracy": val_accuracy}
        )
    return history
