"""Exercise 06: feature extraction, then fine-tuning."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import torch

from grader.judge.expectations import number
from grader.judge.handles import Model
from grader.judge.submission import Submission
from grader.learner.compare.scene import (
    Found,
    Keepsake,
    Stage,
    Stopwatch,
    fact,
    info,
    raised,
    scene,
)
from grader.learner.compare.scenes.garments import loaders, measure, pictures_of
from grader.learner.figures import Picture, draw_history
from grader.protocol.recipes import Network, Optimizer

BODY: Final = ("conv1", "bn1", "layer1", "layer2", "layer3")
WIDTHS: Final = [8, 16]
RATES: Final = {"head_lr": 0.01, "backbone_lr": 0.001}


def grouped(submission: Submission, model: Model, head: str) -> Found:
    """The parameter groups, as an optimizer sees them."""
    groups = submission.call("parameter_groups", model, head, **RATES)
    optimizer = submission.build(Optimizer("SGD", groups, {"lr": 0.5}))
    names = {p.key: name for name, p in model.parameters().items()}
    found = [
        (group["lr"], [names[key] for key in group["keys"]]) for group in optimizer.facts["groups"]
    ]
    yield fact("empty groups", sum(not keys for _, keys in found))
    for lr in sorted({lr for lr, _ in found}, reverse=True):
        mine = [name for rate, names in found if rate == lr for name in names]
        parts = sorted({name.partition(".")[0] for name in mine})
        yield fact(f"lr {lr:g}", [parts, len(mine)], f"{', '.join(parts)} ({len(mine)})")


@scene("parameter_groups", 'ResNet-18, layer4 and fc trainable, head "fc"')
def two(submission: Submission, stage: Stage) -> Found:
    """Head and backbone have different learning rates."""
    model: Model = submission.build(Network("resnet18", device="meta", frozen=BODY))
    yield from grouped(submission, model, "fc")


@scene("parameter_groups", "ResNet-18, fc alone trainable")
def head_alone(submission: Submission, stage: Stage) -> Found:
    """There is one group, and no empty second one."""
    model: Model = submission.build(Network("resnet18", device="meta", frozen=[*BODY, "layer4"]))
    yield from grouped(submission, model, "fc")


@scene("parameter_groups", 'VGG-11, all trainable, head "classifier.6"')
def further_down(submission: Submission, stage: Stage) -> Found:
    """The head is a part of a block."""
    model: Model = submission.build(Network("vgg11", device="meta"))
    yield from grouped(submission, model, "classifier.6")


def tune(
    submission: Submission, stage: Stage, model: Model, head: int, full: int, **names: str
) -> Any:
    """Call `fine_tune` on drawn garments, and return its history."""
    return submission.call(
        "fine_tune",
        model,
        *loaders(submission, stage),
        **({"head": "head", "unfreeze": "block2"} | names),
        head_epochs=head,
        full_epochs=full,
        head_lr=0.01,
        backbone_lr=0.005,
        device=stage.device,
    )


def changed(model: Model, before: Mapping[str, torch.Tensor]) -> list[str]:
    """The blocks in which a parameter or a statistic has changed."""
    after = model.state()
    moved = {n.partition(".")[0] for n in before if not torch.equal(before[n], after[n].cpu())}
    return sorted(moved)


@scene("fine_tune", "600 garments, a small CNN, 3 head epochs, then 4 with block2")
def both_phases(submission: Submission, stage: Stage) -> Found:
    """The history covers both phases."""
    model: Model = submission.build(Network("SmallNet", {"widths": WIDTHS}))
    before = model.state()
    watch = Stopwatch()
    history = tune(submission, stage, model, 3, 4)
    yield watch.fact()
    yield fact("phases", [str(entry["phase"]) for entry in history])
    yield Keepsake("history", [dict(entry) for entry in history])
    yield fact("changed", changed(model, before))
    losses = [number(entry["train_loss"], "train_loss") for entry in history]
    yield fact("train_loss", losses[-1] < losses[0], "falls" if losses[-1] < losses[0] else "rises")
    for place, title in (
        (2, "head"),
        (-1, "full"),
    ):  # any optimizer is allowed, and some are slower
        for key in ("train_loss", "val_loss", "val_accuracy"):
            yield info(f"{key} after {title}", number(history[place][key], key))
    yield Keepsake("classes", measure(model, stage))


@scene("fine_tune", "1 head epoch, 0 full ones")
def first_phase(submission: Submission, stage: Stage) -> Found:
    """Which blocks the first phase changes."""
    model: Model = submission.build(Network("SmallNet", {"widths": WIDTHS}))
    before = model.state()
    tune(submission, stage, model, 1, 0)
    yield fact("changed", changed(model, before))


@scene("fine_tune", "names that are not there")
def wrong_names(submission: Submission, stage: Stage) -> Found:
    """Names that the model does not have must raise."""
    for label, names in (
        ('head="fc"', {"head": "fc"}),
        ('unfreeze="layer4"', {"unfreeze": "layer4"}),
    ):
        model: Model = submission.build(Network("SmallNet", {"widths": WIDTHS}))
        options = {"head": "head", "unfreeze": "block2", "head_epochs": 1, "full_epochs": 1} | names
        options |= {"head_lr": 0.01, "backbone_lr": 0.01, "device": stage.device}
        yield raised(label, submission, "fine_tune", model, *loaders(submission, stage), **options)


def pictures(seen: Mapping[str, Mapping[str, Any]], stage: Stage) -> Iterator[tuple[str, Picture]]:
    """The learning curves with their phases, the predictions, and the confusion matrices."""
    histories = {side: found["history"] for side, found in seen.items() if "history" in found}
    if "classes" in seen["yours"]:
        yield "learning_curves", draw_history(histories)
        yield from pictures_of(seen, "classes", stage)
