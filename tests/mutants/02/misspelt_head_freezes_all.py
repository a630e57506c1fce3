"""Never asks whether there is such a submodule: a misspelt name freezes everything.

Fails: 02.freeze_backbone.value_error
"""


def freeze_backbone(model, head):
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name.startswith(head + ".")
