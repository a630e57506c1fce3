"""A submission cannot pass by tensors that lie about their shape, dtype and values.

Runs: model, dtype, device
"""

import torch
from torch import nn


class Liar(torch.Tensor):
    shape = property(lambda self: torch.Size((2, 10)))  # the runner asks for the two below alone

    @property
    def dtype(self):
        payload_ran("dtype")
        return torch.float32

    @property
    def device(self):
        payload_ran("device")
        return torch.device("meta")

    def __len__(self):
        return 10


def computed(self, images):
    payload_ran("model")
    return torch.zeros(3).as_subclass(Liar)


def swap_head(model, num_classes=10, dropout=0.0):
    nn.Module.__call__ = computed
    return model


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    return torch.zeros(3).as_subclass(Liar)
