"""The old layer stays and gets new parameters; `reduce` and recursion find and build the rest."""

import math
from functools import reduce

import torch


def find_head(model):
    def last(name, module):
        own = (name, module) if any(True for _ in module.parameters(recurse=False)) else None
        below = ((f"{name}.{n}" if name else n, child) for n, child in module.named_children())
        return reduce(lambda found, pair: last(*pair) or found, below, own)

    name, module = last("", model) or ("", None)
    if not isinstance(module, nn.Linear):
        raise ValueError("no head")
    return name


class _Dropped(nn.Module):
    def __init__(self, linear, rate):
        super().__init__()
        self.linear, self.rate = linear, rate

    def forward(self, features):
        if not self.training:
            return self.linear(features)
        kept = torch.rand_like(features) >= self.rate
        return self.linear(features * kept / (1 - self.rate))


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or dropout < 0 or dropout >= 1:
        raise ValueError(f"{num_classes} classes and a dropout of {dropout}")
    name = find_head(model)
    linear = model.get_submodule(name)
    linear.out_features = num_classes
    bound = 1 / math.sqrt(linear.in_features)
    shapes = {"weight": (num_classes, linear.in_features), "bias": (num_classes,)}
    for key, shape in shapes.items():
        values = linear.weight.detach().new_empty(shape).uniform_(-bound, bound)
        setattr(linear, key, nn.Parameter(values, requires_grad=True))
    if dropout:
        model.set_submodule(name, _Dropped(linear, dropout))
    return model


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    if not hidden:
        return nn.Sequential(nn.Linear(in_features, num_classes))
    first, *others = hidden
    rest = mlp_head(first, others, num_classes, dropout)
    return nn.Sequential(nn.Linear(in_features, first), nn.ReLU(), nn.Dropout(dropout), *rest)
