"""`detach_` instead of the flag; an explicit stack instead of recursion."""


def freeze(module):
    stack = [module]
    while stack:
        current = stack.pop()
        stack.extend(current.children())
        for parameter in current.parameters(recurse=False):
            parameter.detach_()


def freeze_backbone(model, head):
    stack, classifier = [("", model)], None
    while stack:
        path, module = stack.pop()
        if path and path == head:
            classifier = module
        stack += [(f"{path}.{name}".lstrip("."), child) for name, child in module.named_children()]
    if classifier is None:
        raise ValueError(f"{head!r} is not to be found in {type(model)}")
    freeze(model)
    for parameter in classifier.parameters():
        parameter.requires_grad_()


def unfreeze_from(model, child):
    children = list(model.named_children())
    opened = []
    while children:
        name, module = children.pop()
        opened.append(module)
        if name == child:
            break
    else:
        raise ValueError(child)
    for module in opened:
        module.requires_grad_()


def set_train_mode(model):
    stack = [(model, False)]
    while stack:
        module, asleep = stack.pop()
        flags = [parameter.requires_grad for parameter in module.parameters()]
        asleep = asleep or (len(flags) > 0 and sum(flags) == 0)
        module.training = not asleep
        stack.extend((child, asleep) for child in module.children())
