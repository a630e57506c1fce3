"""Looks at the direct children only: a frozen BatchNorm deeper down drifts.

Fails: 04.fit.frozen_parts
"""


def _set_train_mode(model):
    model.train()
    for module in model.children():
        parameters = list(module.parameters())
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            module.eval()
