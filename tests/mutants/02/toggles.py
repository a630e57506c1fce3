"""Turns every flag over, so that what was frozen learns again.

Fails: 02.freeze.no_gradient_arrives
"""


def freeze(module):
    for parameter in module.parameters():
        parameter.requires_grad = not parameter.requires_grad


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(head + ".")
