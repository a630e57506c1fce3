"""`LazyLinear` layers, which take their width from the first batch that passes."""

import torch


def find_head(model):
    for name, module in [*model.named_modules()][::-1]:
        match module, [*module.parameters(recurse=False)]:
            case _, []:
                continue
            case nn.Linear(), _:
                return name
            case _:
                raise ValueError(f"the model ends in {type(module).__name__}")
    raise ValueError("the model has no parameters")


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2:
        raise ValueError("num_classes")
    if not 0 <= dropout < 1:
        raise ValueError("dropout")
    *path, last = find_head(model).split(".")
    parent = model.get_submodule(".".join(path))
    old = parent.get_submodule(last)
    like = {"device": old.weight.device, "dtype": old.weight.dtype}
    new = nn.LazyLinear(num_classes, **like)
    with torch.no_grad():
        new(torch.zeros(1, old.in_features, **like))
    layers = [nn.Dropout(dropout, inplace=True)] if dropout else []
    parent.__setattr__(last, nn.Sequential(nn.Flatten(), *layers, new))
    return model


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    layers = []
    for width in hidden:
        layers.extend([nn.LazyLinear(width), nn.ReLU(), nn.Dropout(dropout)])
    model = nn.Sequential(*layers, nn.LazyLinear(num_classes))
    model.eval()(torch.zeros(1, in_features))
    return model.train()
