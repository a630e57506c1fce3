"""Takes the first nn.Linear, which is the last one only where there is just one.

Fails: 03.find_head.families
"""


def find_head(model):
    pairs = [(n, m) for n, m in model.named_modules() if list(m.parameters(recurse=False))]
    if not pairs or not isinstance(pairs[-1][1], nn.Linear):
        raise ValueError
    return next(name for name, module in pairs if isinstance(module, nn.Linear))


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    pairs = [(n, m) for n, m in model.named_modules() if list(m.parameters(recurse=False))]
    if not pairs or not isinstance(pairs[-1][1], nn.Linear):
        raise ValueError
    name, old = pairs[-1]
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    head = nn.Linear(old.in_features, num_classes, **like)
    if dropout > 0:
        head = nn.Sequential(nn.Dropout(dropout), head)
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, head)
    return model
