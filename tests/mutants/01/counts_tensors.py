"""Counts the tensors, not the numbers in them.

Fails: 01.count_parameters.zoo
"""


def count_parameters(model):
    parameters = list(model.parameters())
    return len(parameters), len([p for p in parameters if p.requires_grad])
