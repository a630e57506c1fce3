"""Freezes convolutions and linear layers of the backbone, but not its BatchNorms.

Fails: 02.freeze_backbone.exact_counts
"""


def freeze_backbone(model, head):
    modules = dict(model.named_modules())
    if head not in modules:
        raise ValueError(head)
    for module in modules.values():
        if not isinstance(module, nn.BatchNorm2d):
            for parameter in module.parameters(recurse=False):
                parameter.requires_grad = False
    modules[head].requires_grad_(True)
