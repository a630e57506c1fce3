"""Another optimizer than the one that is passed in takes the steps.

Fails: 04.train_one_epoch.given_optimizer
"""

from types import FunctionType

# `fit` goes on calling the right `train_one_epoch`: the mistake is in one task only.
fit = FunctionType(fit.__code__, dict(globals()), "fit")


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total, count = 0.0, 0
    lr = optimizer.param_groups[0]["lr"]
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = loss_fn(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count
