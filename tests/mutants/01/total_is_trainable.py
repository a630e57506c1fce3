"""Frozen parameters are left out of the total.

Fails: 01.count_parameters.trainable
"""


def count_parameters(model):
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return trainable, trainable
