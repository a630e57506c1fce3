"""Plain `model.train()`: BatchNorm statistics of the frozen part drift.

Fails: 02.set_train_mode.dropout_and_statistics
"""


def set_train_mode(model):
    model.train()
