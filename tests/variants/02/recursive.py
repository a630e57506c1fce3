"""Recursive functions and loops over names."""


def freeze(module):
    for child in module.children():
        freeze(child)
    for parameter in module.parameters(recurse=False):
        parameter.requires_grad_(False)


def freeze_backbone(model, head):
    names = [name for name, _ in model.named_modules() if name]
    if head not in names:
        raise ValueError(f"{head!r} is none of {names}")
    inside = {id(p) for p in model.get_submodule(head).parameters()}
    for parameter in model.parameters():
        parameter.requires_grad = id(parameter) in inside


def set_train_mode(model):
    def visit(module):
        parameters = list(module.parameters())
        if parameters and all(not p.requires_grad for p in parameters):
            module.eval()
            return
        module.training = True
        for child in module.children():
            visit(child)

    visit(model)
