"""Opens all that stands beside the head, too.

Fails: 02.freeze_backbone.nested_head
"""


def freeze_backbone(model, head):
    modules = dict(model.named_modules())
    if head not in modules:
        raise ValueError(head)
    freeze(model)
    parent = head.rpartition(".")[0]
    modules[parent or head].requires_grad_(True)
