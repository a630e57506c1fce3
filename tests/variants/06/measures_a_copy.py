"""Phases as dataclasses, NAdam, per-sample losses in NumPy, validation of a copy in one batch."""

import copy
import dataclasses

import numpy as np


def parameter_groups(model, head, head_lr, backbone_lr):
    rates = dict.fromkeys(filter(lambda p: p.requires_grad, model.parameters()), backbone_lr)
    for parameter in model.get_submodule(head).parameters():
        if parameter in rates:
            rates[parameter] = head_lr
    return [{"params": [parameter], "lr": lr} for parameter, lr in rates.items()]


@dataclasses.dataclass(frozen=True)
class Phase:
    name: str
    epochs: int
    parts: list

    def prepare(self, model):
        opened = {id(p) for part in self.parts for p in part.parameters()}
        for parameter in model.parameters():
            parameter.requires_grad_(id(parameter) in opened)


def _frozen(module):
    flags = [parameter.requires_grad for parameter in module.parameters()]
    return bool(flags) and not any(flags)


def fine_tune(model, train_loader, val_loader, *, head, unfreeze, device, **numbers):
    modules = dict(model.named_modules())
    children = list(dict(model.named_children()).items())
    if head not in modules or unfreeze not in [name for name, _ in children]:
        raise ValueError(f"{head} or {unfreeze} is missing")
    while children[0][0] != unfreeze:
        children.pop(0)
    late = [child for _, child in children]
    phases = (
        Phase("head", numbers["head_epochs"], [modules[head]]),
        Phase("full", numbers["full_epochs"], [modules[head], *late]),
    )
    model.to(device)
    history = []
    for phase in phases:
        phase.prepare(model)
        rates = numbers["head_lr"], numbers["backbone_lr"]
        optimizer = torch.optim.NAdam(parameter_groups(model, head, *rates))
        for _ in range(phase.epochs):
            model.train()
            [module.eval() for module in model.modules() if _frozen(module)]
            losses = np.concatenate([_learn(model, optimizer, *b, device) for b in train_loader])
            history.append({"phase": phase.name, "train_loss": losses.mean()})
            history[-1].update(_measure(copy.deepcopy(model).eval(), val_loader, device))
    return history


def _learn(model, optimizer, images, labels, device):
    losses = nn.functional.cross_entropy(
        model(images.to(device)), labels.to(device), reduction="none"
    )
    optimizer.zero_grad()
    losses.mean().backward()
    optimizer.step()
    return losses.detach().cpu().numpy()


def _measure(model, loader, device):
    images, labels = (torch.cat(parts).to(device) for parts in zip(*loader))
    with torch.no_grad():
        logits = model(images)
        right = (logits.argmax(1) == labels).float()
        return dict(val_loss=nn.CrossEntropyLoss()(logits, labels), val_accuracy=right.mean())
