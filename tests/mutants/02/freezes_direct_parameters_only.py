"""Freezes only the parameters that the module holds itself, not those of its submodules.

Fails: 02.freeze.architectures
"""


def freeze(module):
    for parameter in module.parameters(recurse=False):
        parameter.requires_grad = False


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(head + ".")
