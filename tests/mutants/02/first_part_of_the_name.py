"""Compares the first part of a dotted name: nested heads are never found.

Fails: 02.freeze_backbone.exact_counts
"""


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.split(".")[0] == head
