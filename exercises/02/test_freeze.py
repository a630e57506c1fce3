"""The visible checks of exercise 02."""

import math

import torch

from grader.check import Submission, check, expect
from grader.protocol.recipes import Network


@check("freeze.nothing_learns")
def test_freeze(submission: Submission) -> None:
    """After `freeze`, no parameter of the module requires a gradient."""
    model = submission.build(Network("resnet18", device="meta"))
    submission.call("freeze", model)
    left = model.trainable()
    expect(
        not left,
        got=f"{len(left)} of {len(model.parameters())} parameters still require gradients",
        want="none",
        because="Freezing means `requires_grad = False` on every parameter of the module.",
    )


@check("freeze_backbone.only_the_head_learns")
def test_only_the_head_learns(submission: Submission) -> None:
    """A frozen ResNet-18 with a ten-class head still trains 5,130 parameters."""
    model = submission.build(Network("resnet18", {"num_classes": 10}, device="meta"))
    submission.call("freeze_backbone", model, "fc")
    count = sum(math.prod(p.shape) for p in model.parameters().values() if p.trainable)
    expect(
        count == 5130,
        got=f"{count:,} trainable parameters",
        want="5,130",
        because="Everything outside the head must be frozen, and the head must be trainable: "
        "its 512 x 10 weights and 10 biases.",
    )


@check("freeze_backbone.no_such_head", needs=["freeze_backbone.only_the_head_learns"])
def test_no_such_head(submission: Submission) -> None:
    """A head that the model does not have is a `ValueError`, not a silent success."""
    model = submission.build(Network("resnet18", device="meta"))
    because = "A misspelt name would freeze everything: look the submodule up before you freeze."
    submission.raises("ValueError", "freeze_backbone", model, "classifier", because=because)


@check("unfreeze_from.last_block")
def test_last_block(submission: Submission) -> None:
    """`unfreeze_from(model, "layer4")` lets layer4 and fc learn, and leaves the rest frozen."""
    frozen = ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "fc"]
    model = submission.build(Network("resnet18", device="meta", frozen=frozen))
    submission.call("unfreeze_from", model, "layer4")
    parts = {name.partition(".")[0] for name in model.trainable()}
    expect(
        parts == {"layer4", "fc"},
        got=f"trainable parts: {sorted(parts)}",
        want="['fc', 'layer4']",
        because="The named child and all direct children after it become trainable, and what "
        "comes before keeps its state.",
    )


@check("set_train_mode.frozen_part_stays_in_eval")
def test_frozen_part(submission: Submission) -> None:
    """A batch updates the statistics of trainable BatchNorms, but not those of frozen ones."""
    model = submission.build(Network("SmallNet", {"widths": [4, 4]}, frozen=["block1"]))
    submission.call("set_train_mode", model)
    statistics = ("block1.norm.running_mean", "block2.norm.running_mean")
    before = model.state()
    model.logits(torch.ones(4, 1, 8, 8), training=None)
    after = model.state()
    frozen, trainable = (not torch.equal(before[name], after[name]) for name in statistics)
    expect(
        not frozen,
        got="the running mean of the frozen block moved",
        want="the mean that it had before",
        because="`model.train()` reaches every submodule: put the frozen ones back into eval mode.",
    )
    expect(
        trainable,
        got="the running mean of the trainable block stayed as it was",
        want="another mean after each batch",
        because="Everything that is not frozen must be in training mode.",
    )
