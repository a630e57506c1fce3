"""The second number is that of the frozen parameters.

Fails: 01.count_parameters.trainable
"""


def count_parameters(model):
    parameters = list(model.parameters())
    frozen = sum(p.numel() for p in parameters if not p.requires_grad)
    return sum(p.numel() for p in parameters), frozen
