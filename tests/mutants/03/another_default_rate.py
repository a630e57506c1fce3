"""Drops a fifth unless told otherwise.

Fails: 03.mlp_head.dropout_rate
"""


def mlp_head(in_features, hidden, num_classes=10, dropout=0.2):
    layers = []
    for width in hidden:
        layers += [nn.Linear(in_features, width), nn.ReLU(), nn.Dropout(dropout)]
        in_features = width
    return nn.Sequential(*layers, nn.Linear(in_features, num_classes))
