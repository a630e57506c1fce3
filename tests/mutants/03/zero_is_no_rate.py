"""Takes the rate 0.0 for none, and the default instead.

Fails: 03.mlp_head.dropout_rate
"""


def mlp_head(in_features, hidden, num_classes=10, dropout=None):
    widths = [in_features, *hidden]
    layers = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout or 0.5)]
    return nn.Sequential(*layers, nn.Linear(widths[-1], num_classes))
