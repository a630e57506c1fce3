"""Finds the head by the last parameter, and frees the old one before it makes the new one."""

import torch


def find_head(model):
    names = [name for name, _ in model.named_parameters()]
    head = names[-1].rpartition(".")[0] if names else ""
    if not head or not isinstance(model.get_submodule(head), torch.nn.Linear):
        raise ValueError("no linear head")
    return head


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2:
        raise ValueError("at least two classes, please")
    if not 0.0 <= dropout < 1.0:
        raise ValueError("a rate in [0, 1), please")
    parent_name, _, name = find_head(model).rpartition(".")
    parent = model.get_submodule(parent_name) if parent_name else model
    features = getattr(parent, name).in_features
    weight = getattr(parent, name).weight
    device, dtype = weight.device, weight.dtype
    del weight
    delattr(parent, name)
    new = nn.Linear(features, num_classes).to(device).to(dtype)
    parent.add_module(name, nn.Sequential(nn.Dropout(dropout), new))
    return model
