"""Every function makes two lists, of what to switch on and what to switch off, and switches."""


def _switch(*, on=(), off=()):
    for parameter in off:
        parameter.requires_grad = False
    for parameter in on:
        parameter.requires_grad = True


def freeze(module):
    _switch(off=[p for _, p in module.named_parameters() if p.requires_grad])


def freeze_backbone(model, head):
    if head not in {name for name, _ in model.named_modules()}:
        raise ValueError("no submodule %r" % head)
    path = head.split(".")
    on, off = [], []
    for name, parameter in model.named_parameters():
        (on if name.split(".")[: len(path)] == path else off).append(parameter)
    _switch(on=on, off=off)


def unfreeze_from(model, child):
    on, passed = [], False
    for name, module in model._modules.items():
        passed |= name == child
        on += list(module.parameters()) if passed and module is not None else []
    if not passed:
        raise ValueError(f"{child}: no such child")
    _switch(on=on)


def set_train_mode(model):
    wholly_frozen = []
    for name, module in model.named_modules():
        state = {parameter.requires_grad for parameter in module.parameters()}
        if state == {False}:
            wholly_frozen.append(f"{name}." if name else "")
    for name, module in model.named_modules():
        asleep = any(f"{name}.".startswith(prefix) for prefix in wholly_frozen)
        module.training = not asleep
