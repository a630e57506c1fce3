"""Takes a part for frozen when any of its parameters is: then the whole model rests.

Fails: 04.fit.frozen_parts
"""


def _set_train_mode(model):
    model.train()
    for module in model.modules():
        if any(not parameter.requires_grad for parameter in module.parameters()):
            module.eval()
