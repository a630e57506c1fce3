"""Returns the total alone.

Fails: 01.count_parameters.zoo
"""


def count_parameters(model):
    return sum(p.numel() for p in model.parameters())
