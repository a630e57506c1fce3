"""Does nothing, and says nothing, for a child that is not there.

Fails: 02.unfreeze_from.value_error
"""


def unfreeze_from(model, child):
    found = False
    for name, module in model.named_children():
        found = found or name == child
        for parameter in module.parameters():
            parameter.requires_grad = parameter.requires_grad or found
