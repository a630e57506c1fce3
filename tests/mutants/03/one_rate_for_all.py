"""Gives every Dropout of the model the new rate.

Fails: 03.swap_head.body_unchanged
"""


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    name = find_head(model)
    parent, _, child = name.rpartition(".")
    old = model.get_submodule(name)
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    head = nn.Linear(old.in_features, num_classes, **like)
    if dropout > 0:
        head = nn.Sequential(nn.Dropout(), head)
    setattr(model.get_submodule(parent), child, head.train(old.training))
    if dropout > 0:
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = dropout
    return model
