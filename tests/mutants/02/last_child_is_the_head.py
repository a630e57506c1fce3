"""Always opens the last child, whatever the head's name is.

Fails: 02.freeze_backbone.exact_counts
"""


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    freeze(model)
    list(model.children())[-1].requires_grad_(True)
