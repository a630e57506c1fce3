"""Takes evaluation mode for freezing.

Fails: 02.freeze.architectures
"""


def freeze(module):
    module.eval()


def freeze_backbone(model, head):
    if head not in dict(model.named_modules()):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(head + ".")
