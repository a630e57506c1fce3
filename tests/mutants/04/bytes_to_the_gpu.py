"""Sends the images to a GPU as whole bytes, to save time: what lies between is lost.

Fails: 04.train_one_epoch.moves_batches
"""

from types import FunctionType

# `fit` goes on calling the right `train_one_epoch`: the mistake is in one task only.
fit = FunctionType(fit.__code__, dict(globals()), "fit")


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    total, count = 0.0, 0
    for images, labels in loader:
        if str(device) != "cpu":
            images = images.to(torch.uint8).float()
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = loss_fn(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count
