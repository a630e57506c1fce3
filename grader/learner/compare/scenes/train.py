"""Exercise 04: the training loop."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import torch

from grader.judge.expectations import number
from grader.judge.handles import Handle, Model
from grader.judge.submission import Submission
from grader.learner.compare.scene import (
    Found,
    Keepsake,
    Stage,
    Stopwatch,
    fact,
    info,
    near,
    raised,
    scene,
)
from grader.learner.compare.scenes.garments import loaders, measure, pictures_of
from grader.learner.figures import Picture, draw_history
from grader.protocol.recipes import Loader, Loss, Network, Optimizer

LINEAR: Final = Network("Layers", {"layers": [["Flatten"], ["Linear", 16, 2]]})
SMALL: Final = Network("SmallNet", {"widths": [8, 16]})
EPOCHS: Final = 6
LEARNT: Final = 0.03  # tolerance: rounding errors grow from step to step


def dots(submission: Submission, stage: Stage, count: int) -> Handle:
    """A loader of random images (count, 1, 4, 4) of two classes, in batches of 4."""
    images = torch.rand(count, 1, 4, 4, generator=stage.generator())
    loader: Handle = submission.build(Loader(images, torch.arange(count) % 2, batch_size=4))
    return loader


def epoch(submission: Submission, stage: Stage, model: Model, optimizer: Handle) -> float:
    """Train for one epoch on ten images, and return the loss that the learner's function gives."""
    loader, loss_fn = dots(submission, stage, 10), submission.build(Loss())
    arguments = (model, loader, loss_fn, optimizer, stage.device)
    return number(submission.call("train_one_epoch", *arguments), "the returned loss")


def on_device(submission: Submission, stage: Stage, recipe: Network) -> Model:
    """A model on the device on which to train."""
    model: Model = submission.build(recipe)
    model.move(torch.device(stage.device))
    return model


@scene("train_one_epoch", "10 images in batches of 4, 4 and 2; SGD")
def epochs(submission: Submission, stage: Stage) -> Found:
    """The loss when the learning rate is 0, and when it is not."""
    model = on_device(submission, stage, LINEAR)
    still = submission.build(Optimizer("SGD", model, {"lr": 0.0}))
    yield near("loss with lr=0", epoch(submission, stage, model, still))
    model.leave_gradients(5.0)
    moving = submission.build(Optimizer("SGD", model, {"lr": 0.5}))
    losses = [epoch(submission, stage, model, moving) for _ in range(20)]
    yield near("loss with lr=0.5, epoch 1", losses[0])
    yield near("epoch 20", losses[-1])
    length = sum(t.square().sum().item() for t in model.state().values()) ** 0.5
    yield near("length of the weights", length)


@scene("fit", "600 garments, 300 to validate, a small CNN, 6 epochs")
def trained(submission: Submission, stage: Stage) -> Found:
    """A training from the first to the last epoch."""
    model: Model = submission.build(SMALL)
    arguments = (model, *loaders(submission, stage))
    watch = Stopwatch()
    history = submission.call("fit", *arguments, epochs=EPOCHS, lr=0.01, device=stage.device)
    yield watch.fact()
    yield fact("epochs", len(history))
    yield Keepsake("history", [dict(entry) for entry in history])
    for place, title in ((0, "first"), (-1, "last")):
        for key in ("train_loss", "val_loss", "val_accuracy"):
            value = number(history[place][key], key)
            if key == "train_loss":  # may be measured during the epoch or after it
                yield info(f"{title} {key}", value)
            else:
                yield near(f"{title} {key}", value, LEARNT)
    yield Keepsake("classes", measure(model, stage))


@scene("fit", "the same, block1 frozen, 1 epoch")
def frozen(submission: Submission, stage: Stage) -> Found:
    """Training must not change frozen blocks."""
    model: Model = submission.build(Network("SmallNet", SMALL.options, frozen=["block1", "scale"]))
    before = model.state()
    arguments = (model, *loaders(submission, stage))
    submission.call("fit", *arguments, epochs=1, lr=0.01, device=stage.device)
    after = model.state()
    moved = {n.partition(".")[0] for n in before if not torch.equal(before[n], after[n].cpu())}
    yield fact("changed", sorted(moved))


@scene("fit", "nothing trainable")
def nothing(submission: Submission, stage: Stage) -> Found:
    """A model without trainable parameters must raise."""
    model = submission.build(
        Network("SmallNet", SMALL.options, frozen=["block1", "block2", "head", "scale"])
    )
    parts = loaders(submission, stage)
    yield raised("", submission, "fit", model, *parts, epochs=1, lr=0.01, device=stage.device)


def pictures(seen: Mapping[str, Mapping[str, Any]], stage: Stage) -> Iterator[tuple[str, Picture]]:
    """The learning curves, the predictions, and the confusion matrices."""
    histories = {side: found["history"] for side, found in seen.items() if "history" in found}
    if "classes" in seen["yours"]:
        yield "learning_curves", draw_history(histories)
        yield from pictures_of(seen, "classes", stage)
