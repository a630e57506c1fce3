"""The Dropout stands behind the linear layer and drops logits.

Fails: 03.swap_head.dropout
"""


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    name = find_head(model)
    old = model.get_submodule(name)
    head = nn.Linear(old.in_features, num_classes, device=old.weight.device, dtype=old.weight.dtype)
    if dropout > 0:
        head = nn.Sequential(head, nn.Dropout(dropout))
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, head)
    return model
