"""Plain `model.train()` in every epoch: frozen BatchNorm goes on collecting statistics.

Fails: 06.fine_tune.frozen_statistics
"""


def _set_train_mode(model):
    model.train()
