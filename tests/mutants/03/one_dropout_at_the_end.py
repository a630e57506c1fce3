"""A single Dropout before the last layer instead of one for each hidden layer.

Fails: 03.mlp_head.structure
"""


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    layers = []
    for width in hidden:
        layers += [nn.Linear(in_features, width), nn.ReLU()]
        in_features = width
    layers += [nn.Dropout(dropout)] if hidden else []
    return nn.Sequential(*layers, nn.Linear(in_features, num_classes))
