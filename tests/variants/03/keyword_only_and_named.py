"""Helpers with keyword-only arguments, named layers, new layers made inside a device's context."""

from collections import OrderedDict

import torch


def _checked(*, num_classes, dropout):
    problems = []
    if num_classes < 2:
        problems.append(f"{num_classes} classes")
    if dropout < 0.0 or dropout >= 1.0:
        problems.append(f"a dropout of {dropout}")
    if problems:
        raise ValueError(" and ".join(problems))


def _owners(model):
    return [name for name, module in model.named_modules() if len(list(module.parameters())) > 0]


def find_head(model: nn.Module) -> str:
    # A part comes before all that lies in it, so the last owner owns its parameters itself.
    owners = _owners(model)
    if owners and isinstance(model.get_submodule(owners[-1]), nn.Linear):
        return owners[-1]
    raise ValueError("the last module with parameters is not linear")


def _new_head(*, like, classes, rate):
    with torch.device(like.weight.device):
        linear = nn.Linear(like.in_features, classes, bias=like.bias is not None)
        nn.init.trunc_normal_(linear.weight, std=0.01)
    linear = linear.to(like.weight.dtype)
    if rate == 0:
        return linear
    return nn.Sequential(OrderedDict(dropout=nn.Dropout(rate), linear=linear))


def swap_head(model: nn.Module, num_classes: int = 10, dropout: float = 0.0) -> nn.Module:
    _checked(num_classes=num_classes, dropout=dropout)
    head = find_head(model)
    new = _new_head(like=model.get_submodule(head), classes=num_classes, rate=dropout)
    module = model
    while "." in head:
        first, _, head = head.partition(".")
        module = module._modules[first]
    module._modules[head] = new
    return model


class MlpHead(nn.Sequential):
    """A flat Sequential with names."""

    def __init__(self, *widths: int, rate: float) -> None:
        super().__init__()
        *pairs, last = zip(widths, widths[1:], strict=False)
        for number, (width_in, width_out) in enumerate(pairs):
            self.add_module(f"hidden_{number}", nn.Linear(width_in, width_out))
            self.add_module(f"relu_{number}", nn.ReLU())
            self.add_module(f"dropout_{number}", nn.Dropout(rate))
        self.add_module("logits", nn.Linear(*last))


def mlp_head(in_features, hidden, num_classes=10, dropout=0.5):
    return MlpHead(in_features, *hidden, num_classes, rate=dropout)
