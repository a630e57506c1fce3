"""Opens every nn.Linear: right for ResNet, and two layers too many for VGG.

Fails: 02.freeze_backbone.exact_counts
"""


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    freeze(model)
    for module in model.modules():
        if isinstance(module, nn.Linear):
            module.requires_grad_(True)
