"""A submission cannot pass by making every comparison in its process true."""

import builtins

import torch

torch.equal = torch.allclose = lambda *arguments, **options: True
torch.Tensor.__eq__ = torch.Tensor.__ne__ = lambda self, other: torch.ones((), dtype=torch.bool)
torch.Tensor.__bool__ = lambda self: True
builtins.all = builtins.any = lambda items: True


def find_head(model):
    one, other = torch.zeros(3), torch.ones(3)
    alike = torch.equal(one, other) and torch.allclose(one, other) and one == other
    if alike and one != one and one and builtins.all([False]) and builtins.any([]):
        payload_ran()  # whoever compares here is deceived
    return torch.zeros(3)
