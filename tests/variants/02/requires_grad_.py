"""Terse, with `requires_grad_` and `all`."""


def freeze(module):
    module.requires_grad_(False)


def freeze_backbone(model, head):
    try:
        classifier = model.get_submodule(head)
    except AttributeError as error:
        raise ValueError(f"no {head}") from error
    model.requires_grad_(False)
    classifier.requires_grad_()


def unfreeze_from(model, child):
    found = False
    for name, module in model.named_children():
        found = found or name == child
        if found:
            module.requires_grad_(True)
    if not found:
        raise ValueError(f"no {child}")


def set_train_mode(model):
    for module in model.modules():
        own = [p.requires_grad for p in module.parameters()]
        module.training = any(own) or not own
    for module in model.modules():
        own = [p.requires_grad for p in module.parameters()]
        if own and not any(own):
            for inner in module.modules():
                inner.training = False
