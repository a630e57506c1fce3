"""The training loop."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Batches = Iterable[tuple[Tensor, Tensor]]


def train_one_epoch(
    model: nn.Module,
    loader: Batches,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    device: torch.device | str,
) -> float:
    """Train a model with one pass over every batch.

    Gradients left from before have no effect. The caller has put the model in the mode it wants.

    Args:
        model: maps images to logits; on `device`.
        loader: yields at least one batch of images (N, C, H, W) and labels (N,), the last maybe
            shorter.
        loss_fn: gives the mean loss of a batch from logits and labels.
        optimizer: updates the parameters.
        device: where each batch is moved.

    Returns:
        The mean loss per sample over the epoch: larger batches weigh more.
    """
    # The sum stays on the device: `item()` for each batch would make the CPU wait for the GPU.
    total, count = torch.zeros((), device=device), 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()  # before `backward`: gradients add up, those from before included
        loss = loss_fn(model(images), labels)
        loss.backward()
        optimizer.step()
        # The loss is a mean over its batch: weighed, the short last batch counts for what it is.
        total += loss.detach().float() * len(labels)
        count += len(labels)
    if count == 0:
        raise ValueError("the training loader is empty: there is nothing to learn from")
    return total.item() / count


def fit(
    model: nn.Module,
    train_loader: Batches,
    val_loader: Batches,
    *,
    epochs: int,
    lr: float,
    device: torch.device | str,
) -> list[dict[str, float]]:
    """Train what requires gradients, and measure after each epoch.

    One `torch.optim.Adam` and `nn.CrossEntropyLoss`. Each epoch trains in the mode of
    `set_train_mode` (exercise 02): frozen parts behave as in evaluation and do not change, their
    BatchNorm statistics included.

    Args:
        model: maps images to logits; moved to `device` and trained in place.
        train_loader: batches of images (N, C, H, W) and labels (N,) to learn from, at least one.
        val_loader: the same, to measure on in eval mode and without gradients.
        epochs: passes over `train_loader`.
        lr: Adam's learning rate; its other settings keep their defaults.
        device: where to train.

    Returns:
        One dict per epoch: "train_loss" and "val_loss" (means per sample), and "val_accuracy"
        (a fraction in [0, 1]).

    Raises:
        ValueError: when no parameter is trainable.
    """
    model.to(device)
    # Frozen ones are not given to Adam: it moves whatever holds a gradient.
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if not trainable:
        raise ValueError("no parameter of the model requires gradients: there is nothing to train")
    # One for all epochs: a new one would forget its running averages.
    optimizer = torch.optim.Adam(trainable, lr=lr)
    loss_fn = nn.CrossEntropyLoss()
    history = []
    for _ in range(epochs):
        _set_train_mode(model)  # each time: measuring has switched to eval mode
        train_loss = train_one_epoch(model, train_loader, loss_fn, optimizer, device)
        val_loss, val_accuracy = _measure(model, val_loader, device)
        history.append(
            {"train_loss": train_loss, "val_loss": val_loss, "val_accuracy": val_accuracy}
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
