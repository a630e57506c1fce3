"""Reversed search, a Linear without bias, `set_submodule`, a class of its own for the head."""


def find_head(model):
    for name, module in reversed(list(model.named_modules())):
        if any(True for _ in module.parameters(recurse=False)):
            if isinstance(module, nn.Linear):
                return name
            break
    raise ValueError("no linear head")


class _Head(nn.Module):
    def __init__(self, features, classes, rate):
        super().__init__()
        self.drop = nn.Dropout(p=rate)
        self.linear = nn.Linear(features, classes, bias=False)

    def forward(self, x):
        return self.linear(self.drop(x))


def swap_head(model, num_classes=10, dropout=0.0):
    if dropout < 0 or dropout >= 1:
        raise ValueError("dropout")
    if num_classes <= 1:
        raise ValueError("num_classes")
    name = find_head(model)
    old = model.get_submodule(name)
    new = _Head(old.in_features, num_classes, dropout).to(old.weight.device, old.weight.dtype)
    *path, last = name.split(".")
    parent = model
    for part in path:
        parent = getattr(parent, part)
    parent._modules[last] = new
    return model
