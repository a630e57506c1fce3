"""Freezes weights and forgets the biases.

Fails: 02.freeze.no_gradient_arrives
"""


def freeze(module):
    for name, parameter in module.named_parameters():
        if name.endswith("weight"):
            parameter.requires_grad = False


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(head + ".")
