"""Takes a part for frozen whose first and last parameter are.

Fails: 02.set_train_mode.partly_frozen
"""


def set_train_mode(model):
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        if parameters and not (parameters[0].requires_grad or parameters[-1].requires_grad):
            module.eval()
