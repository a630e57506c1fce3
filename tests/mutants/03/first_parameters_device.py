"""Takes the device of the model's first parameter.

Fails: 03.swap_head.device_and_dtype
"""


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    name = find_head(model)
    parent, _, child = name.rpartition(".")
    old = model.get_submodule(name)
    first = next(model.parameters())
    head = nn.Linear(old.in_features, num_classes, device=first.device, dtype=first.dtype)
    if dropout > 0:
        head = nn.Sequential(nn.Dropout(dropout), head)
    setattr(model.get_submodule(parent), child, head.train(old.training))
    return model
