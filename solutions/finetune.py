"""Feature extraction first, then fine-tuning with two learning rates."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Batches = Iterable[tuple[Tensor, Tensor]]


def parameter_groups(
    model: nn.Module, head: str, head_lr: float, backbone_lr: float
) -> list[dict[str, Any]]:
    """Sort the trainable parameters into optimizer groups.

    Args:
        model: with some parameters frozen.
        head: dotted name of the classifier.
        head_lr: learning rate of the head's parameters.
        backbone_lr: learning rate of all other parameters.

    Returns:
        Parameter groups as `torch.optim` takes them: every trainable parameter exactly once, frozen
        ones nowhere, no empty group.
    """
    head_parameters = [p for p in model.get_submodule(head).parameters() if p.requires_grad]
    in_head = set(head_parameters)  # tensors hash by identity
    others = [p for p in model.parameters() if p.requires_grad and p not in in_head]
    groups = [{"params": head_parameters, "lr": head_lr}, {"params": others, "lr": backbone_lr}]
    return [group for group in groups if group["params"]]  # nothing to learn, no group


def fine_tune(
    model: nn.Module,
    train_loader: Batches,
    val_loader: Batches,
    *,
    head: str,
    unfreeze: str,
    head_epochs: int,
    full_epochs: int,
    head_lr: float,
    backbone_lr: float,
    device: torch.device | str,
) -> list[dict[str, Any]]:
    """Train the head alone, then the last part of the model with it.

    What stays frozen does not change, BatchNorm statistics included.

    Args:
        model: moved to `device` and trained in place; what was frozen in it before does not matter.
        train_loader: batches of images (N, C, H, W) and labels (N,) to learn from, at least one.
        val_loader: the same, to measure on in eval mode and without gradients.
        head: dotted name of the classifier.
        unfreeze: the direct child that the second phase opens, with all direct children after it
            in `named_children` order: that of definition, not of execution.
        head_epochs: epochs of the first phase; may be 0.
        full_epochs: epochs of the second phase; may be 0.
        head_lr: learning rate of the head, in both phases.
        backbone_lr: learning rate of everything else that trains.
        device: where to train.

    Returns:
        One dict per epoch of both phases: "phase" ("head" or "full"), "train_loss", "val_loss"
        (means per sample) and "val_accuracy" (a fraction in [0, 1]).

    Raises:
        ValueError: when the model has no submodule `head` or no direct child `unfreeze`.
    """
    children = [name for name, _ in model.named_children()]
    if not head or head not in dict(model.named_modules()):
        raise ValueError(f"the model has no submodule named {head!r}")
    if unfreeze not in children:
        raise ValueError(f"the model has no direct child named {unfreeze!r}: it has {children}")
    model.to(device)

    # A fresh head sends wild gradients: until it fits, nothing else may move.
    model.requires_grad_(False)
    model.get_submodule(head).requires_grad_(True)
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history = _train(model, train_loader, val_loader, optimizer, head_epochs, device, "head")

    # The last layers are the most special to the old task: they have the most to learn anew.
    for name in children[children.index(unfreeze) :]:
        model.get_submodule(name).requires_grad_(True)
    # What trains has changed, so a new optimizer is right here, once. Pretrained weights take
    # smaller steps.
    optimizer = torch.optim.Adam(parameter_groups(model, head, head_lr, backbone_lr))
    history += _train(model, train_loader, val_loader, optimizer, full_epochs, device, "full")
    return history


def _train(
    model: nn.Module,
    train_loader: Batches,
    val_loader: Batches,
    optimizer: torch.optim.Optimizer,
    epochs: int,
    device: torch.device | str,
    phase: str,
) -> list[dict[str, Any]]:
    """The epochs of one phase."""
    history = []
    for _ in range(epochs):
        _set_train_mode(model)  # each time: measuring has switched to eval mode
        # The sum stays on the device: `item()` for each batch would make the CPU wait for the GPU.
        total, count = torch.zeros((), device=device), 0
        for images, labels in train_loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
            total += loss.detach().float() * len(labels)  # the loss is a mean over its batch
            count += len(labels)
        if count == 0:
            raise ValueError("the training loader is empty: there is nothing to learn from")
        val_loss, val_accuracy = _measure(model, val_loader, device)
        history.append(
            {
                "phase": phase,
                "train_loss": total.item() / count,
                "val_loss": val_loss,
                "val_accuracy": val_accuracy,
            }
        )
    return history


# As in exercise 02, written anew: each exercise stands alone.
def _set_train_mode(model: nn.Module) -> None:
    """Training mode, except that frozen parts behave as in evaluation."""
    model.train()
    for module in model.modules():
        parameters = list(module.parameters())
        if parameters and not any(parameter.requires_grad for parameter in parameters):
            module.eval()


# In short what exercise 05 does: each exercise stands alone.
@torch.inference_mode()
def _measure(model: nn.Module, loader: Batches, device: torch.device | str) -> tuple[float, float]:
    """Mean loss per sample and accuracy, in eval mode."""
    model.eval()
    total = torch.zeros((), device=device)
    correct = torch.zeros((), dtype=torch.int64, device=device)
    count = 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        logits = model(images)
        total += F.cross_entropy(logits, labels, reduction="sum")
        correct += (logits.argmax(dim=1) == labels).sum()
        count += len(labels)
    if count == 0:
        raise ValueError("the validation loader is empty: there is nothing to measure")
    return total.item() / count, correct.item() / count
