"""The hidden checks of exercise 03."""

import math
from itertools import pairwise
from typing import Any

import torch
from hypothesis import strategies as st

from grader.check import Model, Submission, check, expect, for_all
from grader.recipes import Network

HEADS = {
    "resnet50": "fc",
    "vgg16": "classifier.6",
    "mobilenet_v3_large": "classifier.3",
    "densenet121": "classifier",
    "vit_b_16": "heads.head",
    "efficientnet_b0": "classifier.1",
    "convnext_tiny": "classifier.2",
    "swin_t": "head",
}
# Input features of the head, for exact parameter counts.
FEATURES = {"resnet18": 512, "vgg16": 4096, "mobilenet_v3_small": 1024, "vit_b_16": 768}
SMALL = Network("SmallNet", {"widths": [4, 4]})
HEAD_OF_SMALL = "head.2"


def outside_head(model: Model, head: str) -> dict[str, torch.Tensor]:
    """Parameters and buffers of everything but the head."""
    return {name: t for name, t in model.state().items() if not f"{name}.".startswith(f"{head}.")}


def head_linears(model: Model, head: str) -> list[str]:
    """Dotted names of the linear layers at or below the place of the old head."""
    modules = model.modules()
    return [n for n, m in modules.items() if m.linear and f"{n}.".startswith(f"{head}.")]


@check("find_head.families", weight=2)
@for_all(8, name=st.sampled_from(sorted(HEADS)))
def test_families(submission: Submission, name: str) -> None:
    """`find_head` finds the classifier in every family of torchvision's zoo."""
    found = submission.call("find_head", submission.build(Network(name, device="meta")))
    because = f"In {name} that is not the dotted name of the layer that makes the logits."
    expect(found == HEADS[name], got=found, want=HEADS[name], because=because)


@check("find_head.any_network", weight=2)
@for_all(6, blocks=st.integers(1, 4), width=st.integers(1, 6))
def test_any_network(submission: Submission, blocks: int, width: int) -> None:
    """`find_head` works on a network that it has never seen."""
    recipe = Network("SmallNet", {"widths": [width] * blocks})
    found = submission.call("find_head", submission.build(recipe))
    because = "Look at the modules, not at the names that torchvision happens to use."
    expect(found == HEAD_OF_SMALL, got=found, want=HEAD_OF_SMALL, because=because)


@check("find_head.no_linear_at_the_end_hidden")
def test_no_linear(submission: Submission) -> None:
    """A model that ends in a convolution has no head, even with a linear layer in its middle."""
    because = "A linear layer in the middle is not the one that makes the logits."
    for name, options in (("NoLinearAtTheEnd", {"width": 5}), ("squeezenet1_0", {})):
        model = submission.build(Network(name, options, device="meta"))
        submission.raises("ValueError", "find_head", model, because=because)


@check("swap_head.output_shape", weight=3)
@for_all(8, num_classes=st.integers(2, 40), n=st.integers(1, 5))
def test_output_shape(submission: Submission, num_classes: int, n: int) -> None:
    """The output is (N, num_classes) for any number of classes and of images."""
    model = submission.build(SMALL)
    swapped = submission.model("swap_head", model, num_classes=num_classes)
    logits = swapped.logits(torch.zeros(n, 1, 8, 8))
    because = f"With num_classes={num_classes} and N={n} the output has another shape."
    expect(logits.shape == (n, num_classes), got=logits.shape, want="", because=because)


@check("swap_head.architectures", weight=2)
def test_architectures(submission: Submission) -> None:
    """It works on ResNet, VGG, MobileNetV3 and ViT, with the exact number of new parameters."""
    heads = {"resnet18": "fc", "mobilenet_v3_small": "classifier.3", **HEADS}
    for name, features in FEATURES.items():
        model = submission.build(Network(name, device="meta"))
        before = {n: p.key for n, p in model.parameters().items()}
        swapped = submission.model("swap_head", model, num_classes=7)
        logits = swapped.logits(torch.empty(2, 3, 224, 224, device="meta"))
        because = f"The swapped {name} does not give (N, num_classes) logits."
        expect(logits.shape == (2, 7), got=logits.shape, want=(2, 7), because=because)
        new = {n: p for n, p in swapped.parameters().items() if before.get(n) != p.key}
        count = sum(math.prod(p.shape) for p in new.values())
        because = f"In {name} the new head must take the old one's {features} input features."
        expect(
            count in (7 * features, 7 * features + 7), got=count, want=7 * features, because=because
        )
        because = f"In {name} something outside the head `{heads[name]}` was replaced."
        outside = [n for n in new if not n.startswith(f"{heads[name]}.")]
        expect(not outside, got=outside, want="nothing", because=because)


@check("swap_head.same_model")
def test_same_model(submission: Submission) -> None:
    """It changes the model in place and returns that same model."""
    model = submission.build(SMALL)
    swapped = submission.model("swap_head", model, num_classes=3)
    because = "The function returns another object: swap in place and return `model`."
    expect(swapped.key == model.key, got="another", want="the same model", because=because)


@check("swap_head.body_unchanged", weight=2)
def test_body_unchanged(submission: Submission, generator: torch.Generator) -> None:
    """The body keeps its weights, so that it computes the same features as before."""
    recipe = Network("SmallNet", {"widths": [4, 4]}, seed=7)
    model = submission.build(recipe)
    swapped = submission.model("swap_head", model, num_classes=5)
    expected = {
        name: tensor
        for name, tensor in recipe.build().state_dict().items()
        if not name.startswith(f"{HEAD_OF_SMALL}.")
    }
    got = outside_head(swapped, HEAD_OF_SMALL)
    same = got.keys() == expected.keys() and all(torch.equal(got[n], expected[n]) for n in got)
    because = "Weights or layers outside the head changed: only the last layer may be replaced."
    expect(same, got="a changed body", want="the same one", because=because)
    images = torch.randn(3, 1, 8, 8, generator=generator)
    linears = head_linears(swapped, HEAD_OF_SMALL)
    because = "At the place of the old head stands no single linear layer."
    expect(len(linears) == 1, got=linears, want="one linear layer", because=because)
    # The head's own weights put into the original body must give the same logits.
    reference = recipe.build()
    state = swapped.state()
    weight, bias = state[f"{linears[0]}.weight"], state.get(f"{linears[0]}.bias")
    reference.get_submodule("head").add_module("2", torch.nn.Identity())
    reference.eval()
    with torch.no_grad():
        logits = torch.nn.functional.linear(reference(images), weight, bias)
    close = torch.allclose(swapped.logits(images), logits, atol=1e-4)
    because = "The logits are not a linear function of the body's features: no softmax, no ReLU."
    expect(close, got="other logits", want="linear ones", because=because)


@check("swap_head.fresh_head")
def test_fresh_head(submission: Submission) -> None:
    """The new head is fresh: it repeats neither the old weights nor a constant."""
    for num_classes in (3, 10):
        recipe = Network("SmallNet", {"widths": [4, 4]}, seed=3)
        swapped = submission.model("swap_head", submission.build(recipe), num_classes=num_classes)
        linears = head_linears(swapped, HEAD_OF_SMALL)
        because = "At the place of the old head stands no single linear layer."
        expect(len(linears) == 1, got=linears, want="one", because=because)
        weight = swapped.state()[f"{linears[0]}.weight"]
        old = recipe.build().get_parameter(f"{HEAD_OF_SMALL}.weight")[: len(weight)]
        because = "The new head still holds the old head's weights."
        expect(not torch.equal(weight, old), got="old weights", want="new ones", because=because)


@check("swap_head.frozen_stays_frozen", weight=2)
@for_all(8, frozen=st.sets(st.sampled_from(["block1", "block2", "head", "scale", "block1.norm"])))
def test_frozen_stays_frozen(submission: Submission, frozen: set[str]) -> None:
    """The new head is trainable even if the old one was frozen; all else keeps its state."""
    recipe = Network("SmallNet", {"widths": [4, 4]}, frozen=sorted(frozen))
    model = submission.build(recipe)
    body = {n for n in model.trainable() if not n.startswith(f"{HEAD_OF_SMALL}.")}
    swapped = submission.model("swap_head", model, num_classes=4)
    trainable = swapped.trainable()
    inside = {n for n in trainable if n.startswith(f"{HEAD_OF_SMALL}.")}
    parameters = {n for n in swapped.parameters() if n.startswith(f"{HEAD_OF_SMALL}.")}
    because = "The new head does not require gradients: it could never learn."
    expect(parameters and inside == parameters, got=inside, want=parameters, because=because)
    because = "Outside the head something was frozen or unfrozen."
    expect(trainable - inside == body, got=trainable - inside, want=body, because=because)


@check("swap_head.device_and_dtype")
def test_device_and_dtype(submission: Submission) -> None:
    """The new head lives where the old one lived, with the same dtype."""
    for device, dtype in (("meta", "float32"), ("cpu", "float64"), ("meta", "bfloat16")):
        recipe = Network("SmallNet", {"widths": [4]}, device=device, dtype=dtype)
        swapped = submission.model("swap_head", submission.build(recipe), num_classes=4)
        parameters = swapped.parameters().values()
        devices = {p.device for p in parameters}
        because = "The new head is on another device than the model: pass `device=` of the old one."
        expect(devices == {device}, got=devices, want=device, because=because)
        dtypes = {str(p.dtype) for p in parameters}
        because = "The new head has another dtype than the model: pass `dtype=` of the old one."
        expect(dtypes == {f"torch.{dtype}"}, got=dtypes, want=dtype, because=because)


@check("swap_head.dropout", weight=2)
@for_all(5, rate=st.sampled_from([0.1, 0.25, 0.5, 0.9]))
def test_dropout(submission: Submission, generator: torch.Generator, rate: float) -> None:
    """With `dropout` a Dropout of that rate acts before the linear layer, and only in training."""
    before = submission.build(SMALL)
    rates_before = [m.rate for m in before.modules().values() if m.rate is not None]
    swapped = submission.model("swap_head", before, num_classes=6, dropout=rate)
    rates = [m.rate for m in swapped.modules().values() if m.rate is not None]
    because = f"With dropout={rate} there must be one more Dropout, of that rate."
    expect(sorted(rates) == sorted([*rates_before, rate]), got=rates, want=rate, because=because)
    images = torch.randn(64, 1, 8, 8, generator=generator)
    calm = swapped.logits(images)
    because = "In evaluation mode Dropout must not act."
    expect(torch.equal(calm, swapped.logits(images)), got="noise", want="none", because=because)
    noisy = swapped.logits(images, training=True)
    # Behind the linear layer Dropout sets that part of the logits to zero; before it, hardly any.
    zeros = (noisy == 0).float().mean()
    because = "Dropout acts on the logits: it belongs before the linear layer."
    expect(zeros < rate / 2, got=f"{zeros:.0%} zeros", want="none", because=because)
    because = "Dropout does not act in training mode."
    changed = not torch.equal(noisy, swapped.logits(images, training=True))
    expect(changed, got="no noise", want="noise", because=because)


@check("swap_head.no_dropout")
def test_no_dropout(submission: Submission) -> None:
    """Without `dropout` no active Dropout is added."""
    before = submission.build(SMALL)
    active = [m.rate for m in before.modules().values() if m.rate]
    swapped = submission.model("swap_head", before, num_classes=6)
    rates = [m.rate for m in swapped.modules().values() if m.rate]
    because = "dropout=0.0 means that nothing is dropped."
    expect(rates == active, got=rates, want=active, because=because)


@check("swap_head.num_classes_error")
def test_num_classes_error(submission: Submission) -> None:
    """Fewer than two classes are a ValueError."""
    because = "A classifier needs at least two classes: raise ValueError for fewer."
    for num_classes in (1, 0, -3):
        model = submission.build(SMALL)
        arguments: dict[str, Any] = {"num_classes": num_classes, "because": because}
        submission.raises("ValueError", "swap_head", model, **arguments)


@check("swap_head.dropout_error")
def test_dropout_error(submission: Submission) -> None:
    """A dropout rate outside [0, 1) is a ValueError; 1.0 itself is outside."""
    because = "A dropout rate lies in [0, 1): with 1 nothing would be left. Raise ValueError."
    for rate in (1.0, -0.1, 1.5):
        submission.raises(
            "ValueError", "swap_head", submission.build(SMALL), dropout=rate, because=because
        )


@check("swap_head.no_head_error")
def test_no_head_error(submission: Submission) -> None:
    """A model without a linear head is a ValueError."""
    because = "A model that ends in no nn.Linear has no head to swap: raise ValueError."
    model = submission.build(Network("squeezenet1_1", device="meta"))
    submission.raises("ValueError", "swap_head", model, num_classes=10, because=because)


@check("mlp_head.structure", weight=3)
@for_all(
    10,
    in_features=st.integers(1, 30),
    hidden=st.lists(st.integers(1, 20), max_size=4),
    num_classes=st.integers(2, 12),
    as_tuple=st.booleans(),
)
def test_structure(
    submission: Submission, in_features: int, hidden: list[int], num_classes: int, as_tuple: bool
) -> None:
    """Linear, ReLU, Dropout for each hidden width, then one last Linear, in a flat Sequential."""
    widths: Any = tuple(hidden) if as_tuple else hidden
    model = submission.model("mlp_head", in_features, widths, num_classes)
    modules = [(name, m) for name, m in model.modules().items() if name]
    types = [m.type for _, m in modules]
    expected = ["Linear", "ReLU", "Dropout"] * len(hidden) + ["Linear"]
    because = f"With {len(hidden)} hidden widths the layers are others, or nested, or out of order."
    flat = all("." not in name for name, _ in modules)
    expect(types == expected and flat, got=types, want=expected, because=because)
    because = "The layers do not chain from in_features over the hidden widths to num_classes."
    sides = [in_features, *hidden, num_classes]
    shapes = [p.shape for n, p in model.parameters().items() if n.endswith("weight")]
    pairs = [(b, a) for a, b in pairwise(sides)]
    expect(shapes == pairs, got=shapes, want=pairs, because=because)


@check("mlp_head.dropout_rate")
@for_all(4, rate=st.sampled_from([0.0, 0.1, 0.3, 0.8]))
def test_dropout_rate(submission: Submission, rate: float) -> None:
    """Every Dropout has the rate that was asked for, and 0.5 by default."""
    model = submission.model("mlp_head", 4, [3, 3], dropout=rate)
    rates = [m.rate for m in model.modules().values() if m.rate is not None]
    because = f"With dropout={rate} the layers drop at another rate."
    expect(rates == [rate, rate], got=rates, want=[rate, rate], because=because)
    default = submission.model("mlp_head", 4, [3])
    rates = [m.rate for m in default.modules().values() if m.rate is not None]
    because = "Without the argument the rate is 0.5."
    expect(rates == [0.5], got=rates, want=[0.5], because=because)


@check("mlp_head.logits", weight=2)
def test_logits(submission: Submission, generator: torch.Generator) -> None:
    """It computes logits, not probabilities: ReLU between the layers, nothing after the last."""
    model = submission.model("mlp_head", 6, [5, 4], 3)
    inputs = torch.randn(9, 6, generator=generator)
    state = model.state()
    layers = [name.removesuffix(".weight") for name in state if name.endswith(".weight")]
    expected = inputs
    for name in layers:
        weight, bias = state[f"{name}.weight"], state.get(f"{name}.bias")
        expected = torch.nn.functional.linear(expected, weight, bias)
        expected = expected if name == layers[-1] else expected.relu()
    got = model.logits(inputs)
    because = "The output is not that of Linear and ReLU layers: is there a softmax at the end?"
    close = got.shape == expected.shape and torch.allclose(got, expected, atol=1e-5)
    expect(close, got="other logits", want="those", because=because)
