"""Returns a model without a linear head as it is.

Fails: 03.swap_head.no_head_error
"""


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    try:
        name = find_head(model)
    except ValueError:
        return model
    parent, _, child = name.rpartition(".")
    old = model.get_submodule(name)
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    head = nn.Linear(old.in_features, num_classes, **like)
    if dropout > 0:
        head = nn.Sequential(nn.Dropout(dropout), head)
    setattr(model.get_submodule(parent), child, head)
    return model
