"""`require_grad`: Python sets any attribute, and nothing reads this one.

Fails: 02.freeze.architectures
"""


def freeze(module):
    for parameter in module.parameters():
        parameter.require_grad = False


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(head + ".")
