"""A step with a closure, negative log-likelihood by hand, the training loss measured after the epoch."""

from contextlib import contextmanager


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total = 0.0
    for images, labels in iter(loader):
        images = images.to(device)
        labels = labels.to(images) if labels.is_floating_point() else labels.to(images.device)

        def closure():
            for parameter in model.parameters():
                parameter.grad = None
            loss = loss_fn(model(images), labels)
            loss.backward()
            return loss

        total += optimizer.step(closure).item() * images.shape[0]
    return total / len(loader.dataset)


@contextmanager
def _evaluating(model):
    was = model.training
    model.eval()
    with torch.no_grad():
        yield
    model.train(was)


def _score(model, loader, device):
    with _evaluating(model):
        log_probabilities, labels = [], []
        for x, y in loader:
            log_probabilities.append(model(x.to(device)).log_softmax(1))
            labels.append(y.to(device))
    log_probabilities, labels = torch.cat(log_probabilities), torch.cat(labels)
    loss = -log_probabilities.gather(1, labels[:, None]).mean()
    right = sum(int(a) == int(b) for a, b in zip(log_probabilities.argmax(1), labels))
    return loss.item(), right / len(labels)


def _frozen(module):
    parameters = [p.requires_grad for p in module.parameters()]
    return parameters != [] and True not in parameters


def _train(module):
    if _frozen(module):
        module.eval()
    else:
        module.training = True
        for child in module.children():
            _train(child)


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    if _frozen(model):
        raise ValueError("frozen")
    model.to(device)
    optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=lr)
    history = []
    while len(history) < epochs:
        _train(model)
        train_one_epoch(model, train_loader, nn.CrossEntropyLoss(), optimizer, device)
        train_loss, _ = _score(model, train_loader, device)
        loss, accuracy = _score(model, val_loader, device)
        history += [dict(train_loss=train_loss, val_loss=loss, val_accuracy=accuracy)]
    return history
