"""Looks at one parameter of each part and takes it for all.

Fails: 02.set_train_mode.partly_frozen
"""


def set_train_mode(model):
    model.train()
    for module in model.modules():
        first = next(module.parameters(), None)
        if first is not None and not first.requires_grad:
            module.eval()
