"""Spares the last child, as if it were always the head.

Fails: 02.freeze.no_gradient_arrives
"""


def freeze(module):
    for child in list(module.children())[:-1] or [module]:
        child.requires_grad_(False)
    for parameter in module.parameters(recurse=False):
        parameter.requires_grad = False


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(head + ".")
