"""Puts the whole model into evaluation mode as soon as something is frozen.

Fails: 02.set_train_mode.partly_frozen
"""


def set_train_mode(model):
    model.train(all(parameter.requires_grad for parameter in model.parameters()))
