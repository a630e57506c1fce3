"""Gradients are cleared after each step, so that old ones go into the first.

Fails: 04.train_one_epoch.leftover_gradients
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
        optimizer.step()
        optimizer.zero_grad()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count
