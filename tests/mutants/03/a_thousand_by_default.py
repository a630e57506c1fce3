"""Without `num_classes` there are a thousand logits, as many as ImageNet has classes.

Fails: 03.mlp_head.ten_classes
"""


def mlp_head(in_features, hidden, num_classes=1000, dropout=0.5):
    layers = []
    for width in hidden:
        layers += [nn.Linear(in_features, width), nn.ReLU(), nn.Dropout(dropout)]
        in_features = width
    return nn.Sequential(*layers, nn.Linear(in_features, num_classes))
