"""Puts frozen parts into eval mode and never the others into training mode.

Fails: 02.set_train_mode.whatever_before
"""


def set_train_mode(model):
    for module in model.modules():
        parameters = list(module.parameters())
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            module.eval()
