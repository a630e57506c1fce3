"""Draws the width of the hidden layers and uses 128.

Fails: 07.build_cnn.linear_shapes
"""

from types import FunctionType

# `objective` goes on calling the right `build_cnn`: the mistake is in one task only.
_right = dict(globals())
_right["_train"] = FunctionType(_train.__code__, _right, "_train")
objective = FunctionType(objective.__code__, _right, "objective")


def build_cnn(trial):
    num_conv_layers = trial.suggest_int("num_conv_layers", 1, 3)
    num_filters = trial.suggest_categorical("num_filters", [16, 32, 64, 128])
    kernel_size = trial.suggest_categorical("kernel_size", [3, 5])
    num_fc_layers = trial.suggest_int("num_fc_layers", 1, 3)
    fc_layer_size = trial.suggest_categorical("fc_layer_size", [64, 128, 256])
    dropout = trial.suggest_float("dropout", 0.2, 0.5)
    layers, channels, side = [], 1, 28
    for _ in range(num_conv_layers):
        layers += [
            nn.Conv2d(channels, num_filters, kernel_size, padding=kernel_size // 2),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ]
        channels, side = num_filters, side // 2
    layers.append(nn.Flatten())
    features = channels * side * side
    for _ in range(num_fc_layers):
        layers += [nn.Linear(features, 128), nn.ReLU(), nn.Dropout(dropout)]
        features = 128
    return nn.Sequential(*layers, nn.Linear(features, CLASSES))
