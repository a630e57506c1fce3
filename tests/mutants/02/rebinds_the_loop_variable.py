"""`detach` gives a new tensor; the parameter stays what it was.

Fails: 02.freeze.architectures
"""


def freeze(module):
    for parameter in module.parameters():
        parameter = parameter.detach()


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(head + ".")
