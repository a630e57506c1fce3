"""Takes the name of the last child, nested or not.

Fails: 03.find_head.families
"""


def find_head(model):
    name, module = list(model.named_children())[-1]
    if not any(isinstance(m, nn.Linear) for m in module.modules()):
        raise ValueError
    return name


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    pairs = [(n, m) for n, m in model.named_modules() if list(m.parameters(recurse=False))]
    name, old = pairs[-1]
    if not isinstance(old, nn.Linear):
        raise ValueError
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    head = nn.Linear(old.in_features, num_classes, **like)
    if dropout > 0:
        head = nn.Sequential(nn.Dropout(dropout), head)
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, head)
    return model
