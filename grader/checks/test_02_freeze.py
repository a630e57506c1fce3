"""The hidden checks of exercise 02."""

import math

import torch
from hypothesis import strategies as st

from grader.check import Model, Submission, check, expect, for_all
from grader.recipes import Network

# torchvision architectures, the dotted name of their classifier, and its size for ten classes.
HEADS = {
    "resnet18": ("fc", 5_130),
    "resnet50": ("fc", 20_490),
    "vgg16": ("classifier.6", 40_970),
    "mobilenet_v3_small": ("classifier.3", 10_250),
    "vit_b_16": ("heads.head", 7_690),
}
TEN_CLASSES = {"num_classes": 10}
ALL_OF_SMALL_NET = ["block1", "block2", "block3", "head", "scale"]


def small_net(frozen: list[str], seed: int = 0) -> Network:
    """Three blocks, so that there is something before, at and after the middle."""
    return Network("SmallNet", {"widths": [4, 4, 4]}, seed=seed, frozen=frozen)


def batch(generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Hidden images (6, 1, 8, 8) and labels."""
    images = torch.randn(6, 1, 8, 8, generator=generator)
    return images, torch.randint(0, 10, (6,), generator=generator)


def learning(model: Model, generator: torch.Generator) -> set[str]:
    """The parameters at which a gradient really arrives."""
    gradients = model.gradients(*batch(generator))
    return {name for name, gradient in gradients.items() if gradient is not None}


@check("freeze.architectures")
@for_all(5, name=st.sampled_from(sorted(HEADS)))
def test_freeze_architectures(submission: Submission, name: str) -> None:
    """`freeze` reaches every parameter of any architecture."""
    model = submission.build(Network(name, device="meta"))
    submission.call("freeze", model)
    left = model.trainable()
    because = f"In {name} some parameters still require gradients; go through `parameters()`."
    expect(not left, got=left, want="none", because=because)


@check("freeze.no_gradient_arrives")
def test_no_gradient(submission: Submission, generator: torch.Generator) -> None:
    """After `freeze` on a part of a model, backpropagation leaves no gradient there."""
    recipe = small_net(frozen=[])
    whole = submission.build(recipe)
    submission.call("freeze", whole)
    part = submission.build(Network("RecordedNet", {"widths": [4]}))
    submission.call("freeze", part)
    left = whole.trainable() | part.trainable()
    because = "Some parameters still require gradients: nested ones and the model's own count too."
    expect(not left, got=left, want="none", because=because)
    arrived = learning(whole, generator)  # a flag can lie, a gradient cannot
    because = "Gradients still arrive at parameters that should be frozen."
    expect(not arrived, got=arrived, want="none", because=because)


@check("freeze.returns_none", weight=0.5)
def test_freeze_returns_none(submission: Submission) -> None:
    """`freeze` changes the module in place and returns None."""
    value = submission.call("freeze", submission.build(small_net(frozen=[])))
    because = "The module is changed in place: the function returns nothing."
    expect(value is None, got=value, want="None", because=because)


@check("freeze_backbone.exact_counts", weight=2)
def test_exact_counts(submission: Submission) -> None:
    """Exactly the head's parameters are trainable in ResNet, VGG, MobileNetV3 and ViT."""
    for architecture, (head, expected) in HEADS.items():
        model = submission.build(Network(architecture, TEN_CLASSES, device="meta"))
        submission.call("freeze_backbone", model, head)
        parameters = model.parameters()
        trainable = {name: p for name, p in parameters.items() if p.trainable}
        count = sum(math.prod(p.shape) for p in trainable.values())
        outside = [name for name in trainable if not name.startswith(f"{head}.")]
        because = f"In {architecture} parameters outside the head `{head}` are trainable."
        expect(not outside, got=outside, want="none", because=because)
        because = f"In {architecture} not every parameter of the head `{head}` is trainable."
        expect(count == expected, got=count, want=expected, because=because)


@check("freeze_backbone.whatever_they_were", weight=2)
@for_all(10, frozen=st.sets(st.sampled_from(ALL_OF_SMALL_NET)))
def test_whatever_they_were(submission: Submission, frozen: set[str]) -> None:
    """The head becomes trainable even where it was frozen, and the rest frozen even where not."""
    model = submission.build(small_net(sorted(frozen)))
    submission.call("freeze_backbone", model, "head")
    parts = {name.partition(".")[0] for name in model.trainable()}
    inside = {name for name in model.trainable() if name.startswith("head.")}
    because = "Parameters outside the head still learn, those held by the model itself included?"
    expect(parts <= {"head"}, got=parts, want="head", because=because)
    because = "The head was frozen before and must become trainable: set it, do not just skip it."
    expect(len(inside) == 2, got=inside, want="two", because=because)


@check("freeze_backbone.gradients", weight=2)
def test_gradients(submission: Submission, generator: torch.Generator) -> None:
    """In a training step gradients arrive at the head and nowhere else."""
    recipe = small_net(frozen=["block2", "head"])
    model = submission.build(recipe)
    submission.call("freeze_backbone", model, "head")
    arrived = learning(model, generator)
    expected = {name for name, _ in recipe.build().named_parameters() if name.startswith("head.")}
    because = "A training step would change other parameters than the head's."
    expect(arrived == expected, got=arrived, want=expected, because=because)


@check("freeze_backbone.nested_head")
def test_nested_head(submission: Submission) -> None:
    """The head may be a nested submodule: only what lies inside it learns."""
    model = submission.build(small_net(frozen=["block2.conv"]))
    submission.call("freeze_backbone", model, "block2.conv")
    trainable = model.trainable()
    expected = {"block2.conv.weight", "block2.conv.bias"}
    because = "The head is found by its dotted name; names that merely begin like it are outside."
    expect(trainable == expected, got=trainable, want=expected, because=because)


@check("freeze_backbone.name_prefix")
def test_name_prefix(submission: Submission) -> None:
    """A submodule whose name merely begins with the head's name is frozen."""
    widths = [2] * 10  # block1 and block10
    model = submission.build(Network("SmallNet", {"widths": widths}))
    submission.call("freeze_backbone", model, "block1")
    parts = {name.partition(".")[0] for name in model.trainable()}
    because = 'With the head "block1", "block10" is outside: compare whole names, not beginnings.'
    expect(parts == {"block1"}, got=parts, want={"block1"}, because=because)


@check("freeze_backbone.value_error")
def test_freeze_backbone_error(submission: Submission) -> None:
    """A head that does not exist is a ValueError, and so is one that merely looks alike."""
    because = "The model has no submodule of that name: raise ValueError."
    for name in ("classifier", "fc.weight", "f"):
        model = submission.build(Network("resnet18", device="meta"))
        submission.raises("ValueError", "freeze_backbone", model, name, because=because)


@check("unfreeze_from.each_child", weight=2)
@for_all(
    12,
    child=st.sampled_from(["block1", "block2", "block3", "pool", "head"]),
    frozen=st.sets(st.sampled_from(ALL_OF_SMALL_NET)),
)
def test_each_child(submission: Submission, child: str, frozen: set[str]) -> None:
    """The child and all after it become trainable; what comes before keeps its state."""
    recipe = small_net(sorted(frozen))
    model = submission.build(recipe)
    submission.call("unfreeze_from", model, child)
    order = [name for name, _ in recipe.build().named_children()]
    opened = set(order[order.index(child) :])
    kept = {name for name in ALL_OF_SMALL_NET if name not in opened and name not in frozen}
    parts = {name.partition(".")[0] for name in model.trainable()}
    closed = opened - {"pool"} - parts
    because = "The named child or one after it is still frozen."
    expect(not closed, got=closed, want="none", because=because)
    changed = (parts - opened) ^ kept
    because = "A part before the child (or the model's own parameter) did not keep its state."
    expect(not changed, got=changed, want="none", because=because)


@check("unfreeze_from.gradients")
def test_unfreeze_gradients(submission: Submission, generator: torch.Generator) -> None:
    """In a training step gradients arrive at the opened children and nowhere else."""
    model = submission.build(small_net(ALL_OF_SMALL_NET))
    submission.call("unfreeze_from", model, "block3")
    parts = {name.partition(".")[0] for name in learning(model, generator)}
    because = "A training step would change other parts than the opened ones."
    expect(parts == {"block3", "head"}, got=parts, want="block3, head", because=because)


@check("unfreeze_from.own_parameters")
def test_own_parameters(submission: Submission) -> None:
    """Parameters that the model holds itself, as ViT its class token, keep their state."""
    model = submission.build(Network("vit_b_16", device="meta", frozen=["class_token", "encoder"]))
    submission.call("unfreeze_from", model, "encoder")
    trainable = model.trainable()
    because = "`class_token` belongs to no child: it keeps its state."
    expect("class_token" not in trainable, got="trainable", want="frozen", because=because)
    because = "Every parameter of the named child becomes trainable, direct ones included."
    expect("encoder.pos_embedding" in trainable, got="frozen", want="trainable", because=because)


@check("unfreeze_from.value_error")
def test_unfreeze_error(submission: Submission) -> None:
    """A name that is no direct child is a ValueError, nested submodules included."""
    because = "The name must be one of the direct children (`named_children`): raise ValueError."
    for name in ("layer5", "layer4.0", ""):
        model = submission.build(Network("resnet18", device="meta", frozen=["fc", "layer4"]))
        submission.raises("ValueError", "unfreeze_from", model, name, because=because)


@check("set_train_mode.dropout_and_statistics", weight=2)
def test_dropout_and_statistics(submission: Submission, generator: torch.Generator) -> None:
    """Frozen parts drop nothing and keep their BatchNorm statistics; the others train."""
    # A dropout rate of 1.0 makes "drops" and "does not drop" certain instead of likely.
    options = {"widths": [4, 4, 4], "dropouts": [1.0, 1.0, 0.0, 0.0]}
    recipe = Network("SmallNet", options, frozen=["block1", "block2"])
    model = submission.build(recipe)
    submission.call("set_train_mode", model)
    images, _ = batch(generator)
    got = model.logits(images, training=None)
    reference = recipe.build()
    for name in ("block1", "block2"):
        reference.get_submodule(name).eval()
    with torch.no_grad():
        expected = reference(images)
    because = "In a frozen part Dropout still drops, or BatchNorm normalises with the batch."
    same = got.shape == expected.shape and torch.allclose(got, expected, atol=1e-4)
    expect(same, got="other outputs", want="those of frozen parts in eval mode", because=because)
    state, expected_state = model.state(), reference.state_dict()
    frozen_norms = ["block1.norm.running_mean", "block2.norm.running_var"]
    drifted = [n for n in frozen_norms if not torch.allclose(state[n], expected_state[n])]
    because = "The running statistics of a frozen BatchNorm moved."
    expect(not drifted, got=drifted, want="none", because=because)
    moved = torch.allclose(
        state["block3.norm.running_mean"], expected_state["block3.norm.running_mean"], atol=1e-5
    )
    because = "The BatchNorm of a trainable part does not collect statistics: is it in train mode?"
    expect(moved, got="unchanged", want="updated", because=because)


@check("set_train_mode.partly_frozen")
def test_partly_frozen(submission: Submission) -> None:
    """A part with frozen and trainable layers trains; only its wholly frozen layers do not."""
    recipe = small_net(frozen=["block1.conv", "block2.norm", "head"])
    model = submission.build(recipe)
    submission.call("set_train_mode", model)
    modules = model.modules()
    because = "A BatchNorm or Dropout in a part that still trains must be in training mode."
    training = [modules[n].training for n in ("block1.norm", "block1.drop", "block2.drop")]
    expect(all(training), got=training, want="all training", because=because)
    because = "A layer whose own parameters are all frozen must behave as in evaluation."
    frozen = [modules[n].training for n in ("block2.norm", "head.1")]
    expect(not any(frozen), got=frozen, want="all in eval mode", because=because)


@check("set_train_mode.whatever_before")
@for_all(6, training=st.booleans(), frozen=st.sets(st.sampled_from(ALL_OF_SMALL_NET)))
def test_whatever_before(submission: Submission, training: bool, frozen: set[str]) -> None:
    """It works from any mode the model was in before, wholly trainable or wholly frozen too."""
    model = submission.build(small_net(sorted(frozen)))
    model.set_training(dict.fromkeys(model.modules(), training))
    submission.call("set_train_mode", model)
    modules = model.modules()
    norms = {name: modules[f"{name}.norm"].training for name in ("block1", "block2", "block3")}
    expected = {name: name not in frozen for name in norms}
    because = "The mode must follow from what is frozen, not from the mode before."
    expect(norms == expected, got=norms, want=expected, because=because)


@check("set_train_mode.keeps_requires_grad", weight=0.5)
def test_keeps_requires_grad(submission: Submission) -> None:
    """It returns None and freezes or unfreezes nothing."""
    model = submission.build(small_net(frozen=["block1"]))
    before = model.trainable()
    value = submission.call("set_train_mode", model)
    because = "The function sets modes; which parameters are trainable must stay as it was."
    expect(model.trainable() == before, got=model.trainable(), want=before, because=because)
    because = "The model is changed in place: the function returns nothing."
    expect(value is None, got=value, want="None", because=because)
