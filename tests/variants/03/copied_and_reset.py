"""A copy of the old layer with new parameters; a hook drops the features."""

import copy

import torch


def find_head(model):
    def walk(module, prefix):
        for name, child in reversed(list(module.named_children())):
            found = walk(child, f"{prefix}{name}.")
            if found is not None:
                return found
        if any(p is not None for p in module._parameters.values()):
            return prefix[:-1], module
        return None

    found = walk(model, "")
    if found is None or not isinstance(found[1], nn.Linear):
        raise ValueError("no head")
    return found[0]


def swap_head(model, num_classes=10, dropout=0.0):
    if num_classes < 2 or not 0 <= dropout < 1:
        raise ValueError
    name = find_head(model)
    head = copy.deepcopy(model.get_submodule(name))
    head.out_features = num_classes
    head.weight = nn.Parameter(head.weight.new_empty(num_classes, head.in_features))
    head.bias = nn.Parameter(head.weight.new_empty(num_classes))
    head.reset_parameters()

    def drop(module, inputs):
        return torch.dropout(inputs[0], dropout, module.training)

    if dropout:
        head.register_forward_pre_hook(drop)
    parent, _, child = name.rpartition(".")
    setattr(model.get_submodule(parent), child, head)
    return model


class _Mlp(nn.Sequential):
    pass


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    def layers():
        width = in_features
        for following in hidden:
            yield nn.Linear(width, following, bias=False)
            yield nn.ReLU()
            yield nn.Dropout(p=dropout)
            width = following
        yield nn.Linear(width, num_classes)

    return _Mlp(*layers())
