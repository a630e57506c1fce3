"""Keeps the convolutions in a plain list, where torch does not find their parameters.

Fails: 07.build_cnn.convolutions
"""

from types import FunctionType

# `objective` goes on calling the right `build_cnn`: the mistake is in one task only.
_right = dict(globals())
_right["_train"] = FunctionType(_train.__code__, _right, "_train")
objective = FunctionType(objective.__code__, _right, "objective")


class _Net(nn.Module):
    def __init__(self, convs, filters, kernel, layers, size, rate):
        super().__init__()
        self.convs = []
        for number in range(convs):
            self.convs.append(nn.Conv2d(filters if number else 1, filters, kernel, padding="same"))
        widths = [filters * 16] + layers * [size]
        self.hidden = nn.ModuleList(map(nn.Linear, widths, widths[1:]))
        self.dropout = nn.Dropout(rate)
        self.out = nn.Linear(size, CLASSES)

    def forward(self, images):
        for conv in self.convs:
            images = conv(images).relu()
        features = nn.functional.adaptive_avg_pool2d(images, 4).flatten(1)
        for layer in self.hidden:
            features = self.dropout(layer(features).relu())
        return self.out(features)


def build_cnn(trial):
    return _Net(
        trial.suggest_int("num_conv_layers", 1, 3),
        trial.suggest_categorical("num_filters", [16, 32, 64, 128]),
        trial.suggest_categorical("kernel_size", [3, 5]),
        trial.suggest_int("num_fc_layers", 1, 3),
        trial.suggest_categorical("fc_layer_size", [64, 128, 256]),
        trial.suggest_float("dropout", 0.2, 0.5),
    )
