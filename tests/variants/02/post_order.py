"""Goes through the tree from the leaves up, and asks each child what it holds."""


def _summary(module, notes):
    learns = [p.requires_grad for p in module._parameters.values() if p is not None]
    for child in module.children():
        learns += _summary(child, notes)
    notes[module] = bool(learns) and not any(learns)
    return learns


def set_train_mode(model):
    notes = {}
    _summary(model, notes)

    def settle(module, asleep):
        asleep = asleep or notes[module]
        module.training = not asleep
        for child in module.children():
            settle(child, asleep)

    settle(model, False)


def unfreeze_from(model, child):
    for position, (name, _) in enumerate(model.named_children()):
        if name == child:
            for module in list(model.children())[position:]:
                module.requires_grad_()
            return
    raise ValueError(f"no child {child!r}")
