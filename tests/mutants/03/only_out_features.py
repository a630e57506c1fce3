"""Changes the number `out_features` and leaves the weights as they are.

Fails: 03.swap_head.output_shape
"""


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    name = find_head(model)
    parent, _, child = name.rpartition(".")
    old = model.get_submodule(name)
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    old.out_features = num_classes
    if dropout > 0:
        setattr(model.get_submodule(parent), child, nn.Sequential(nn.Dropout(dropout), old))
    return model
