"""Looks at the children and their children, and no deeper.

Fails: 02.set_train_mode.partly_frozen
"""


def set_train_mode(model):
    model.train()
    children = list(model.children())
    for module in [model, *children, *(inner for child in children for inner in child.children())]:
        parameters = list(module.parameters())
        if parameters and not any(p.requires_grad for p in parameters):
            module.eval()
