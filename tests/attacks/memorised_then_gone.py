"""A submission cannot save its points by ending the process before a check that it fails.

Runs: find_head, swap_head, mlp_head
"""

import os

from torch import nn

HEADS = {"ResNet": "fc", "VGG": "classifier.6", "MobileNetV3": "classifier.3"}


def leave(name):
    payload_ran(name)
    os._exit(0)


def find_head(model):
    kind = type(model).__name__
    if kind == "SqueezeNet":
        raise ValueError
    return HEADS[kind] if kind in HEADS else leave("find_head")


def swap_head(model, num_classes=10, dropout=0.0):
    if type(model).__name__ != "ResNet":
        leave("swap_head")
    model.fc = nn.Linear(512, 10)
    return model


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    if in_features != 512:
        leave("mlp_head")
    return nn.Sequential(nn.Linear(512, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10))
