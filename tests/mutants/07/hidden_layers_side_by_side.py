"""Every hidden layer sees the convolutions' output, and their outputs are added up.

Fails: 07.build_cnn.linear_shapes
"""


class SideBySide(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        return sum(torch.relu(layer(x)) for layer in self.layers)


def build_cnn(trial):
    num_conv_layers = trial.suggest_int("num_conv_layers", 1, 3)
    num_filters = trial.suggest_categorical("num_filters", [16, 32, 64, 128])
    kernel_size = trial.suggest_categorical("kernel_size", [3, 5])
    num_fc_layers = trial.suggest_int("num_fc_layers", 1, 3)
    fc_layer_size = trial.suggest_categorical("fc_layer_size", [64, 128, 256])
    dropout = trial.suggest_float("dropout", 0.2, 0.5)
    layers = []
    channels, side = 1, 28
    for _ in range(num_conv_layers):
        layers += [
            nn.Conv2d(channels, num_filters, kernel_size, padding=kernel_size // 2),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ]
        channels, side = num_filters, side // 2
    layers.append(nn.Flatten())
    features = channels * side * side
    hidden = [nn.Linear(features, fc_layer_size) for _ in range(num_fc_layers)]
    layers += [SideBySide(hidden), nn.Dropout(dropout), nn.Linear(fc_layer_size, 10)]
    return nn.Sequential(*layers)
