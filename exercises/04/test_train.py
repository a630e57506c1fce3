"""The visible checks of exercise 04."""

import torch

from grader.check import Submission, check, expect, for_all, number
from grader.judge.strategies import Batches, short_batches
from grader.protocol.recipes import Loader, Loss, Network, Optimizer

LINEAR = Network("Layers", {"layers": [["Flatten"], ["Linear", 16, 2]]})


def stripes(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (count, 1, 4, 4): a bright left half is class 0, a bright right half is class 1."""
    labels = torch.arange(count) % 2
    images = torch.zeros(count, 1, 4, 4)
    images[labels == 0, :, :, :2] = 1.0
    images[labels == 1, :, :, 2:] = 1.0
    return images, labels


def described(value: object) -> str:
    """Describes a value that was returned instead of a history."""
    if isinstance(value, dict):
        return f"one dict with the keys {', '.join(map(str, value))}"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"


@check("train_one_epoch.mean_loss")
@for_all(5, batches=short_batches())
def test_mean_loss(submission: Submission, batches: Batches) -> None:
    """The returned loss is the mean over all images, not over the batches."""
    images, labels = stripes(batches.images)
    labels[-batches.last :] = 1 - labels[-batches.last :]  # the last, short batch: labelled wrongly
    model = LINEAR.build()
    with torch.no_grad():
        mean = torch.nn.functional.cross_entropy(model(images), labels).item()
    model = submission.build(LINEAR)
    value = submission.call(
        "train_one_epoch",
        model,
        submission.build(Loader(images, labels, batch_size=batches.size)),
        submission.build(Loss()),
        submission.build(Optimizer("SGD", model, {"lr": 0.0})),  # weights stay: one right answer
        "cpu",
    )
    loss = number(value, "the returned loss")
    expect(
        abs(loss - mean) < 1e-4,
        got=f"{loss:.4f}",
        want=f"{mean:.4f}, the mean over all images",
        because="The loss of a batch is a mean: weight it by the batch's size before you add "
        "it up.",
    )


@check("train_one_epoch.loss_falls")
def test_loss_falls(submission: Submission) -> None:
    """Epoch after epoch the loss falls: the model learns to tell left from right."""
    model = submission.build(LINEAR)
    optimizer = submission.build(Optimizer("SGD", model, {"lr": 0.5}))
    losses = []
    for _ in range(10):
        loader, loss_fn = submission.build(Loader(*stripes(12), 4)), submission.build(Loss())
        value = submission.call("train_one_epoch", model, loader, loss_fn, optimizer, "cpu")
        losses.append(number(value, "the returned loss"))
    expect(
        losses[-1] < losses[0] / 2,
        got=f"a loss of {losses[0]:.3f} in the first epoch and {losses[-1]:.3f} in the tenth",
        want="less than half of it after ten epochs",
        because="For each batch: clear the gradients, forward pass, loss, backward pass, "
        "optimizer step.",
    )


@check("fit.history")
def test_history(submission: Submission) -> None:
    """`fit` returns the training loss, validation loss and validation accuracy of every epoch."""
    loaders = [submission.build(Loader(*stripes(count), batch_size=4)) for count in (12, 6)]
    model = submission.build(LINEAR)
    value = submission.call("fit", model, *loaders, epochs=3, lr=0.05, device="cpu")
    keys = {"train_loss", "val_loss", "val_accuracy"}
    complete = isinstance(value, list | tuple) and len(value) == 3
    complete = complete and all(isinstance(e, dict) and e.keys() >= keys for e in value)
    expect(
        complete,
        got=described(value),
        want=f"a list of 3 dicts, each with {', '.join(sorted(keys))}",
        because="Append one dict per epoch to a list and return the list.",
    )
    for entry in value:
        accuracy = number(entry["val_accuracy"], "val_accuracy")
        expect(
            0 <= accuracy <= 1,
            got=f"a val_accuracy of {accuracy:g}",
            want="a fraction between 0 and 1",
            because="Right answers divided by all answers: 3 of 4 is 0.75, not 75.",
        )


@check("fit.only_the_head_learns")
def test_only_the_head_learns(submission: Submission) -> None:
    """On a frozen backbone `fit` trains the head, and nothing else changes."""
    model = submission.build(Network("SmallNet", {"widths": [4]}, frozen=["block1", "scale"]))
    before = model.state()
    loaders = [submission.build(Loader(*stripes(count), batch_size=4)) for count in (12, 6)]
    submission.call("fit", model, *loaders, epochs=2, lr=0.05, device="cpu")
    after = model.state()
    moved = [name for name in before if not torch.equal(before[name], after[name])]
    expect(
        moved == ["head.2.weight", "head.2.bias"],
        got=f"changed: {', '.join(moved) or 'nothing'}",
        want="changed: head.2.weight, head.2.bias",
        because="Frozen parts, their BatchNorm statistics included, stay as they are: after "
        "`model.train()` put them back into eval mode.",
    )


@check("fit.frozen_model", needs=["fit.history"])
def test_frozen_model(submission: Submission) -> None:
    """A model with nothing to train is a `ValueError`, not a wasted hour."""
    model = submission.build(
        Network("Layers", {"layers": [["Flatten"], ["Linear", 16, 2]]}, frozen=["1"])
    )
    loaders = [submission.build(Loader(*stripes(8), batch_size=4)) for _ in range(2)]
    because = "Look for a parameter with `requires_grad` first, and raise ValueError without one."
    submission.raises(
        "ValueError", "fit", model, *loaders, epochs=1, lr=0.05, device="cpu", because=because
    )
