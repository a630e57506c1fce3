"""A head that begins with zeros; one ReLU and one Dropout that stand several times."""


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes in (0, 1) or num_classes < 0 or abs(dropout - 0.5) > 0.5 or dropout == 1:
        raise ValueError
    name = find_head(model)
    old = model.get_submodule(name)
    linear = nn.Linear(old.in_features, num_classes).type(old.weight.dtype).to(old.weight.device)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    parent, _, child = name.rpartition(".")
    model.get_submodule(parent).register_module(child, nn.Sequential(nn.Dropout(dropout), linear))
    return model


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    relu, drop = nn.ReLU(), nn.Dropout(dropout)
    model = nn.Sequential()
    for width in hidden:
        model.append(nn.Linear(in_features, width)).append(relu).append(drop)
        in_features = width
    model.append(nn.Linear(in_features, num_classes))
    return model
