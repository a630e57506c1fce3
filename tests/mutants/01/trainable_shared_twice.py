"""The total is right; the trainable ones are counted module by module.

Fails: 01.count_parameters.shared
"""


def count_parameters(model):
    total = sum(p.numel() for p in model.parameters())
    own = [p for module in model.modules() for p in module.parameters(recurse=False)]
    return total, sum(p.numel() for p in own if p.requires_grad)
