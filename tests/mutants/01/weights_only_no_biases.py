"""Only what is called `weight` is counted.

Fails: 01.count_parameters.trainable
"""


def count_parameters(model):
    weights = [p for name, p in model.named_parameters() if name.endswith("weight")]
    return sum(p.numel() for p in weights), sum(p.numel() for p in weights if p.requires_grad)
