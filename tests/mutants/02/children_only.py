"""Goes through the children and misses the parameters that the model holds itself.

Fails: 02.freeze.no_gradient_arrives
"""


def freeze(module):
    for child in module.children():
        for parameter in child.parameters():
            parameter.requires_grad = False


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(head + ".")
