"""Returns the frozen module.

Fails: 02.freeze.returns_none
"""


def freeze(module):
    return module.requires_grad_(False)
