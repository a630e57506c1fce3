"""Returns the model, to be chained.

Fails: 02.set_train_mode.keeps_requires_grad
"""


def set_train_mode(model):
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            module.eval()
    return model
