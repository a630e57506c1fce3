"""Puts a part into eval mode as soon as one of its parameters is frozen.

Fails: 02.set_train_mode.partly_frozen
"""


def set_train_mode(model):
    model.train()
    for module in model.modules():
        if any(not parameter.requires_grad for parameter in module.parameters()):
            module.eval()
