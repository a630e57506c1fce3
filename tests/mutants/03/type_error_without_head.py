"""Raises a TypeError, since the last module is of the wrong type.

Fails: 03.find_head.no_linear_at_the_end_hidden
"""


def find_head(model):
    pairs = [(n, m) for n, m in model.named_modules() if list(m.parameters(recurse=False))]
    if not pairs or not isinstance(pairs[-1][1], nn.Linear):
        raise TypeError("the model does not end in an nn.Linear")
    return pairs[-1][0]


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
