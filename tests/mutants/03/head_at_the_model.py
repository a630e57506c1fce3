"""Takes the last layer out of the classifier and hangs the new one at the model: nobody calls it.

Fails: 03.swap_head.architectures
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
    if parent == "classifier":
        model.classifier[int(child)] = nn.Identity()
        model.fc = head
    else:
        setattr(model.get_submodule(parent), child, head)
    return model
