"""Finds the head by how parameter names begin, so that "block1" takes "block10" along.

Fails: 02.freeze_backbone.name_prefix
"""


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(head)
