"""Calls `F.dropout` without saying whether the head trains: it drops in evaluation too.

Fails: 03.swap_head.dropout
"""


class _Head(nn.Linear):
    def forward(self, x):
        return super().forward(nn.functional.dropout(x, self.rate))


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    name = find_head(model)
    parent, _, child = name.rpartition(".")
    old = model.get_submodule(name)
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    head = _Head(old.in_features, num_classes, **like)
    head.rate = dropout
    setattr(model.get_submodule(parent), child, head)
    return model
