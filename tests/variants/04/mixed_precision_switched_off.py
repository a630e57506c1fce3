"""A gradient scaler that is switched off, `foreach=False`, batches kept in lists, logits collected."""

import numpy as np


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    scaler = torch.amp.GradScaler("cpu", enabled=False)
    history = np.zeros((len(loader), 2))
    batches = list(loader)
    for number, (images, labels) in enumerate(batches):
        images = images.to(torch.device(device))
        labels = labels.to(torch.device(device))
        optimizer.zero_grad(set_to_none=True)
        logits = model(images)
        loss = loss_fn(logits, labels)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        history[number] = loss.detach().cpu(), images.shape[0]
    return np.average(history[:, 0], weights=history[:, 1])


def _frozen_parts(model):
    frozen = []
    for name, module in model.named_modules():
        flags = {parameter.requires_grad for parameter in module.parameters()}
        if flags == {False}:
            frozen.append(name)
    return frozen


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    optimizer = None
    if any(parameter.requires_grad for parameter in model.parameters()):
        model = model.to(device)
        optimizer = torch.optim.Adam(
            filter(lambda p: p.requires_grad, model.parameters()), lr=lr, foreach=False
        )
    if optimizer is None:
        raise ValueError("Set requires_grad of some parameters first.")
    frozen = _frozen_parts(model)
    loss_fn = nn.CrossEntropyLoss().to(device)
    table = {"train_loss": [], "val_loss": [], "val_accuracy": []}
    for epoch in range(epochs):
        model.train()
        for name in frozen:
            model.get_submodule(name).eval()
        table["train_loss"].append(train_one_epoch(model, train_loader, loss_fn, optimizer, device))
        model.eval()
        all_logits, all_labels = [], []
        for images, labels in val_loader:
            with torch.no_grad():
                all_logits.extend(model(images.to(device)).cpu())
            all_labels.extend(labels)
        logits, labels = torch.stack(all_logits).double(), torch.stack(all_labels)
        table["val_loss"].append(nn.functional.cross_entropy(logits, labels).numpy().item())
        table["val_accuracy"].append(float(np.mean(np.argmax(logits.numpy(), 1) == labels.numpy())))
    return [{key: table[key][epoch] for key in table} for epoch in range(epochs)]
