"""The visible checks of exercise 02."""

import math

from grader.check import Submission, check, expect
from grader.recipes import Network


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
        because="Everything outside the head must be frozen, and the head must stay trainable.",
    )


@check("freeze_backbone.no_such_head")
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
        because="The named child and all direct children after it become trainable.",
    )


@check("set_train_mode.frozen_part_stays_in_eval")
def test_frozen_part(submission: Submission) -> None:
    """A frozen part keeps behaving as in evaluation while the rest trains."""
    model = submission.build(Network("SmallNet", {"widths": [4, 4]}, frozen=["block1"]))
    submission.call("set_train_mode", model)
    modules = model.modules()
    modes = {name: modules[name].training for name in ("block1.norm", "block2.norm")}
    expect(
        modes == {"block1.norm": False, "block2.norm": True},
        got=f"training flags: frozen block {modes['block1.norm']}, "
        f"trainable block {modes['block2.norm']}",
        want="frozen block False, trainable block True",
        because="`model.train()` reaches every submodule: put the frozen ones back into eval mode.",
    )
