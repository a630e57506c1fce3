"""Counts the layers that come to mind and forgets BatchNorm.

Fails: 01.count_parameters.trainable
"""


def count_parameters(model):
    layers = [m for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    own = {p for layer in layers for p in layer.parameters()}
    return sum(p.numel() for p in own), sum(p.numel() for p in own if p.requires_grad)
