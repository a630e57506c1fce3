"""Exercise 03: finding and replacing heads."""

from typing import Final

import torch

from grader.judge.handles import Model, handle
from grader.judge.submission import Submission
from grader.learner.compare.scene import Found, Stage, fact, info, raised, scene
from grader.protocol.recipes import Network

BODY: Final = ("conv1", "bn1", "layer1", "layer2", "layer3", "layer4")
NAMES: Final = (
    *("resnet18", "vgg11", "mobilenet_v3_small", "densenet121", "efficientnet_b0", "vit_b_16"),
)


def network(submission: Submission, name: str, frozen: tuple[str, ...] = ()) -> Model:
    """One of torchvision's models, on the meta device, because its values do not matter."""
    model: Model = submission.build(Network(name, device="meta", frozen=frozen))
    return model


@scene("find_head", "the head of")
def heads(submission: Submission, stage: Stage) -> Found:
    """The dotted names of the heads."""
    for name in NAMES:
        yield fact(name, str(submission.call("find_head", network(submission, name))))


@scene("find_head", "SqueezeNet, which ends in a convolution")
def no_head(submission: Submission, stage: Stage) -> Found:
    """A model without a linear head must raise."""
    yield raised("", submission, "find_head", network(submission, "squeezenet1_1"))


@scene("swap_head", "ResNet-18 with a frozen body, num_classes=7")
def swapped(submission: Submission, stage: Stage) -> Found:
    """The returned model has a new head, and its body is unchanged."""
    model: Model = submission.build(Network("resnet18", frozen=BODY))
    before = model.state()
    found = submission.model("swap_head", model, num_classes=7)
    after, parameters = found.state(), found.parameters()
    images = torch.rand(2, 3, 64, 64, generator=stage.generator())
    rest = [name for name in before if not name.startswith("fc.")]
    kept = all(name in after and torch.equal(after[name], before[name]) for name in rest)
    yield fact("returns", "the same model" if found.key == model.key else "another model")
    yield fact("logits", tuple(found.logits(images).shape))
    yield fact("trainable", sorted({n.partition(".")[0] for n in found.trainable()}))
    yield fact("body", "unchanged" if kept else "changed")
    fresh = [p for name, p in parameters.items() if name not in rest]
    yield info("parameters of the head", sum(torch.Size(p.shape).numel() for p in fresh))


@scene("swap_head", "num_classes=5, dropout=0.4, logits of")
def dropped(submission: Submission, stage: Stage) -> Found:
    """The shape of the logits of several models, with a Dropout before the head."""
    for name in ("resnet18", "vgg11", "mobilenet_v3_small"):
        model: Model = submission.build(Network(name, device="meta"))
        found = submission.model("swap_head", model, num_classes=5, dropout=0.4)
        images = torch.zeros(2, 3, 64, 64, device="meta")
        yield fact(name, tuple(found.logits(images).shape))


@scene("swap_head", "a head of ones, in training mode")
def acts(submission: Submission, stage: Stage) -> Found:
    """Whether Dropout changes the logits."""
    for rate in (0.0, 0.9):
        recipe = Network("Layers", {"layers": [["Flatten"], ["Linear", 64, 10]]})
        found = submission.model("swap_head", submission.build(recipe), dropout=rate)
        # A correct head may begin with zeros, on which Dropout has no effect.
        ones = {name: torch.ones(p.shape) for name, p in found.parameters().items()}
        found.assign(ones)
        images = torch.ones(8, 1, 8, 8)
        first, second = (found.logits(images, training=True) for _ in range(2))
        same = torch.equal(first, second)
        yield fact(f"dropout={rate:g}, twice", "the same logits" if same else "other logits")


@scene("swap_head", "a network in float64")
def doubles(submission: Submission, stage: Stage) -> Found:
    """The dtype is kept."""
    recipe = Network("SmallNet", {"widths": [4]}, dtype="float64")
    found = submission.model("swap_head", submission.build(recipe))
    dtypes = {str(p.dtype).removeprefix("torch.") for p in found.parameters().values()}
    yield fact("dtypes", sorted(dtypes))


@scene("swap_head", "what cannot be")
def refused(submission: Submission, stage: Stage) -> Found:
    """Arguments that must raise."""
    for label, name, options in (
        ("num_classes=1", "resnet18", {"num_classes": 1}),
        ("dropout=1.0", "resnet18", {"dropout": 1.0}),
        ("dropout=-0.1", "resnet18", {"dropout": -0.1}),
        ("SqueezeNet", "squeezenet1_1", {}),
    ):
        yield raised(label, submission, "swap_head", network(submission, name), **options)


@scene("mlp_head", "in_features=32")
def layered(submission: Submission, stage: Stage) -> Found:
    """The layers and their sizes, in order."""
    for label, hidden in (("hidden=[16, 8]", [16, 8]), ("hidden=()", ())):
        value = submission.call("mlp_head", 32, hidden, num_classes=10, dropout=0.3)
        found = handle(value, "sequential", "an nn.Sequential")
        assert isinstance(found, Model)
        layers = [module for name, module in found.modules().items() if name]
        yield fact(f"{label}: layers", [module.type for module in layers])
        weights = [p.shape for p in found.parameters().values() if len(p.shape) == 2]
        yield fact(f"{label}: weights", weights)
        yield fact(f"{label}: rates", [round(m.rate, 3) for m in layers if m.rate is not None])
        logits = found.logits(torch.rand(4, 32, generator=stage.generator()))
        yield fact(f"{label}: output", tuple(logits.shape))
