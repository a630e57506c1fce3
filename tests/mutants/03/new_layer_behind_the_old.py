"""Puts a layer behind the old head instead of replacing it.

Fails: 03.swap_head.architectures
"""


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    name = find_head(model)
    parent, _, child = name.rpartition(".")
    old = model.get_submodule(name)
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    head = nn.Sequential(old, nn.Dropout(dropout), nn.Linear(old.out_features, num_classes, **like))
    setattr(model.get_submodule(parent), child, head)
    return model
