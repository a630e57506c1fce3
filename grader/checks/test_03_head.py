"""The hidden checks of exercise 03."""

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import torch

from grader.check import LearnerError, Mismatch, Model, Submission, check, expect, for_all
from grader.judge.strategies import (
    CLASSES,
    DROPOUTS,
    DTYPES,
    FLAGS,
    FLOATS_ABOVE_1,
    FLOATS_BELOW_0,
    WITH_BATCHNORM,
    Architecture,
    PartlyFrozen,
    choices,
    grown,
    numbers,
    partly_frozen,
    widths,
)
from grader.protocol.recipes import Network

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
# The head of each model and its input features, for exact numbers of parameters.
FEATURES = {
    "resnet18": ("fc", 512),
    "vgg16": ("classifier.6", 4096),
    "mobilenet_v3_small": ("classifier.3", 1024),
    "vit_b_16": ("heads.head", 768),
}
# Even on the meta device, a forward pass through the others takes longer than the rest of its
# check; for them the number of new parameters is enough.
QUICK = ("resnet18", "vgg16")
SMALL = Network("SmallNet", {"widths": [4, 4]})
HEAD_OF_SMALL = "head.2"
# A model that is hardly more than its head: what it computes shows what its head computes.
INPUTS = 8
BARE = Network("Layers", {"layers": [["Flatten"], ["Linear", INPUTS, 3]]})


def body(names: Iterable[str], head: str) -> set[str]:
    """The names outside the head."""
    return {name for name in names if not f"{name}.".startswith(f"{head}.")}


def expect_head(submission: Submission, recipe: Network, head: str, because: str) -> None:
    """Expect that `find_head` finds `head`."""
    try:
        found = submission.call("find_head", submission.build(recipe))
    except LearnerError as error:
        if "ValueError" not in error.types:
            raise
        because = f"`find_head` raised ValueError for a model that has a head. {because}"
        raise Mismatch(error.message, head, because) from None
    wrong_kind = "`find_head` returns the dotted name of the layer, a string."
    expect(isinstance(found, str), got=found, want=head, because=wrong_kind)
    if str(found).startswith(f"{head}."):
        because = "This is the name of a parameter, not of a layer: `named_modules` gives the "
        because += "names of layers, without `.weight` or `.bias`."
    elif head.endswith(f".{found}"):
        because = "This is only the last part of the layer's name. The whole dotted name is "
        because += "wanted, as `named_modules` gives it and `get_submodule` takes it."
    expect(found == head, got=found, want=head, because=because)


def logits_of(model: Model, images: torch.Tensor) -> torch.Tensor:
    """The logits of the model that `swap_head` returned."""
    try:
        return model.logits(images)
    except LearnerError as error:
        if "RuntimeError" not in error.types:
            raise
        because = (
            "The returned model cannot compute its logits. Is it the whole model, and does the new "
            "layer take the old one's place, with the same number of input features?"
        )
        raise Mismatch(error.message, "logits", because) from None


@check("find_head.families", weight=2)
def test_families(submission: Submission) -> None:
    """`find_head` finds the classifier in every family of torchvision's zoo."""
    for name, head in HEADS.items():
        because = (
            f"In {name} another layer computes the logits: the last one with parameters of its "
            "own, wherever it lies in the model."
        )
        expect_head(submission, Network(name, device="meta"), head, because)


@check("find_head.any_network", weight=2)
@for_all(8, architecture=grown())
def test_any_network(submission: Submission, architecture: Architecture) -> None:
    """`find_head` works on a network that it has never seen."""
    because = (
        "Look at the modules, including nested ones, and not at the names that torchvision uses."
    )
    expect_head(submission, architecture.network, architecture.head, because)


@check("find_head.no_parameters_behind")
def test_no_parameters_behind(submission: Submission) -> None:
    """Modules without parameters after the head, such as a Dropout or an Identity, do not count."""
    layers = [["Flatten"], ["Linear", 8, 4], ["ReLU"], ["Linear", 4, 3]]
    for behind in (["Identity"], ["Dropout", 0.1], ["Unflatten", 1, [3, 1]]):
        recipe = Network("Layers", {"layers": [*layers, behind]})
        because = "The model ends in a module without parameters. The head is the last one that "
        because += "has parameters of its own."
        expect_head(submission, recipe, "3", because)


@check("find_head.no_linear_at_the_end_hidden", needs=["find_head.families"])
def test_no_linear(submission: Submission) -> None:
    """A model that ends in a convolution has no head, even with a linear layer in its middle."""
    because = (
        "The last module with parameters is not an nn.Linear: raise ValueError. A linear layer in "
        "the middle does not compute the logits."
    )
    normalised = Network("Layers", {"layers": [["Linear", 8, 3], ["BatchNorm1d", 3]]})
    middle = Network("NoLinearAtTheEnd", {"width": 5})
    for recipe in (middle, Network("squeezenet1_0", device="meta"), normalised):
        model = submission.build(recipe)
        submission.raises("ValueError", "find_head", model, because=because)
    because = "A model without any parameters has no head either: raise ValueError."
    model = submission.build(Network("Layers", {"layers": [["Flatten"], ["ReLU"]]}))
    submission.raises("ValueError", "find_head", model, because=because)


@check("swap_head.output_shape", weight=3)
@for_all(6, architecture=grown(), classes=numbers(2, 40), images=numbers(1, 5))
def test_output_shape(
    submission: Submission, architecture: Architecture, classes: int, images: int
) -> None:
    """The output is (N, num_classes) for any number of classes and of images."""
    model = submission.build(architecture.network)
    swapped = submission.model("swap_head", model, num_classes=classes)
    logits = logits_of(swapped, torch.zeros(images, 1, 8, 8))
    because = (
        f"With num_classes={classes} and N={images} the output is not (N, num_classes): does a new "
        "layer take the old one's place, and does it use `num_classes`?"
    )
    expect(logits.shape == (images, classes), got=logits.shape, want="", because=because)


@check("swap_head.architectures", weight=2, needs=["swap_head.output_shape"])
def test_architectures(submission: Submission, generator: torch.Generator) -> None:
    """It works on ResNet, VGG, MobileNetV3 and ViT, with the exact number of new parameters."""
    for name, (head, features) in FEATURES.items():
        classes = int(torch.randint(2, 900, (), generator=generator))
        model = submission.build(Network(name, device="meta"))
        parameters = model.parameters()
        before = {(n, parameters[n].key) for n in body(parameters, head)}
        swapped = submission.model("swap_head", model, num_classes=classes)
        after = {(n, p.key): math.prod(p.shape) for n, p in swapped.parameters().items()}
        if name in QUICK:
            swapped.move(torch.device("meta"))  # another check tests the head's device
            logits = logits_of(swapped, torch.empty(2, 3, 224, 224, device="meta"))
            because = f"The swapped {name} does not give (N, num_classes) logits: does every image "
            because += "pass through the new layer?"
            want = (2, classes)
            expect(logits.shape == want, got=logits.shape, want=want, because=because)
        because = f"In {name} something outside the head `{head}` was replaced or renamed."
        expect(before <= after.keys(), got=before - after.keys(), want="none", because=because)
        # The head may have a bias or not.
        count = sum(size for key, size in after.items() if key not in before)
        because = f"In {name} the new head is not one linear layer from the old one's {features} "
        because += "input features (`in_features`) to `num_classes`."
        new = classes * features
        expect(count - new in (0, classes), got=count, want=new, because=because)


@check("swap_head.same_model")
def test_same_model(submission: Submission) -> None:
    """It changes the model in place and returns that same model."""
    model = submission.build(SMALL)
    swapped = submission.model("swap_head", model, num_classes=3)
    because = "The function returns another object: swap in place and return `model`."
    expect(swapped.key == model.key, got="another", want="the same model", because=because)
    logits = model.logits(torch.zeros(2, 1, 8, 8))
    because = "The model that was handed in must have the new head."
    expect(logits.shape == (2, 3), got=logits.shape, want=(2, 3), because=because)


@check("swap_head.body_unchanged", weight=2, needs=["swap_head.output_shape"])
@for_all(3, architecture=grown(kinds=WITH_BATCHNORM, dropouts=(0.5,)), classes=CLASSES)
def test_body_unchanged(submission: Submission, architecture: Architecture, classes: int) -> None:
    """The body keeps its weights, its statistics and its mode."""
    for training in (True, False):
        model = submission.build(architecture.network)
        original = model.state()
        model.set_training(dict.fromkeys(model.modules(), training))
        swapped = submission.model("swap_head", model, num_classes=classes)
        got = swapped.state()
        changed = {
            name
            for name in body(original, architecture.head)
            if name not in got or not torch.equal(got[name], original[name])
        }
        because = (
            "Weights, statistics or names outside the head changed: replace only the last layer. "
            "Reinitialise nothing else, and do not run a batch through the model."
        )
        expect(not changed, got=changed, want="none", because=because)
        modules = swapped.modules()
        own = architecture.network.build()
        names = body((name for name, _ in own.named_modules()), architecture.head)
        switched = {n for n in names if n not in modules or modules[n].training != training}
        because = "The body is in another mode than before: swapping calls neither train nor eval."
        expect(not switched, got=switched, want="none", because=because)
    model = submission.build(architecture.network)
    before = {(n, m.rate) for n, m in model.modules().items()}
    swapped = submission.model("swap_head", model, num_classes=classes, dropout=0.3)
    after = {(n, m.rate) for n, m in swapped.modules().items()}
    changed = body((name for name, _ in before - after), architecture.head)
    because = "A Dropout outside the head has another rate than before, or is gone: `dropout` is "
    because += "the rate of a new one, directly before the new Linear."
    expect(not changed, got=changed, want="none", because=because)


@check("swap_head.logits", weight=2, needs=["swap_head.output_shape"])
def test_swapped_logits(submission: Submission, generator: torch.Generator) -> None:
    """The output is logits: a linear function of the body's features, with no softmax after it."""
    swapped = submission.model("swap_head", submission.build(BARE), num_classes=5)
    inputs = 10 * torch.randn(6, INPUTS, generator=generator)
    origin = swapped.logits(torch.zeros(1, INPUTS))
    once = swapped.logits(inputs) - origin
    because = (
        "The output is not linear in the body's features: is there a softmax at the end, or a "
    )
    because += "ReLU or a hidden layer in the head?"
    for factor in (3.0, -1.0):  # a ReLU shows only where the sign changes
        logits = swapped.logits(factor * inputs) - origin
        close = torch.allclose(factor * once, logits, rtol=1e-3, atol=1e-3)
        expect(close, got="other logits", want="linear ones", because=because)


@check("swap_head.fresh_head", needs=["swap_head.output_shape"])
@for_all(2, architecture=grown(), more=numbers(1, 9))
def test_fresh_head(submission: Submission, architecture: Architecture, more: int) -> None:
    """The new head has new weights, not a copy of the old ones."""
    for classes in (2, architecture.classes, architecture.classes + more):
        model = submission.build(architecture.network)
        swapped = submission.model("swap_head", model, num_classes=classes)
        old = architecture.network.build().get_parameter(f"{architecture.head}.weight")
        rows = min(classes, len(old))
        state = swapped.state()
        weights = [state[n] for n in state.keys() - body(state, architecture.head)]
        weights = [w for w in weights if w.dim() == 2 and w.shape[1] == old.shape[1]]
        repeated = [w for w in weights if torch.equal(w[:rows], old[:rows])]
        because = "The new head still holds the old head's weights: make a new nn.Linear, even if "
        because += "the number of classes stays the same."
        expect(not repeated, got="old weights", want="new ones", because=because)


@check("swap_head.frozen_stays_frozen", weight=2, needs=["swap_head.output_shape"])
@for_all(6, drawn=partly_frozen(grown()), classes=CLASSES)
def test_frozen_stays_frozen(submission: Submission, drawn: PartlyFrozen, classes: int) -> None:
    """What was frozen outside the head stays frozen, and what was trainable stays trainable."""
    model = submission.build(drawn.network)
    names = body(model.parameters(), drawn.head)
    before = model.trainable() & names
    after = submission.model("swap_head", model, num_classes=classes).trainable() & names
    because = (
        "Outside the head something was frozen or unfrozen: the swap must not change "
        "`requires_grad` there."
    )
    expect(after == before, got=after, want=before, because=because)


@check("swap_head.head_is_trainable", weight=2, needs=["swap_head.output_shape"])
@for_all(2, architecture=grown(), classes=CLASSES)
def test_head_is_trainable(
    submission: Submission, architecture: Architecture, classes: int
) -> None:
    """The new head is trainable, even if the old one was frozen."""
    for frozen in (set(), {"head"}, set(architecture.parts)):
        model = submission.build(architecture.freeze(frozen))
        names = body(model.parameters(), architecture.head)
        swapped = submission.model("swap_head", model, num_classes=classes)
        new = swapped.parameters().keys() - names
        because = "Something of the new head does not require gradients, so it could never learn. "
        because += "Freezing belongs before the swap: a new layer is trainable by itself."
        trainable = swapped.trainable()
        expect(new and new <= trainable, got=trainable, want=new, because=because)


@check("swap_head.device_and_dtype", needs=["swap_head.output_shape"])
@for_all(2, architecture=grown(), dtype=DTYPES)
def test_device_and_dtype(submission: Submission, architecture: Architecture, dtype: str) -> None:
    """The new head has the device and the dtype of the old one."""
    for device in ("meta", "cpu"):
        recipe = replace(architecture.network, device=device, dtype=dtype)
        swapped = submission.model("swap_head", submission.build(recipe), num_classes=4)
        parameters = swapped.parameters().values()
        devices = {p.device for p in parameters}
        because = "The new head is on another device than the model: pass `device=` of the old one."
        expect(devices == {device}, got=devices, want=device, because=because)
        dtypes = {str(p.dtype) for p in parameters}
        because = "The new head has another dtype than the model: pass `dtype=` of the old one."
        expect(dtypes == {f"torch.{dtype}"}, got=dtypes, want=dtype, because=because)
        other = "cpu" if device == "meta" else "meta"  # a model may be spread over several devices
        layers = [["Linear", 8, 4, True, other], ["Linear", 4, 3, True, device]]
        model = submission.build(Network("Layers", {"layers": layers}))
        swapped = submission.model("swap_head", model, num_classes=4)
        head = [p for name, p in swapped.parameters().items() if not name.startswith("0.")]
        devices = {p.device for p in head}
        because = (
            "The new head is on the device of another layer: use that of the layer which it "
            "replaces, not that of the model's first parameter."
        )
        expect(devices == {device}, got=devices, want=device, because=because)


def dropped_features(model: Model, generator: torch.Generator) -> tuple[torch.Tensor, bool]:
    """The features that reach the head's linear layer in training mode, for inputs of ones.

    With more classes than features, the logits determine the features, however they are dropped.

    Returns:
        One row per image (0 where dropped, else 1 divided by the share that is kept), and whether
        the logits are linear in them at all.
    """
    # A head may start with any weights, even zeros, so give it random ones. Shapes are taken only
    # from tensors that were transferred with their values: a meta tensor, which costs the
    # submission no memory, could be huge.
    state = {name: value for name, value in model.state().items() if not value.is_meta}
    names = [name for name in model.parameters() if name in state]
    values = {name: torch.randn(state[name].shape, generator=generator) for name in names}
    model.assign(values)
    origin = model.logits(torch.zeros(1, INPUTS))
    weight = (model.logits(torch.eye(INPUTS)) - origin).T
    logits = model.logits(torch.ones(256, INPUTS), training=True) - origin
    features = torch.linalg.lstsq(weight, logits.T).solution
    return features.T, torch.allclose(weight @ features, logits.T, atol=1e-2)


@check("swap_head.dropout", weight=2, needs=["swap_head.logits"])
@for_all(5, rate=DROPOUTS)
def test_dropout(submission: Submission, generator: torch.Generator, rate: float) -> None:
    """With `dropout` a Dropout of that rate acts before the linear layer, and only in training."""
    arguments = {"num_classes": 3 * INPUTS, "dropout": rate}
    swapped = submission.model("swap_head", submission.build(BARE), **arguments)
    images = torch.randn(64, INPUTS, generator=generator)
    calm = swapped.logits(images)
    because = "In evaluation mode Dropout must not act."
    expect(torch.equal(calm, swapped.logits(images)), got="noise", want="none", because=because)
    features, linear = dropped_features(swapped, generator)
    because = "Dropout acts on the logits: it belongs before the linear layer."
    expect(linear, got="dropped logits", want="dropped features", because=because)
    because = "No feature is dropped in training mode: is there a Dropout, and does `forward` use "
    because += "it?"
    kept = features[features.abs() > 1e-2]
    expect(len(kept) < features.numel(), got="nothing", want="some dropped", because=because)
    because = (
        f"With dropout={rate} features are dropped at another rate: pass it on, to exactly one "
        "Dropout. It is the fraction that is dropped, not the one that is kept."
    )
    close = len(kept) > 0 and torch.allclose(kept, torch.tensor(1 / (1 - rate)), rtol=1e-2)
    expect(close, got="another rate", want=rate, because=because)


@check("swap_head.no_dropout", needs=["swap_head.logits"])
def test_no_dropout(submission: Submission, generator: torch.Generator) -> None:
    """Without `dropout` nothing is dropped."""
    arguments: dict[str, Any]
    for arguments in ({}, {"dropout": 0.0}):
        model = submission.build(BARE)
        swapped = submission.model("swap_head", model, num_classes=3 * INPUTS, **arguments)
        features, linear = dropped_features(swapped, generator)
        because = "Without `dropout` (0.0, the default) nothing may be dropped in training mode."
        calm = linear and torch.allclose(features, torch.ones_like(features), atol=1e-2)
        expect(calm, got="dropped", want="none", because=because)


# A function that only raises errors earns nothing: these checks wait for one that works.
@check("swap_head.num_classes_error", needs=["swap_head.output_shape"])
@for_all(2, fewer=numbers(-50, 0))
def test_num_classes_error(submission: Submission, fewer: int) -> None:
    """Fewer than two classes are a ValueError."""
    because = "A classifier needs at least two classes: raise ValueError for fewer."
    for num_classes in (1, fewer):
        model = submission.build(SMALL)
        arguments: dict[str, Any] = {"num_classes": num_classes, "because": because}
        submission.raises("ValueError", "swap_head", model, **arguments)


@check("swap_head.dropout_error", needs=["swap_head.output_shape"])
@for_all(2, below=FLOATS_BELOW_0, above=FLOATS_ABOVE_1)
def test_dropout_error(submission: Submission, below: float, above: float) -> None:
    """A dropout rate outside [0, 1) is a ValueError; 1.0 itself is outside."""
    because = (
        "A dropout rate lies in [0, 1): with 1 nothing would be left, and below 0 it makes no "
    )
    because += "sense. Raise ValueError (an `assert` raises another error)."
    for rate in (1.0, below, above):
        submission.raises(
            "ValueError", "swap_head", submission.build(SMALL), dropout=rate, because=because
        )


@check("swap_head.no_head_error", needs=["swap_head.output_shape"])
def test_no_head_error(submission: Submission) -> None:
    """A model without a linear head is a ValueError."""
    because = "A model that ends in no nn.Linear has no head to swap: raise ValueError."
    model = submission.build(Network("squeezenet1_1", device="meta"))
    submission.raises("ValueError", "swap_head", model, num_classes=10, because=because)


@check("mlp_head.structure", weight=3)
@for_all(
    10,
    in_features=numbers(1, 30),
    hidden=widths(),
    classes=CLASSES,
    as_tuple=FLAGS,
)
def test_structure(
    submission: Submission, in_features: int, hidden: list[int], classes: int, as_tuple: bool
) -> None:
    """Linear, ReLU, Dropout for each hidden width, then one last Linear, in a flat Sequential."""
    given: Any = tuple(hidden) if as_tuple else hidden
    model = submission.model("mlp_head", in_features, given, classes)
    modules = [(name, m) for name, m in model.modules().items() if name]
    because = "`mlp_head` must return an nn.Sequential, not a module of another class."
    expect("sequential" in model.kinds, got=model.type, want="a Sequential", because=because)
    types = [m.type for _, m in modules]
    expected = ["Linear", "ReLU", "Dropout"] * len(hidden) + ["Linear"]
    because = (
        "The Sequential must hold, in one flat row, Linear, ReLU and Dropout in this order for "
        "each hidden width (none if `hidden` is empty), and then one last Linear, with no ReLU, "
        "Dropout or softmax after it."
    )
    flat = all("." not in name for name, _ in modules)
    expect(types == expected and flat, got=types, want=expected, because=because)
    because = (
        "The Linear layers have the wrong sizes: the first takes `in_features` inputs, each takes "
        "as many as the one before it gives, and the last gives `num_classes`."
    )
    sides = [in_features, *hidden, classes]
    shapes = [p.shape for n, p in model.parameters().items() if n.endswith("weight")]
    pairs = [(b, a) for a, b in pairwise(sides)]
    expect(shapes == pairs, got=shapes, want=pairs, because=because)


@check("mlp_head.dropout_rate")
@for_all(4, rate=choices(0.1, 0.3, 0.8), hidden=widths(1))
def test_dropout_rate(submission: Submission, rate: float, hidden: list[int]) -> None:
    """Every Dropout has the rate that was asked for, and 0.5 by default."""
    model = submission.model("mlp_head", 4, hidden, dropout=rate)
    rates = [m.rate for m in model.modules().values() if m.rate is not None]
    because = f"With dropout={rate} there must be one Dropout of that rate for each hidden width."
    wanted = [rate] * len(hidden)
    expect(rates == wanted, got=rates, want=wanted, because=because)
    default = submission.model("mlp_head", 4, [3])
    rates = [m.rate for m in default.modules().values() if m.rate is not None]
    because = "Without `dropout` the rate must be 0.5: is that its default?"
    expect(rates == [0.5], got=rates, want=[0.5], because=because)
    calm = submission.model("mlp_head", 4, hidden, dropout=0.0)
    rates = [m.rate for m in calm.modules().values() if m.rate]
    because = "With dropout=0.0 nothing may be dropped: 0.0 is a rate, too, though it counts as "
    because += "false in an `if` or an `or`."
    expect(not rates, got=rates, want=0.0, because=because)


@check("mlp_head.ten_classes", weight=0.5, needs=["mlp_head.structure"])
def test_ten_classes(submission: Submission) -> None:
    """Without `num_classes` there are ten logits, one for each garment class."""
    for hidden in ([], [3]):
        logits = submission.model("mlp_head", 4, hidden).logits(torch.zeros(2, 4))
        because = "Without `num_classes` there must be ten logits: is 10 its default?"
        expect(logits.shape == (2, 10), got=logits.shape, want=(2, 10), because=because)


@check("mlp_head.logits", weight=2)
@for_all(4, in_features=numbers(3, 8), hidden=widths(), classes=CLASSES)
def test_logits(
    submission: Submission,
    generator: torch.Generator,
    in_features: int,
    hidden: list[int],
    classes: int,
) -> None:
    """It computes logits, not probabilities: ReLU between the layers, nothing after the last."""
    model = submission.model("mlp_head", in_features, hidden, classes)
    inputs = torch.randn(9, in_features, generator=generator)
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
