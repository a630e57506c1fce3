"""The visible checks of exercise 01. None of them needs a network."""

import torch
from PIL import Image
from torchvision.models import SqueezeNet1_1_Weights

from grader.check import Submission, check, expect, handle, number, pair, tensor
from grader.protocol.recipes import Network

# Stands in for a trained SqueezeNet: these checks and the learner's process can both build it, and
# a file with its weights replaces torchvision's own.
TRAINED = Network("squeezenet1_1", seed=1)
FILE_NAME = SqueezeNet1_1_Weights.DEFAULT.url.rpartition("/")[2]


@check("load_pretrained.weights_of_the_file")
def test_weights_of_the_file(submission: Submission) -> None:
    """With "DEFAULT" weights, SqueezeNet has the numbers from torchvision's file."""
    expected = TRAINED.build().state_dict()
    submission.install_weights(FILE_NAME, expected)
    found = submission.model("load_pretrained", "squeezenet1_1", weights="DEFAULT").state()
    expect(
        found.keys() == expected.keys(),
        got=f"a model with parameters such as {sorted(found)[:2]}",
        want=f"a model with parameters such as {sorted(expected)[:2]}",
        because="Ask torchvision's registry for the model of that name.",
    )
    other = [name for name in expected if not torch.equal(found[name], expected[name])]
    expect(
        not other,
        got=f"other numbers in {len(other)} of {len(expected)} parameters",
        want="the file's numbers in all of them",
        because="Pass the weights on to torchvision: without them, the model starts with "
        "random ones.",
    )


@check("load_pretrained.ready_for_evaluation")
def test_ready_for_evaluation(submission: Submission) -> None:
    """The model is in eval mode, with random weights (`weights=None`) too."""
    submission.install_weights(FILE_NAME, TRAINED.build().state_dict())
    for weights in ("DEFAULT", None):
        model = submission.model("load_pretrained", "squeezenet1_1", weights=weights)
        training = [name or "the model" for name, m in model.modules().items() if m.training]
        expect(
            not training,
            got=f"in training mode: {training[:3]}",
            want="every part in eval mode",
            because="torchvision's models begin in training mode, where Dropout drops at random.",
        )


@check("load_pretrained.unknown_model")
def test_unknown_model(submission: Submission) -> None:
    """A model that torchvision does not have is a `ValueError` that names it."""
    because = "There is no resnet19 in torchvision: say so with a ValueError."
    message = submission.raises("ValueError", "load_pretrained", "resnet19", None, because=because)
    expect(
        "resnet19" in message,
        got=f"ValueError: {message}",
        want="a message with the name resnet19 in it",
        because="Whoever reads the message wants to know which name was wrong.",
    )


@check("preprocessing.resnet18")
def test_resnet18(submission: Submission) -> None:
    """ResNet-18's preprocessing makes (3, 224, 224) of a photo, normalised as in training."""
    value = submission.call("preprocessing", "resnet18")
    transforms = handle(value, "callable", "the transforms, which can be called")
    output = tensor(transforms(Image.new("RGB", (320, 240), (255, 255, 255))), "its result")
    expect(
        output.shape == (3, 224, 224),
        got=f"a tensor of shape {tuple(output.shape)}",
        want="(3, 224, 224)",
        because="Every weights entry knows its transforms, the size of its images included.",
    )
    white = [round(channel, 3) for channel in output[:, 112, 112].tolist()]
    expect(
        white == [2.249, 2.429, 2.64],
        got=f"white became {white}",
        want="[2.249, 2.429, 2.64]",
        because="Pixels must be normalised with the mean and std that the weights were trained on.",
    )


@check("preprocessing.random_weights", needs=["preprocessing.resnet18"])
def test_random_weights(submission: Submission) -> None:
    """Random weights (`weights=None`) come without preprocessing: a `ValueError`."""
    because = "Preprocessing belongs to trained weights, and there are none here: raise ValueError."
    submission.raises("ValueError", "preprocessing", "resnet18", weights=None, because=because)


@check("count_parameters.resnet18")
def test_count_resnet18(submission: Submission) -> None:
    """ResNet-18 has 11,689,512 parameters; with all but `fc` frozen, 513,000 are trainable."""
    body = ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4"]
    for frozen, trainable in (([], 11_689_512), (body, 513_000)):
        model = submission.build(Network("resnet18", frozen=frozen, filled=False))
        counts = pair(submission.call("count_parameters", model), ("total", "trainable"))
        found = tuple(number(count, "each count") for count in counts)
        expect(
            found == (11_689_512, trainable),
            got=f"({found[0]:,.0f}, {found[1]:,.0f})",
            want=f"(11,689,512, {trainable:,})",
            because="Count every number in every parameter; trainable ones require gradients.",
        )


@check("count_parameters.shared_once")
def test_shared_once(submission: Submission) -> None:
    """A weight matrix that two layers share counts once; BatchNorm's statistics do not count."""
    model = submission.build(Network("SharedNet", {"width": 10}))
    total, _ = pair(submission.call("count_parameters", model), ("total", "trainable"))
    expect(
        number(total, "the total") == 140,
        got=f"{number(total, 'the total'):,.0f} parameters",
        want="140: one matrix of 100, two biases of 10, and 20 of the BatchNorm",
        because="`model.parameters()` gives each shared parameter once, and no buffers.",
    )
