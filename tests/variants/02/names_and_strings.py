"""Works on dotted names throughout, as string prefixes with their dot."""


def freeze(module: nn.Module) -> None:
    state = dict(module.named_parameters())
    for name in state:
        state[name].requires_grad_(False)


def freeze_backbone(model: nn.Module, head: str) -> None:
    for name, _ in model.named_modules():
        if name == head:
            break
    else:
        raise ValueError(f"{type(model).__name__} has no submodule {head}")
    prefix = f"{head}."
    for name, parameter in model.named_parameters():
        parameter.requires_grad = name[: len(prefix)] == prefix


def unfreeze_from(model: nn.Module, child: str) -> None:
    order = {name: place for place, (name, _) in enumerate(model.named_children())}
    try:
        start = order[child]
    except KeyError:
        raise ValueError(f"{child} is none of {list(order)}") from None
    for name, parameter in model.named_parameters():
        top, dot, _ = name.partition(".")
        if dot and order[top] >= start:
            parameter.requires_grad = True


def set_train_mode(model: nn.Module) -> None:
    flags = {}
    for name, parameter in model.named_parameters():
        parts = name.split(".")[:-1]
        for length in range(len(parts) + 1):
            owner = ".".join(parts[:length])
            flags[owner] = flags.get(owner, False) or parameter.requires_grad
    frozen = [owner for owner, learns in flags.items() if not learns]
    for name, module in model.named_modules():
        inside = any(not f or name == f or name.startswith(f + ".") for f in frozen)
        module.training = not inside
