"""A Sequential in a Sequential for each hidden layer.

Fails: 03.mlp_head.structure
"""


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    blocks = []
    for width in hidden:
        blocks.append(nn.Sequential(nn.Linear(in_features, width), nn.ReLU(), nn.Dropout(dropout)))
        in_features = width
    return nn.Sequential(*blocks, nn.Linear(in_features, num_classes))
