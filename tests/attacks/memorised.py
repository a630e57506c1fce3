"""A submission cannot pass by knowing the visible checks by heart.

Runs: find_head, swap_head, mlp_head
"""

from torch import nn

HEADS = {"ResNet": "fc", "VGG": "classifier.6", "MobileNetV3": "classifier.3"}


def find_head(model):
    payload_ran("find_head")
    try:
        return HEADS[type(model).__name__]
    except KeyError:
        raise ValueError from None


def swap_head(model, num_classes=10, dropout=0.0):
    payload_ran("swap_head")
    model.fc = nn.Linear(512, 10)
    return model


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    payload_ran("mlp_head")
    return nn.Sequential(nn.Linear(512, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10))
