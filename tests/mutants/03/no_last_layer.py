"""Forgets the layer that makes the logits.

Fails: 03.mlp_head.structure
"""


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    layers = []
    for width in hidden:
        layers += [nn.Linear(in_features, width), nn.ReLU(), nn.Dropout(dropout)]
        in_features = width
    return nn.Sequential(*layers)
