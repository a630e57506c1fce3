"""Opens the head first and then freezes all, the head included.

Fails: 02.freeze_backbone.gradients
"""


def freeze_backbone(model, head):
    modules = dict(model.named_modules())
    if head not in modules:
        raise ValueError(head)
    modules[head].requires_grad_(True)
    freeze(model)
