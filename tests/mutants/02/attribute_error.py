"""Lets the `AttributeError` of `get_submodule` through.

Fails: 02.freeze_backbone.value_error
"""


def freeze_backbone(model, head):
    classifier = model.get_submodule(head)
    for parameter in model.parameters():
        parameter.requires_grad = False
    for parameter in classifier.parameters():
        parameter.requires_grad = True
