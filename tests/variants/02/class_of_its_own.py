"""A class does the work; gradients that were left over are cleared too."""


class _Freezer:
    def __init__(self, model):
        self.model = model
        self.modules = dict(model.named_modules())

    def set(self, module, learn):
        for parameter in module.parameters():
            parameter.requires_grad = learn
            if not learn:
                parameter.grad = None

    def find(self, name):
        if name in ("", None) or name not in self.modules:
            raise ValueError(f"there is no {name!r} among {sorted(self.modules)}")
        return self.modules[name]


def freeze(module):
    _Freezer(module).set(module, learn=False)


def freeze_backbone(model, head):
    freezer = _Freezer(model)
    classifier = freezer.find(head)
    freezer.set(model, learn=False)
    freezer.set(classifier, learn=True)
    return model


def unfreeze_from(model, child):
    if "." in child:
        raise ValueError("a direct child has no dot in its name")
    freezer = _Freezer(model)
    first = freezer.find(child)
    children = list(model.children())
    while children[0] is not first:
        children.pop(0)
    for module in children:
        freezer.set(module, learn=True)
    return model
