"""Adds up the batches' means and divides by the number of images.

Fails: 04.train_one_epoch.mean_per_sample
"""

from types import FunctionType

# `fit` goes on calling the right `train_one_epoch`: the mistake is in one task only.
fit = FunctionType(fit.__code__, dict(globals()), "fit")


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total, count = 0.0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = loss_fn(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
        count += len(labels)
    return total / count
