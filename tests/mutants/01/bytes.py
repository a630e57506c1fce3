"""Counts bytes, four for each number.

Fails: 01.count_parameters.zoo
"""


def count_parameters(model):
    parameters = list(model.parameters())
    return sum(p.nbytes for p in parameters), sum(p.nbytes for p in parameters if p.requires_grad)
