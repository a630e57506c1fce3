"""`assert` raises an AssertionError.

Fails: 03.swap_head.dropout_error
"""


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2:
        raise ValueError
    assert 0 <= dropout < 1, "dropout"
    name = find_head(model)
    parent, _, child = name.rpartition(".")
    old = model.get_submodule(name)
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    head = nn.Linear(old.in_features, num_classes, **like)
    if dropout > 0:
        head = nn.Sequential(nn.Dropout(dropout), head)
    setattr(model.get_submodule(parent), child, head)
    return model
