"""Returns a module with the right layers that is no Sequential.

Fails: 03.mlp_head.structure
"""


class MultiLayerPerceptron(nn.Module):
    def __init__(self, layers):
        super().__init__()
        for number, layer in enumerate(layers):
            self.add_module(f"layer{number}", layer)

    def forward(self, x):
        for layer in self.children():
            x = layer(x)
        return x


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    layers = []
    for width in hidden:
        layers += [nn.Linear(in_features, width), nn.ReLU(), nn.Dropout(dropout)]
        in_features = width
    return MultiLayerPerceptron([*layers, nn.Linear(in_features, num_classes)])
