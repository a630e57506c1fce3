"""A submission cannot pass by a model that inspects its callers."""

import sys

import torch
from torch import nn


class Watching(nn.Module):
    def forward(self, images):
        frame = sys._getframe()
        while frame is not None:
            for name, value in frame.f_locals.items():
                if name in ("expected", "want", "labels", "logits") and isinstance(
                    value, torch.Tensor
                ):
                    return value
            frame = frame.f_back
        payload_ran()
        return torch.zeros(len(images), 10)


def swap_head(model, num_classes=10, dropout=0.0):
    return Watching()


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    return Watching()
