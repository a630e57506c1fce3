"""`attrgetter` finds nested modules; `index` raises the ValueError; a ModuleList opens the rest."""

from operator import attrgetter

from torch.nn import Module, ModuleList

_learns = attrgetter("requires_grad")


def freeze(module: Module) -> None:
    module.apply(lambda part: [p.requires_grad_(False) for p in part.parameters(recurse=False)])


def freeze_backbone(model: Module, head: str) -> None:
    try:
        part = attrgetter(head)(model)
    except AttributeError as error:
        raise ValueError(str(error)) from error
    match part:
        case Module():
            freeze(model)
            part.requires_grad_(True)
        case _:
            raise ValueError(f"{head} is a {type(part).__name__}, no submodule")


def unfreeze_from(model: Module, child: str) -> None:
    names, children = zip(*model.named_children(), strict=True)
    ModuleList(children[names.index(child) :]).requires_grad_(True)


def set_train_mode(model: Module) -> None:
    # From the model down: a part is set after the ones that hold it.
    for part in model.modules():
        parameters = list(part.parameters())
        if part is model or parameters:
            part.train(any(map(_learns, parameters)) or not parameters)
