"""Sets `requires_grad` on the module, a plain attribute that nothing reads.

Fails: 02.freeze.architectures
"""


def freeze(module):
    module.requires_grad = False


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(head + ".")
