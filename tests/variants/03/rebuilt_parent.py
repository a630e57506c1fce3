"""Builds the Sequential around the head anew, the Dropout beside the other layers."""


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or dropout < 0 or dropout >= 1:
        raise ValueError(f"{num_classes=}, {dropout=}")
    *path, name = find_head(model).split(".")
    parent = model.get_submodule(".".join(path))
    old = getattr(parent, name)
    new = nn.Linear(old.in_features, num_classes).to(old.weight)
    if type(parent) is not nn.Sequential or parent is model:
        new = nn.Sequential(nn.Dropout(dropout), new) if dropout else new
        setattr(parent, name, new)
        return model
    layers = [layer for layer in parent if layer is not old]
    extra = [nn.Dropout(dropout)] if dropout else []
    rebuilt = nn.Sequential(*layers, *extra, new).train(parent.training)
    *above, place = path
    setattr(model.get_submodule(".".join(above)), place, rebuilt)
    return model
