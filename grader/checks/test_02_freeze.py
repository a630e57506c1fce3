"""The hidden checks of exercise 02."""

import math
from dataclasses import replace
from functools import cache

import torch

from grader.check import Model, Submission, check, expect, for_all
from grader.judge.strategies import FLAGS, Architecture, PartlyFrozen, grown, numbers, partly_frozen
from grader.protocol.recipes import Network

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


def batch(generator: torch.Generator, classes: int = 10) -> tuple[torch.Tensor, torch.Tensor]:
    """Hidden images (6, 1, 8, 8) and labels."""
    images = torch.randn(6, 1, 8, 8, generator=generator)
    return images, torch.randint(0, classes, (6,), generator=generator)


def learning(model: Model, generator: torch.Generator, classes: int = 10) -> set[str]:
    """The parameters that really get a gradient."""
    gradients = model.gradients(*batch(generator, classes))
    return {name for name, gradient in gradients.items() if gradient is not None}


@cache
def names_of(architecture: str) -> frozenset[str]:
    """The names of all its parameters."""
    model = Network(architecture, device="meta").build()
    return frozenset(name for name, _ in model.named_parameters())


@check("freeze.architectures")
def test_freeze_architectures(submission: Submission) -> None:
    """`freeze` reaches every parameter of any architecture."""
    for name in ("mobilenet_v3_small", "vgg16", "vit_b_16"):
        model = submission.build(Network(name, device="meta"))
        submission.call("freeze", model)
        parameters = model.parameters()
        because = f"In {name} parameters were renamed or removed: only their flags may change."
        expect(parameters.keys() == names_of(name), got="others", want="the same", because=because)
        left = {name for name, parameter in parameters.items() if parameter.trainable}
        because = (
            f"In {name} some parameters still require gradients: set `requires_grad` of each one "
            "in `parameters()`. Setting it on the module, or misspelling it, has no effect, and "
            "neither `eval()` nor a detached copy freezes anything."
        )
        expect(not left, got=left, want="none", because=because)


@check("freeze.no_gradient_arrives")
@for_all(4, drawn=partly_frozen(grown()))
def test_no_gradient(
    submission: Submission, generator: torch.Generator, drawn: PartlyFrozen
) -> None:
    """After `freeze` no parameter gets a gradient, whatever was frozen before."""
    names = {name for name, _ in drawn.network.build().named_parameters()}
    for recipe in (drawn.architecture.network, drawn.network):
        model = submission.build(recipe)
        submission.call("freeze", model)
        because = "Parameters were renamed or removed: only their flags may change."
        same = model.parameters().keys() == names
        expect(same, got="other parameters", want="the same", because=because)
        left = model.trainable()
        because = (
            "Some parameters still require gradients. Freeze biases, BatchNorm, nested layers, the "
            "last layer and the model's own parameters, too, and keep frozen what was frozen "
            "before."
        )
        # `requires_grad` may be faked; gradients show the truth.
        left |= learning(model, generator, drawn.architecture.classes)
        expect(not left, got=left, want="none", because=because)


@check("freeze.returns_none", weight=0.5, needs=["freeze.nothing_learns"])
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
        because = (
            f"In {architecture} parameters outside the head `{head}` are trainable. Every layer "
            "outside it must be frozen, of whatever kind and in whatever child."
        )
        expect(not outside, got=outside, want="none", because=because)
        because = (
            f"In {architecture} not every parameter of the head `{head}` is trainable. That "
            "includes its bias, and a dotted name means a submodule inside another one."
        )
        expect(count == expected, got=count, want=expected, because=because)


@check("freeze_backbone.whatever_they_were", weight=2)
@for_all(8, drawn=partly_frozen(grown()))
def test_whatever_they_were(submission: Submission, drawn: PartlyFrozen) -> None:
    """The head becomes trainable and everything else frozen, whatever they were before."""
    model = submission.build(drawn.network)
    submission.call("freeze_backbone", model, "head")
    parts = {name.partition(".")[0] for name in model.trainable()}
    inside = {name for name in model.trainable() if name.startswith("head.")}
    because = "Parameters outside the head still learn. Did you miss those that the model holds "
    because += "itself, outside of all children?"
    expect(parts <= {"head"}, got=parts, want="head", because=because)
    because = (
        "The head was frozen before and must become trainable: set its flags instead of just "
        "skipping it."
    )
    expect(len(inside) == 2, got=inside, want="two", because=because)


@check("freeze_backbone.gradients", weight=2)
def test_gradients(submission: Submission, generator: torch.Generator) -> None:
    """In a training step only the head gets gradients."""
    recipe = small_net(frozen=["block2", "head"])
    model = submission.build(recipe)
    submission.call("freeze_backbone", model, "head")
    arrived = learning(model, generator)
    inside = {name for name in arrived if name.startswith("head.")}
    because = "A training step would change other parameters than the head's."
    expect(arrived == inside, got=arrived, want="those of the head", because=because)
    because = (
        "A training step would not change the whole head: it was frozen before, and must be "
        "trainable afterwards. If you freeze everything, unfreeze the head after that."
    )
    expect(len(inside) == 2, got=inside, want="weight and bias", because=because)


@check("freeze_backbone.nested_head")
def test_nested_head(submission: Submission) -> None:
    """The head may be a nested submodule: only what lies inside it learns."""
    model = submission.build(small_net(frozen=["block2.conv"]))
    submission.call("freeze_backbone", model, "block2.conv")
    trainable = model.trainable()
    expected = {"block2.conv.weight", "block2.conv.bias"}
    because = (
        "Not every parameter of the nested head `block2.conv` is trainable: look up the whole "
        "dotted name, and set the flags whatever they were before."
    )
    expect(expected <= trainable, got=trainable, want=expected, because=because)
    because = "With the nested head `block2.conv`, parameters outside it are trainable: its "
    because += (
        "neighbours in `block2`, the other blocks and the model's own parameters are outside."
    )
    expect(trainable <= expected, got=trainable, want=expected, because=because)


@check("freeze_backbone.name_prefix")
def test_name_prefix(submission: Submission) -> None:
    """A submodule whose name merely begins with the head's name is frozen."""
    widths = [2] * 10  # block1 and block10
    model = submission.build(Network("SmallNet", {"widths": widths}))
    submission.call("freeze_backbone", model, "block1")
    parts = {name.partition(".")[0] for name in model.trainable()}
    because = 'With the head "block1", "block10" is outside: compare whole names, not beginnings.'
    expect("block10" not in parts, got=parts, want={"block1"}, because=because)
    because = "Exactly the head must be trainable, and parameters of the model itself are outside."
    expect(parts == {"block1"}, got=parts, want={"block1"}, because=because)


@check("freeze_backbone.value_error", needs=["freeze_backbone.only_the_head_learns"])
def test_freeze_backbone_error(submission: Submission) -> None:
    """A head that does not exist is a ValueError, even if its name resembles a real one."""
    because = (
        "The model has no submodule of that name: raise ValueError. A parameter, a method or the "
        "beginning of a name is not a submodule, and `get_submodule` raises AttributeError."
    )
    for name in ("classifier", "fc.weight", "f", "forward", "layer4.9"):
        model = submission.build(Network("resnet18", device="meta"))
        submission.raises("ValueError", "freeze_backbone", model, name, because=because)


@check("unfreeze_from.each_child", weight=2)
@for_all(2, architecture=grown(least=2))
def test_each_child(submission: Submission, architecture: Architecture) -> None:
    """From any child of a frozen model on, that child and all after it become trainable."""
    order = architecture.children
    for position, child in enumerate(order):
        model = submission.build(architecture.freeze(architecture.parts))
        submission.call("unfreeze_from", model, child)
        state = model.parameters()
        opened = {n for n in state if n.partition(".")[0] in order[position:]}
        trainable = model.trainable()
        because = (
            "Something of the named child, or of a direct child after it, is still frozen. The "
            "order is that of `named_children`, and everything inside a child belongs to it."
        )
        expect(opened <= trainable, got=trainable, want=opened, because=because)
        because = "Something else than the named child and those after it became trainable: an "
        because += "earlier child, or a parameter of the model itself."
        expect(trainable <= opened, got=trainable, want=opened, because=because)


@check("unfreeze_from.keeps_the_rest", weight=2)
@for_all(12, drawn=partly_frozen(grown(least=2)), position=numbers(1, 4))
def test_keeps_the_rest(submission: Submission, drawn: PartlyFrozen, position: int) -> None:
    """What comes before the child keeps its state, be it frozen or trainable."""
    model = submission.build(drawn.network)
    before = model.trainable()
    parts = drawn.architecture.children[
        position:
    ]  # not the first child: something must keep its state
    submission.call("unfreeze_from", model, parts[0])
    opened = {name for name in model.parameters() if name.partition(".")[0] in parts}
    trainable = model.trainable()
    because = "A part before the child, or the model's own parameter, was frozen or unfrozen."
    changed = (trainable ^ before) - opened
    expect(not changed, got=changed, want="none", because=because)
    because = "Something of the named child, or of a direct child after it, is frozen: it becomes "
    because += "trainable whatever it was."
    expect(opened <= trainable, got=trainable, want=opened, because=because)


@check("unfreeze_from.gradients")
def test_unfreeze_gradients(submission: Submission, generator: torch.Generator) -> None:
    """In a training step only the unfrozen children get gradients."""
    model = submission.build(small_net(ALL_OF_SMALL_NET))
    submission.call("unfreeze_from", model, "block3")
    parts = {name.partition(".")[0] for name in learning(model, generator)}
    because = "A training step would not change all unfrozen parts: the named child is one of them."
    expect(parts >= {"block3", "head"}, got=parts, want="block3, head", because=because)
    because = "A training step would also change parts that were to stay frozen."
    expect(parts <= {"block3", "head"}, got=parts, want="block3, head", because=because)


@check("unfreeze_from.own_parameters")
def test_own_parameters(submission: Submission) -> None:
    """Parameters that the model itself holds, like ViT's class token, keep their state."""
    model = submission.build(Network("vit_b_16", device="meta", frozen=["class_token", "encoder"]))
    submission.call("unfreeze_from", model, "encoder")
    trainable = model.trainable()
    because = "ViT's `class_token` belongs to the model itself and to no child: it keeps its state."
    expect("class_token" not in trainable, got="trainable", want="frozen", because=because)
    because = (
        "Every parameter of the named child becomes trainable, including those that it holds "
        "directly."
    )
    expect("encoder.pos_embedding" in trainable, got="frozen", want="trainable", because=because)


@check("unfreeze_from.value_error", needs=["unfreeze_from.last_block"])
def test_unfreeze_error(submission: Submission) -> None:
    """A name that is not a direct child's is a ValueError, even that of a nested submodule."""
    because = (
        "The name must be that of a direct child (`named_children`), not of a nested submodule: "
        "raise ValueError for every other name."
    )
    for name in ("layer5", "layer4.0", ""):
        model = submission.build(Network("resnet18", device="meta", frozen=["fc", "layer4"]))
        submission.raises("ValueError", "unfreeze_from", model, name, because=because)


def in_train_mode(recipe: Network) -> torch.nn.Module:
    """The check's own copy of a model, in the mode that `set_train_mode` describes."""
    model = recipe.build()
    for module in model.modules():
        own = [parameter.requires_grad for parameter in module.parameters()]
        if own and not any(own):
            module.eval()
    return model


def same_batch(model: Model, recipe: Network, images: torch.Tensor) -> tuple[bool, set[str]]:
    """Whether a batch gives the right logits, and which statistics are wrong after it."""
    reference = in_train_mode(recipe)
    with torch.no_grad():
        expected = reference(images)
    got = model.logits(images, training=None)
    same = got.shape == expected.shape and torch.allclose(got, expected, atol=1e-4)
    state = model.state()
    other = {
        name
        for name, value in reference.named_buffers()
        if "running" in name
        and (name not in state or not torch.allclose(state[name], value, atol=1e-5))
    }
    return same, other


# Below, a dropout rate of 1.0 makes it certain whether a Dropout acts. A rate of 0.0 comes first,
# because a Dropout that wrongly acts would also change the statistics of the layers after it.


@check("set_train_mode.dropout_and_statistics", weight=2)
def test_dropout_and_statistics(submission: Submission, generator: torch.Generator) -> None:
    """Frozen parts drop nothing and keep their BatchNorm statistics."""
    for rate in (0.0, 1.0):
        options = {"widths": [4, 4, 4], "dropouts": [rate, rate, 0.0, rate]}
        recipe = Network("SmallNet", options, frozen=["block1", "block2", "head"])
        model = submission.build(recipe)
        submission.call("set_train_mode", model)
        same, other = same_batch(model, recipe, batch(generator)[0])
        drifted = {name for name in other if not name.startswith("block3")}
        because = "The running statistics of a frozen BatchNorm moved: it must be in eval mode."
        expect(not drifted, got=drifted, want="none", because=because)
        because = (
            "The Dropout of a frozen part still drops. It has no parameters of its own: its mode "
            "follows from the part that holds it."
        )
        if rate == 0.0:
            because = "A BatchNorm is in the wrong mode: eval where it is frozen, else training."
        expect(same, got="other outputs", want="those of frozen parts in eval", because=because)


@check("set_train_mode.trainable_parts_train", needs=["set_train_mode.frozen_part_stays_in_eval"])
def test_trainable_parts_train(submission: Submission, generator: torch.Generator) -> None:
    """Where something is trainable, Dropout drops and BatchNorm collects statistics."""
    for rates in ([0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]):
        options = {"widths": [4, 4], "dropouts": rates}
        recipe = Network("SmallNet", options, frozen=["scale"])
        model = submission.build(recipe)
        submission.call("set_train_mode", model)
        same, other = same_batch(model, recipe, batch(generator)[0])
        because = (
            "A Dropout in a trainable part does not drop. A layer without parameters does not "
            "count as frozen by itself: note that `all([])` is True."
        )
        if not any(rates):
            because = "A trainable BatchNorm does not collect statistics: is it in training mode?"
        expect(same and not other, got=other, want="a training part", because=because)


@check("set_train_mode.partly_frozen")
def test_partly_frozen(submission: Submission, generator: torch.Generator) -> None:
    """A part with frozen and trainable layers trains; only its wholly frozen layers do not."""
    # Of block3 only a part in its middle is trainable.
    blocks = ["block1.conv", "block1.norm.weight", "block2.norm", "block3.conv", "block3.norm.bias"]
    calm, dropping = (
        Network("SmallNet", {"widths": [4, 4, 4], "dropouts": rates}, frozen=[*blocks, "head"])
        for rates in ([0.0] * 4, [0.0, 1.0, 0.0, 0.0])
    )
    options = {"parts": ["nested"], "width": 3, "classes": 10, "dropout": 0.0, "deep": False}
    deep = Network("GrownNet", options, frozen=["part1.inner.0.0.norm"])
    for recipe in (calm, dropping, deep):
        model = submission.build(recipe)
        submission.call("set_train_mode", model)
        same, other = same_batch(model, recipe, batch(generator)[0])
        because = (
            "A wholly frozen BatchNorm in a partly frozen block collected statistics. Look at "
            "every submodule, not only at the direct children, and call `train()` of a block "
            "before `eval()` of its frozen submodules, because it reaches all of them."
        )
        frozen = {name.rpartition(".")[0] for name in other} & set(recipe.frozen)
        expect(not frozen, got=other, want="none", because=because)
        because = "A Dropout in a part that is only partly frozen must drop."
        if recipe != dropping:
            because = (
                "A BatchNorm that is only partly frozen, or lies beside a frozen layer, must be in "
                "training mode: only a submodule whose parameters are *all* frozen goes to eval "
                "mode."
            )
        expect(same and not other, got=other, want="none", because=because)


@check("set_train_mode.whole_model")
def test_whole_model(submission: Submission, generator: torch.Generator) -> None:
    """The model itself is a part, too: its own Dropout drops unless the whole model is frozen."""
    layers = [["Conv2d", 1, 4, 3], ["BatchNorm2d", 4], ["Dropout", 1.0], ["Flatten"]]
    options = {"layers": [*layers, ["Linear", 144, 10]]}
    for frozen in (["0", "1", "4"], ["0", "1"], ["4"], []):
        recipe = Network("Layers", options, frozen=frozen)
        model = submission.build(recipe)
        submission.call("set_train_mode", model)
        same, other = same_batch(model, recipe, batch(generator)[0])
        because = "A Dropout or BatchNorm directly in the model is in the wrong mode: a Dropout "
        because += "there belongs to the model, which is not wholly frozen."
        if len(frozen) == 3:
            because = (
                "A wholly frozen model still trains: the model itself counts as a submodule, so a "
                "Dropout directly in it must drop nothing."
            )
        expect(same and not other, got=other, want="the same outputs", because=because)


@check("set_train_mode.other_kinds")
def test_other_kinds(submission: Submission, generator: torch.Generator) -> None:
    """BatchNorm and Dropout of other dimensions follow the same rule."""
    flat = [["Flatten"], ["Linear", 64, 6], ["BatchNorm1d", 6], ["Linear", 6, 10]]
    maps = [["Conv2d", 1, 4, 3], ["Dropout2d", 1.0], ["Flatten"], ["Linear", 144, 10]]
    for layers, frozen in ((flat, ["2"]), (flat, ["1"]), (maps, ["0", "3"]), (maps, ["0"])):
        recipe = Network("Layers", {"layers": layers}, frozen=frozen)
        model = submission.build(recipe)
        submission.call("set_train_mode", model)
        same, other = same_batch(model, recipe, batch(generator)[0])
        because = (
            "A BatchNorm1d or a Dropout2d is in the wrong mode: there are several kinds of both, "
            "and setting the mode of the whole part reaches all of them."
        )
        expect(same and not other, got=other, want="none", because=because)


@check("set_train_mode.whatever_before")
@for_all(8, training=FLAGS, drawn=partly_frozen(grown(dropouts=(0.0, 1.0))))
def test_whatever_before(
    submission: Submission, generator: torch.Generator, training: bool, drawn: PartlyFrozen
) -> None:
    """It works whatever mode the model was in, even if all of the model is frozen, or nothing."""
    recipe = drawn.network
    model = submission.build(recipe)
    model.set_training(dict.fromkeys(model.modules(), training))
    submission.call("set_train_mode", model)
    same, other = same_batch(model, recipe, batch(generator)[0])
    because = "The mode must follow from what is frozen, not from the mode before: first "
    because += "everything into training mode, then the frozen parts into eval mode."
    expect(same and not other, got=other, want="none", because=because)
    if model.trainable():
        because = "The model itself is not in training mode (`model.training`)."
        expect(model.modules()[""].training, got="eval", want="training", because=because)
    # The whole model is frozen at first, and unfrozen later.
    trainable = drawn.architecture.network
    recipe = replace(trainable, options={**trainable.options, "dropout": 1.0})
    model = submission.build(replace(recipe, frozen=drawn.architecture.parts))
    submission.call("set_train_mode", model)
    model.unfreeze()
    submission.call("set_train_mode", model)
    same, _ = same_batch(model, recipe, batch(generator)[0])
    because = (
        "A part that was frozen in one call and is unfrozen before the next must train again: only "
        "call `eval()` on frozen parts, and change no Dropout's rate and no layer permanently."
    )
    expect(same, got="other outputs", want="those of a part that trains", because=because)


@check(
    "set_train_mode.keeps_requires_grad",
    weight=0.5,
    needs=["set_train_mode.frozen_part_stays_in_eval"],
)
def test_keeps_requires_grad(submission: Submission) -> None:
    """It returns None and freezes or unfreezes nothing."""
    model = submission.build(small_net(frozen=["block1"]))
    before = model.trainable()
    value = submission.call("set_train_mode", model)
    because = "The function sets modes; which parameters are trainable must stay as it was."
    expect(model.trainable() == before, got=model.trainable(), want=before, because=because)
    because = "The model is changed in place: the function returns nothing."
    expect(value is None, got=value, want="None", because=because)
