"""The visible checks of exercise 03."""

import torch

from grader.check import Submission, check, expect
from grader.protocol.recipes import Network


@check("find_head.well_known_models")
def test_well_known_models(submission: Submission) -> None:
    """`find_head` returns the dotted name of the classifier of ResNet, VGG and MobileNetV3."""
    heads = {"resnet18": "fc", "vgg11": "classifier.6", "mobilenet_v3_small": "classifier.3"}
    for name, head in heads.items():
        found = submission.call("find_head", submission.build(Network(name, device="meta")))
        expect(
            isinstance(found, str),
            got=str(found),
            want=repr(head),
            because="Return the layer's dotted name, not the layer itself.",
        )
        expect(
            found == head,
            got=repr(found),
            want=repr(head),
            because="The head is the last module that has parameters of its own.",
        )


@check("find_head.no_linear_at_the_end", needs=["find_head.well_known_models"])
def test_no_linear_at_the_end(submission: Submission) -> None:
    """SqueezeNet ends in a convolution: `find_head` raises `ValueError`."""
    model = submission.build(Network("squeezenet1_1", device="meta"))
    because = "The last module with parameters is a Conv2d: there is no linear head to find."
    submission.raises("ValueError", "find_head", model, because=because)


@check("swap_head.ten_logits")
def test_ten_logits(submission: Submission) -> None:
    """The swapped model gives one logit for each of the ten garment classes."""
    model = submission.build(Network("resnet18", device="meta"))  # shapes without values: fast
    swapped = submission.model("swap_head", model)
    expect(
        swapped.key == model.key,
        got=f"another object, of type {swapped.type.rpartition('.')[2]}",
        want="the model that was passed in",
        because="Swap the head in place, and return the whole model.",
    )
    swapped.move(torch.device("meta"))  # another check tests the head's device
    logits = swapped.logits(torch.zeros(2, 3, 64, 64, device="meta"))
    expect(
        logits.shape == (2, 10),
        got=f"logits of shape {tuple(logits.shape)} for 2 images",
        want="(2, 10)",
        because="The old head of 1,000 classes must be replaced by one of `num_classes`.",
    )


@check("swap_head.another_family", needs=["swap_head.ten_logits"])
def test_another_family(submission: Submission) -> None:
    """A MobileNetV3, whose head has another name, gives ten logits too."""
    model = submission.build(Network("mobilenet_v3_small", device="meta"))
    swapped = submission.model("swap_head", model)
    swapped.move(torch.device("meta"))
    logits = swapped.logits(torch.zeros(2, 3, 64, 64, device="meta"))
    expect(
        logits.shape == (2, 10),
        got=f"logits of shape {tuple(logits.shape)} for 2 images",
        want="(2, 10)",
        because="Its head is `classifier.3`, and it has no `fc`: put the new layer where the old "
        "one was, whatever its name.",
    )


@check("swap_head.only_the_head_learns", needs=["swap_head.ten_logits"])
def test_only_the_head_learns(submission: Submission) -> None:
    """On a frozen ResNet-18 the new head is trainable and everything else stays frozen."""
    frozen = ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4", "fc"]
    model = submission.build(Network("resnet18", device="meta", frozen=frozen))
    trainable = submission.model("swap_head", model).trainable()
    expect(
        trainable,
        got="no trainable parameter at all",
        want="the new head's weight and bias",
        because="A fresh nn.Linear requires gradients: leave it so, even if the old head was "
        "frozen.",
    )
    outside = sorted(name for name in trainable if not name.startswith("fc."))
    expect(
        not outside,
        got=f"{len(outside)} trainable parameters outside the head, {', '.join(outside[:3])}, …",
        want="none",
        because="Swapping the head must not unfreeze anything else.",
    )


@check("mlp_head.layers")
def test_layers(submission: Submission) -> None:
    """`mlp_head(512, [256], 10)` is Linear, ReLU, Dropout, Linear."""
    model = submission.model("mlp_head", 512, [256], 10)
    types = [module.type for name, module in model.modules().items() if name]
    expect(
        "sequential" in model.kinds and types == ["Linear", "ReLU", "Dropout", "Linear"],
        got=f"{model.type.rpartition('.')[2]} of {', '.join(types)}",
        want="Sequential of Linear, ReLU, Dropout, Linear",
        because="Each hidden width gives Linear, ReLU, Dropout; a single Linear comes last.",
    )
