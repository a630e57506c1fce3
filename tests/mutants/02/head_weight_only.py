"""Opens the weights of the head and forgets its bias.

Fails: 02.freeze_backbone.exact_counts
"""


def freeze_backbone(model, head):
    modules = dict(model.named_modules())
    if head not in modules:
        raise ValueError(head)
    freeze(model)
    for name, parameter in modules[head].named_parameters():
        parameter.requires_grad = name.endswith("weight")
