"""`itertools` and one helper for all; new flags are computed first and set afterwards."""

from itertools import dropwhile


def _set(parameters, flag):
    for parameter in parameters:
        parameter.requires_grad = flag


def freeze(module):
    _set(module.parameters(), False)


def freeze_backbone(model, head):
    found = next((m for n, m in model.named_modules() if n and n == head), None)
    if found is None:
        raise ValueError(head)
    inside = set(found.parameters())
    _set((p for p in model.parameters() if p not in inside), False)
    _set(inside, True)


def unfreeze_from(model, child):
    opened = list(dropwhile(lambda pair: pair[0] != child, model.named_children()))
    if not opened:
        raise ValueError(child)
    _set((p for _, module in opened for p in module.parameters()), True)


def set_train_mode(model):
    def frozen(module):
        flags = {p.requires_grad for p in module.parameters()}
        return flags == {False}

    sleeping = [m for m in model.modules() if frozen(m)]
    model.train()
    any(m.eval() is None for m in sleeping)
