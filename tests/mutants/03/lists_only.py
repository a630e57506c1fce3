"""Adds lists together, so that a tuple of widths is a TypeError.

Fails: 03.mlp_head.structure
"""


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    widths = [in_features] + hidden
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear(widths[-1], num_classes))
