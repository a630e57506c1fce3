"""Freezes outside the head but leaves a frozen head frozen.

Fails: 02.freeze_backbone.whatever_they_were
"""


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        if not name.startswith(head + "."):
            parameter.requires_grad = False
