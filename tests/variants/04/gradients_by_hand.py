"""`torch.autograd.grad`, one parameter group each, float32 of NumPy, validation on a copy."""

from collections import OrderedDict
from copy import deepcopy
from statistics import fmean

import numpy as np


def train_one_epoch(model, loader, loss_fn, optimizer, device):
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    losses, sizes = [], []
    for images, labels in loader:
        loss = loss_fn(model(images.to(device)), labels.to(device))
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
            parameter.grad = gradient
        optimizer.step()
        losses.append(loss.tolist())
        sizes.append(len(images))
    return fmean(losses, weights=sizes)


@torch.inference_mode()
def _validate(model, loader, device):
    frozen_in_time = deepcopy(model).eval()
    rows = []
    for images, labels in loader:
        scores = frozen_in_time(images.to(device)).log_softmax(-1).cpu()
        losses = nn.functional.nll_loss(scores, labels, reduction="none")
        rows.append(torch.stack([losses, (scores.argmax(-1) == labels).to(losses)]))
    loss, accuracy = torch.cat(rows, dim=1).numpy().mean(axis=1)
    return np.float32(loss), np.float32(accuracy)


def fit(model, train_loader, val_loader, *, epochs, lr, device):
    model.to(device)
    groups = [{"params": [p]} for p in model.parameters() if p.requires_grad]
    if not groups:
        raise ValueError("all parameters are frozen")
    adam, loss_fn, history = torch.optim.Adam(groups, lr=lr), nn.CrossEntropyLoss(), []
    for _ in range(epochs):
        _mode(model)
        row = OrderedDict(train_loss=train_one_epoch(model, train_loader, loss_fn, adam, device))
        row["val_loss"], row["val_accuracy"] = _validate(model, val_loader, device)
        history.append(row)
    return history


def _mode(module):
    """From the leaves up: whether anything below is trainable."""
    below = [_mode(child) for child in module.children()]
    own = [p.requires_grad for p in module.parameters(recurse=False)]
    trains = any(own) or any(flag for flag in below if flag is not None)
    silent = not own and all(flag is None for flag in below)
    module.training = trains or silent
    if not trains and not silent:
        module.eval()
    return None if silent else trains
