"""Asks for `BatchNorm2d` and `Dropout` by name and misses all other kinds of them.

Fails: 02.set_train_mode.other_kinds
"""


def set_train_mode(model):
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            for part in module.modules():
                if isinstance(part, (nn.BatchNorm2d, nn.Dropout)):
                    part.eval()
