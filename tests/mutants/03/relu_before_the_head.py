"""A ReLU between the features and the new layer throws half of them away.

Fails: 03.swap_head.logits
"""


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    name = find_head(model)
    parent, _, child = name.rpartition(".")
    old = model.get_submodule(name)
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    head = nn.Linear(old.in_features, num_classes, **like)
    layers = [nn.Dropout(dropout)] if dropout > 0 else []
    head = nn.Sequential(nn.ReLU(), *layers, head)
    setattr(model.get_submodule(parent), child, head)
    return model
