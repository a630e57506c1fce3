"""Freezes the other children, but not the parameters that the model holds itself.

Fails: 02.freeze_backbone.whatever_they_were
"""


def freeze_backbone(model, head):
    classifier = dict(model.named_modules()).get(head)
    if classifier is None:
        raise ValueError(head)
    for child in model.children():
        for parameter in child.parameters():
            parameter.requires_grad = False
    for parameter in classifier.parameters():
        parameter.requires_grad = True
