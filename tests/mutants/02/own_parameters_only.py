"""Asks each layer for its own parameters: the Dropout of a frozen block has none and drops.

Fails: 02.set_train_mode.dropout_and_statistics
"""


def set_train_mode(model):
    model.train()
    for module in model.modules():
        own = list(module.parameters(recurse=False))
        if own and not any(parameter.requires_grad for parameter in own):
            module.train(False)
