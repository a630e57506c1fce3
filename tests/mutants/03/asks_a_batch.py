"""Sends a batch through the training model to learn its features; BatchNorm remembers it.

Fails: 03.swap_head.body_unchanged
"""

import torch


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    name = find_head(model)
    parent, _, child = name.rpartition(".")
    old = model.get_submodule(name)
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    widths = []
    hook = old.register_forward_hook(lambda layer, args, output: widths.append(args[0].shape[1]))
    first = next(model.parameters(), None)
    channels = next((p.shape[1] for p in model.parameters() if p.dim() == 4), None)
    shape = (2, old.in_features) if channels is None else (2, channels, 224, 224)
    with torch.no_grad():
        model(torch.zeros(shape, device=first.device, dtype=first.dtype))
    hook.remove()
    head = nn.Linear(widths[0], num_classes, **like)
    if dropout > 0:
        head = nn.Sequential(nn.Dropout(dropout), head)
    setattr(model.get_submodule(parent), child, head)
    return model
