"""The second hidden layer is called again where the third one belongs.

Fails: 07.build_cnn.linear_shapes
"""


class _Net(nn.Module):
    def __init__(self, convolutions, filters, kernel, hidden, width, dropout):
        super().__init__()
        self.convolutions, self.hidden = convolutions, hidden
        self.conv1 = nn.Conv2d(1, filters, kernel, padding="same")
        if convolutions > 1:
            self.conv2 = nn.Conv2d(filters, filters, kernel, padding="same")
        if convolutions > 2:
            self.conv3 = nn.Conv2d(filters, filters, kernel, padding="same")
        self.pool = nn.AdaptiveAvgPool2d(4)
        self.fc1 = nn.Linear(filters * 16, width)
        if hidden > 1:
            self.fc2 = nn.Linear(width, width)
        if hidden > 2:
            self.fc3 = nn.Linear(width, width)
        self.out = nn.Linear(width, 10)
        self.dropout = nn.Dropout(dropout)

    def forward(self, images):
        x = self.conv1(images).relu()
        if self.convolutions > 1:
            x = self.conv2(x).relu()
        if self.convolutions > 2:
            x = self.conv3(x).relu()
        x = self.dropout(self.fc1(self.pool(x).flatten(1)).relu())
        if self.hidden > 1:
            x = self.dropout(self.fc2(x).relu())
        if self.hidden > 2:
            x = self.dropout(self.fc2(x).relu())
        return self.out(x)


def build_cnn(trial):
    return _Net(
        trial.suggest_int("num_conv_layers", 1, 3),
        trial.suggest_categorical("num_filters", [16, 32, 64, 128]),
        trial.suggest_categorical("kernel_size", [3, 5]),
        trial.suggest_int("num_fc_layers", 1, 3),
        trial.suggest_categorical("fc_layer_size", [64, 128, 256]),
        trial.suggest_float("dropout", 0.2, 0.5),
    )
