"""The gradients are cleared between `backward` and `step`: nothing moves.

Fails: 04.train_one_epoch.one_step
"""

from types import FunctionType

# `fit` goes on calling the right `train_one_epoch`: the mistake is in one task only.
fit = FunctionType(fit.__code__, dict(globals()), "fit")


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total, count = 0.0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        loss = loss_fn(model(images), labels)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count
