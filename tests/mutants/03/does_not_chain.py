"""Every hidden layer begins at `in_features`.

Fails: 03.mlp_head.structure
"""


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    layers = []
    for width in hidden:
        layers += [nn.Linear(in_features, width), nn.ReLU(), nn.Dropout(dropout)]
    last = hidden[-1] if hidden else in_features
    return nn.Sequential(*layers, nn.Linear(last, num_classes))
