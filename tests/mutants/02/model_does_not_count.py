"""Leaves out the model itself: wholly frozen, a Dropout directly in it still drops.

Fails: 02.set_train_mode.whole_model
"""


def set_train_mode(model):
    model.train()
    for name, module in model.named_modules():
        parameters = list(module.parameters())
        if name and parameters and not any(parameter.requires_grad for parameter in parameters):
            module.eval()
