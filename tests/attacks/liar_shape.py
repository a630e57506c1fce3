"""A submission cannot pass by tensors that lie about their shape, dtype and values."""

import torch
from torch import nn


class Liar(torch.Tensor):
    shape = property(lambda self: torch.Size((2, 10)))
    dtype = property(lambda self: torch.float32)
    device = property(lambda self: torch.device("meta"))

    def __len__(self):
        return 10


def swap_head(model, num_classes=10, dropout=0.0):
    nn.Module.__call__ = lambda self, images: torch.zeros(3).as_subclass(Liar)
    return model


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    return torch.zeros(3).as_subclass(Liar)
