"""Exercise 02: freezing and unfreezing parameters, and training modes."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any, Final

import torch

from grader.judge.handles import Model
from grader.judge.submission import Submission
from grader.learner.compare.scene import Found, Keepsake, Stage, fact, raised, scene
from grader.learner.figures import Picture, draw_blocks
from grader.learner.figures.parameters import add_up
from grader.protocol.recipes import Network

CHILDREN: Final = ("conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "fc")
RESNET: Final = {"num_classes": 10}
CALLS: Final = {
    "freeze": "freeze(model)",
    "freeze_backbone": 'freeze_backbone(model, "fc")',
    "unfreeze_from": 'unfreeze_from(model, "layer4")',
}


def resnet(submission: Submission, frozen: tuple[str, ...] = ()) -> Model:
    """A ResNet-18 for ten classes, on the meta device, because its values do not matter."""
    model: Model = submission.build(Network("resnet18", RESNET, device="meta", frozen=frozen))
    return model


def learning(model: Model) -> Found:
    """How many parameters are trainable, and in which blocks."""
    blocks = blocks_of(model)
    yield fact("trainable parameters", sum(trainable for trainable, _ in blocks.values()))
    yield fact("frozen parameters", sum(frozen for _, frozen in blocks.values()))
    yield fact("blocks that learn", [name for name, (trainable, _) in blocks.items() if trainable])


def blocks_of(model: Model) -> dict[str, tuple[int, int]]:
    """The numbers of trainable and frozen parameters of each block."""
    return add_up((p.name, prod(p.shape), p.trainable) for p in model.parameters().values())


@scene("freeze", "ResNet-18")
def whole(submission: Submission, stage: Stage) -> Found:
    """Nothing is trainable afterwards."""
    model = resnet(submission)
    value = submission.call("freeze", model)
    yield from learning(model)
    yield fact("returns", str(value))
    yield Keepsake("freeze", blocks_of(model))


@scene("freeze_backbone", 'ResNet-18, head "fc"')
def backbone(submission: Submission, stage: Stage) -> Found:
    """Only the head is trainable afterwards, even though it was frozen before."""
    model = resnet(submission, frozen=("layer1", "fc"))
    submission.call("freeze_backbone", model, "fc")
    yield from learning(model)
    yield Keepsake("freeze_backbone", blocks_of(model))


@scene("freeze_backbone", "trainable parameters of other models")
def others(submission: Submission, stage: Stage) -> Found:
    """Heads that are parts of a block."""
    for name, head in (
        ("vgg11", "classifier.6"),
        ("mobilenet_v3_small", "classifier.3"),
        ("vit_b_16", "heads.head"),
    ):
        model: Model = submission.build(Network(name, RESNET, device="meta"))
        submission.call("freeze_backbone", model, head)
        trainable = sum(trainable for trainable, _ in blocks_of(model).values())
        yield fact(f'{name}, "{head}"', trainable)


@scene("freeze_backbone", "a head that is not there")
def no_head(submission: Submission, stage: Stage) -> Found:
    """Heads that the model does not have must raise."""
    for head in ("classifier", "layer4.2", "fc.weight"):
        model = resnet(submission)
        yield raised(f'"{head}"', submission, "freeze_backbone", model, head)


@scene("unfreeze_from", 'a frozen ResNet-18, child "layer4"')
def last_block(submission: Submission, stage: Stage) -> Found:
    """The last block and the head are trainable afterwards."""
    model = resnet(submission, frozen=CHILDREN)
    submission.call("unfreeze_from", model, "layer4")
    yield from learning(model)
    yield Keepsake("unfreeze_from", blocks_of(model))


@scene("unfreeze_from", 'a small network, only "scale" and "block1" frozen, child "block2"')
def keeps_its_state(submission: Submission, stage: Stage) -> Found:
    """Earlier blocks, and parameters of the model itself, stay frozen or trainable as they were."""
    recipe = Network("SmallNet", {"widths": [4, 4, 4]}, frozen=["scale", "block1", "block3"])
    model: Model = submission.build(recipe)
    submission.call("unfreeze_from", model, "block2")
    yield from learning(model)


@scene("unfreeze_from", "a child that is not there")
def no_child(submission: Submission, stage: Stage) -> Found:
    """Children that the model does not have must raise."""
    for child in ("layer5", "layer4.1"):
        model = resnet(submission)
        yield raised(f'"{child}"', submission, "unfreeze_from", model, child)


@scene("set_train_mode", "a small network, block1 frozen, after a batch")
def modes(submission: Submission, stage: Stage) -> Found:
    """Which BatchNorm statistics a batch changes, and whether Dropout is active."""
    images = torch.rand(8, 1, 8, 8, generator=stage.generator())
    for label, frozen in (("block1 frozen", ["block1"]), ("nothing frozen", [])):
        recipe = Network("SmallNet", {"widths": [4, 4], "dropouts": [0.5, 0, 0]}, frozen=frozen)
        model: Model = submission.build(recipe)
        submission.call("set_train_mode", model)
        before = model.state()
        first, second = (model.logits(images, training=None) for _ in range(2))
        after = model.state()
        moved = {
            name.partition(".")[0]
            for name in after
            if "running" in name and not torch.equal(after[name], before[name])
        }
        yield fact(f"{label}: statistics move in", sorted(moved))
        drops = not torch.equal(first, second)
        yield fact(f"{label}: its Dropout", "drops" if drops else "drops nothing")


@scene("set_train_mode", "ResNet-18, all but layer4 and fc frozen")
def many_norms(submission: Submission, stage: Stage) -> Found:
    """How many BatchNorms update their statistics in a network with residual blocks."""
    recipe = Network("resnet18", RESNET, frozen=CHILDREN[:-2])
    model: Model = submission.build(recipe)
    submission.call("set_train_mode", model)
    before = model.state()
    model.logits(torch.rand(4, 3, 32, 32, generator=stage.generator()), training=None)
    after = model.state()
    means = [name for name in after if name.endswith("running_mean")]
    moved = sum(not torch.equal(after[name], before[name]) for name in means)
    yield fact("BatchNorms that collect", moved)
    yield fact("BatchNorms that rest", len(means) - moved)


def pictures(seen: Mapping[str, Mapping[str, Any]], stage: Stage) -> Iterator[tuple[str, Picture]]:
    """Which blocks of a ResNet-18 are trainable after each call."""
    calls = {call: text for call, text in CALLS.items() if call in seen["yours"]}
    sides = {side: found for side, found in seen.items() if all(call in found for call in calls)}
    models = {
        f"{side}: {text}": found[call]
        for side, found in sides.items()
        for call, text in calls.items()
    }
    if models:
        yield "what_learns", draw_blocks(models, rows=len(sides))
