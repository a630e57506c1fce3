"""Looks at the direct children only, not at the layers in them.

Fails: 02.set_train_mode.partly_frozen
"""


def set_train_mode(model):
    model.train()
    for module in [model, *model.children()]:
        parameters = list(module.parameters())
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            module.eval()
