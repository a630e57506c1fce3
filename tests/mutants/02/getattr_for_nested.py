"""`getattr` knows no dotted names, so a nested head is never found.

Fails: 02.freeze_backbone.nested_head
"""


def freeze_backbone(model, head):
    classifier = getattr(model, head, None)
    if not isinstance(classifier, nn.Module):
        raise ValueError(head)
    freeze(model)
    classifier.requires_grad_(True)
