"""Returns the trainable number first.

Fails: 01.count_parameters.trainable
"""


def count_parameters(model):
    total = sum(p.numel() for p in model.parameters())
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return trainable, total
