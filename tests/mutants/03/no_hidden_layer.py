"""Cannot do without a hidden layer: the empty list is an IndexError.

Fails: 03.mlp_head.structure
"""


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    layers = [nn.Linear(in_features, hidden[0]), nn.ReLU(), nn.Dropout(dropout)]
    for a, b in zip(hidden, hidden[1:]):
        layers += [nn.Linear(a, b), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear(hidden[-1], num_classes))
