"""Takes a parameter for a submodule: "fc.weight" raises nothing.

Fails: 02.freeze_backbone.value_error
"""


def freeze_backbone(model, head):
    names = [name for name, _ in model.named_parameters()]
    if not any(name == head or name.startswith(head + ".") for name in names):
        raise ValueError(head)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name == head or name.startswith(head + ".")
