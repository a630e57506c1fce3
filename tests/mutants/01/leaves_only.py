"""Visits only modules without children: what others hold themselves is missed.

Fails: 01.count_parameters.zoo
"""


def count_parameters(model):
    leaves = [module for module in model.modules() if not list(module.children())]
    own = {p for leaf in leaves for p in leaf.parameters()}
    return sum(p.numel() for p in own), sum(p.numel() for p in own if p.requires_grad)
