"""Exercise 01: torchvision's registry."""

from typing import Any, Final

import torch
from PIL import Image
from torchvision.models import SqueezeNet1_1_Weights

from grader.judge.expectations import pair, tensor
from grader.judge.handles import Model, handle
from grader.judge.submission import LearnerError, Submission
from grader.learner.compare.scene import Found, Stage, Stopwatch, fact, near, raised, scene
from grader.materials.exam import EMBEDDED
from grader.protocol.recipes import Network

SQUEEZENET: Final = "squeezenet1_1"  # small; the kit's own file stands in for torchvision's weights
FILE_NAME: Final = SqueezeNet1_1_Weights.DEFAULT.url.rpartition("/")[2]
BODY: Final = ("conv1", "bn1", "layer1", "layer2", "layer3", "layer4")


def describe(model: Model) -> Found:
    """The size and the mode of a model."""
    training = any(module.training for module in model.modules().values())
    parameters = model.parameters().values()
    yield fact("parameters", sum(torch.Size(p.shape).numel() for p in parameters))
    yield fact("mode", "training" if training else "eval")


def checksum(model: Model) -> float:
    """One number that sums up all parameters and buffers."""
    return sum(t.double().abs().sum().item() for t in model.state().values())


@scene("load_pretrained", f'"{EMBEDDED}"')
def embedded(submission: Submission, stage: Stage) -> Found:
    """The kit's own backbone with its DEFAULT weights."""
    watch = Stopwatch()
    model = submission.model("load_pretrained", EMBEDDED)
    yield watch.fact()
    yield from describe(model)
    yield near("sum of |weights|", checksum(model), 1.0)
    numbers = torch.rand(2, 3, 64, 64, generator=stage.generator())
    yield near("its logits, summed", model.logits(numbers).sum().item(), 0.01)


@scene("load_pretrained", f'"{SQUEEZENET}", from a file in the cache')
def from_a_file(submission: Submission, stage: Stage) -> Found:
    """Load weights from torchvision's cache, by three names for the same entry."""
    submission.install_weights(FILE_NAME, Network(SQUEEZENET, seed=1).build().state_dict())
    names: dict[str, Any] = {
        'weights="DEFAULT"': "DEFAULT",
        'weights="IMAGENET1K_V1"': "IMAGENET1K_V1",
        "weights=a WeightsEnum member": SqueezeNet1_1_Weights.IMAGENET1K_V1,
    }
    for label, weights in names.items():
        model = submission.model("load_pretrained", SQUEEZENET, weights)
        yield near(f"{label}: sum", checksum(model), 1.0)


@scene("load_pretrained", f'"{SQUEEZENET}", weights=None')
def at_random(submission: Submission, stage: Stage) -> Found:
    """Without weights, the model is initialised at random."""
    yield from describe(submission.model("load_pretrained", SQUEEZENET, None))


@scene("load_pretrained", "names that torchvision does not have")
def unknown(submission: Submission, stage: Stage) -> Found:
    """Unknown names must raise, and the message must contain the name."""
    for label, name, weights in (
        ('"resnet19"', "resnet19", None),
        ('weights="IMAGENET22K"', "resnet18", "IMAGENET22K"),
    ):
        yield raised(label, submission, "load_pretrained", name, weights)
        yield fact(f"{label} in its text", _named(submission, name, weights))


def _named(submission: Submission, name: str, weights: str | None) -> bool:
    try:
        submission.call("load_pretrained", name, weights)
    except LearnerError as error:
        return (weights or name) in error.message
    return False


@scene("preprocessing", "a white photo of 320 × 240 pixels")
def photo(submission: Submission, stage: Stage) -> Found:
    """The transforms of an entry: the size of their output, and the normalisation."""
    for name in ("resnet18", "efficientnet_b4", "vit_b_16"):
        value = submission.call("preprocessing", name)
        transforms = handle(value, "callable", "transforms, which can be called")
        white = Image.new("RGB", (320, 240), (255, 255, 255))
        output = tensor(transforms(white), "the transformed photo")
        yield fact(f"{name}: shape", tuple(output.shape))
        yield fact(f"{name}: white", [round(v, 2) for v in output[:, 20, 20].tolist()])


@scene("preprocessing", "weights=None")
def no_preprocessing(submission: Submission, stage: Stage) -> Found:
    """There is no preprocessing without weights: this must raise."""
    yield raised("", submission, "preprocessing", "resnet18", None)


@scene("count_parameters", "(total, trainable) of")
def sizes(submission: Submission, stage: Stage) -> Found:
    """Large and small models, one with a shared weight, one with a frozen body."""
    models = {
        "ResNet-18": Network("resnet18"),
        "ResNet-18, all but fc frozen": Network("resnet18", frozen=BODY),
        "MobileNetV3": Network("mobilenet_v3_small"),
        "two layers, one weight": Network("SharedNet", {"width": 10}),
    }
    for label, recipe in models.items():
        value = submission.call("count_parameters", submission.build(recipe))
        yield fact(label, tuple(int(part) for part in pair(value, ("total", "trainable"))))
