"""Turns the parameters into buffers: nothing learns, and nothing can ever be unfrozen.

Fails: 02.freeze.architectures
"""

from types import FunctionType

# `freeze_backbone` goes on calling the right `freeze`: the mistake is in one task only.
freeze_backbone = FunctionType(freeze_backbone.__code__, dict(globals()), "freeze_backbone")


def freeze(module):
    for part in module.modules():
        for name, parameter in list(part.named_parameters(recurse=False)):
            delattr(part, name)
            part.register_buffer(name, parameter.data)
