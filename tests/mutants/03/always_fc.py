"""`model.fc = …`: right for ResNet, and a module that nobody calls in other networks.

Fails: 03.swap_head.output_shape
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
        head = nn.Sequential(nn.Dropout(dropout), head)
    model.fc = head
    return model
