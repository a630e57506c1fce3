"""A walk over the modules meets a shared parameter in each of them.

Fails: 01.count_parameters.shared
"""


def count_parameters(model):
    own = [p for module in model.modules() for p in module.parameters(recurse=False)]
    return sum(p.numel() for p in own), sum(p.numel() for p in own if p.requires_grad)
