"""The new head is always created on the CPU in float32.

Fails: 03.swap_head.device_and_dtype
"""


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    name = find_head(model)
    old = model.get_submodule(name)
    head = nn.Linear(old.in_features, num_classes)
    if dropout > 0:
        head = nn.Sequential(nn.Dropout(dropout), head)
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, head)
    return model
