"""The hidden checks of exercise 06."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from grader.check import (
    LearnerError,
    Mismatch,
    Model,
    Record,
    Submission,
    check,
    expect,
    for_all,
    number,
)
from grader.course.settings import Course
from grader.judge.strategies import (
    DEVICES,
    FLAGS,
    Batches,
    PartlyFrozen,
    choices,
    grown,
    numbers,
    pairs,
    partly_frozen,
    short_batches,
    some_of,
)
from grader.materials.images import load_images
from grader.protocol.pretended_device import PRETENDED
from grader.protocol.recipes import Loader, Network, Optimizer

# torchvision architectures and the dotted name of their classifier.
HEADS = {
    "resnet18": "fc",
    "vgg11": "classifier.6",
    "mobilenet_v3_small": "classifier.3",
    "densenet121": "classifier",
    "vit_b_16": "heads.head",
}
CHILDREN = ["block1", "block2", "block3", "pool", "head"]
PARTS = ["block1", "block2", "block3", "head", "scale"]
ARGUMENTS: dict[str, Any] = {
    "head": "head",
    "unfreeze": "block2",
    "head_epochs": 1,
    "full_epochs": 1,
    "head_lr": 0.05,
    "backbone_lr": 0.02,
    "device": "cpu",
}
Group = tuple[list[str], float]


# ------------------------------------------------------------------ parameter_groups


def groups_of(
    submission: Submission, model: Model, head: str, head_lr: float = 0.5, backbone_lr: float = 0.25
) -> list[Group]:
    """The parameter names and the rate of each returned group, read from a real optimizer."""
    value = submission.call("parameter_groups", model, head, head_lr, backbone_lr)
    if value == [] or value == ():
        return []  # no group at all, which an optimizer would refuse
    try:
        optimizer = submission.build(Optimizer("SGD", value, {"lr": 0.0}))
    except LearnerError as refused:
        because = (
            "An optimizer does not accept these groups: they must be dicts with `params` and `lr`, "
            "and each parameter must be in exactly one of them."
        )
        raise Mismatch(refused.message, "groups for an optimizer", because) from None
    names = {parameter.key: name for name, parameter in model.parameters().items()}
    unknown = "(a tensor that is no parameter of the model)"
    return [
        ([names.get(key, unknown) for key in group["keys"]], number(group["lr"], "`lr`"))
        for group in optimizer.facts["groups"]
    ]


def is_inside(name: str, part: str) -> bool:
    """Whether a parameter belongs to the submodule with the dotted name `part`."""
    return name.startswith(f"{part}.")


def expect_groups(
    groups: list[Group], model: Model, head: str, rates: tuple[float, float], where: str
) -> None:
    """Each trainable parameter is in a group of the right rate, and no other one is."""
    trainable = model.trainable()
    rate_of = {name: rate for names, rate in groups for name in names}
    extra = set(rate_of) - trainable
    because = (
        f"{where} a frozen parameter is in a group: only those with `requires_grad` belong there."
    )
    expect(not extra, got=extra, want="none", because=because)
    missing = trainable - set(rate_of)
    because = (
        f"{where} a trainable parameter is in no group: it would never learn. Include parameters "
        "deep inside a part, and those that the model itself holds."
    )
    expect(not missing, got=missing, want="none", because=because)
    wrong = {n for n, r in rate_of.items() if r != rates[0 if is_inside(n, head) else 1]}
    because = (
        f"{where} a parameter has the wrong learning rate: `head_lr` is for those inside the head, "
        "`backbone_lr` for everything else that trains."
    )
    expect(not wrong, got=wrong, want="none", because=because)


@check("parameter_groups.any_model", weight=3)
@for_all(
    10,
    drawn=partly_frozen(grown()),
    leaf=FLAGS,
    rates=pairs(choices(0.1, 0.003), choices(0.02, 0.003)),
)
def test_any_model(
    submission: Submission, drawn: PartlyFrozen, leaf: bool, rates: tuple[float, float]
) -> None:
    """Whatever is frozen, each trainable parameter is in a group with its learning rate."""
    model, head = submission.build(drawn.network), drawn.head if leaf else "head"
    groups = groups_of(submission, model, head, *rates)
    expect_groups(groups, model, head, rates, "For some choice of what is frozen")


@check("parameter_groups.architectures", weight=2)
def test_architectures(submission: Submission) -> None:
    """It finds the head of ResNet, VGG, MobileNetV3, DenseNet and ViT by its dotted name."""
    for name, head in HEADS.items():
        model = submission.build(Network(name, {"num_classes": 10}, device="meta"))
        groups = groups_of(submission, model, head)
        expect_groups(groups, model, head, (0.5, 0.25), f"In {name}")


@check("parameter_groups.partly_frozen_head")
def test_partly_frozen_head(submission: Submission) -> None:
    """A frozen parameter inside the head is left out, like any other."""
    frozen = ["block1", "head.2.bias"]
    model = submission.build(Network("SmallNet", {"widths": [2, 2]}, frozen=frozen))
    names = [name for group, _ in groups_of(submission, model, "head") for name in group]
    because = "A part of the head is frozen: its frozen parameters must not be in a group either."
    expect("head.2.bias" not in names, got=names, want="without head.2.bias", because=because)
    because = "The trainable rest of the head must be in a group."
    expect("head.2.weight" in names, got=names, want="with head.2.weight", because=because)


@check("parameter_groups.name_prefix", weight=2)
def test_name_prefix(submission: Submission) -> None:
    """A part whose name merely begins with the head's name learns with `backbone_lr`."""
    model = submission.build(Network("SmallNet", {"widths": [2] * 10}))  # block1 and block10
    rate_of = {n: rate for names, rate in groups_of(submission, model, "block1") for n in names}
    rates = {rate for name, rate in rate_of.items() if is_inside(name, "block10")}
    because = 'With the head "block1", "block10" is outside it: compare whole names, or ask the '
    because += "submodule for its parameters."
    expect(rates == {0.25}, got=rates, want={0.25}, because=because)


@check("parameter_groups.no_empty_group")
def test_no_empty_group(submission: Submission) -> None:
    """A group without parameters is left out, whether it is the head's or the other one."""
    everything = ["block1", "block2", "head", "scale"]
    for frozen in (["block1", "block2", "scale"], ["head"], everything):
        model = submission.build(Network("SmallNet", {"widths": [2, 2]}, frozen=frozen))
        sizes = [len(names) for names, _ in groups_of(submission, model, "head")]
        because = "A group without parameters came back: leave it out."
        expect(0 not in sizes, got=sizes, want="no empty group", because=because)
        expected = {"head.2.weight", "head.2.bias"} if "head" not in frozen else set()
        names = {name for group, _ in groups_of(submission, model, "head") for name in group}
        because = (
            "With a frozen backbone only the head's group remains; with a frozen head only the "
            "other one."
        )
        inside = {name for name in names if is_inside(name, "head")}
        expect(inside == expected, got=inside, want=expected, because=because)


@check(
    "parameter_groups.shared_parameter", weight=0.5, needs=["parameter_groups.two_learning_rates"]
)
def test_shared_parameter(submission: Submission) -> None:
    """A parameter that two layers share is in one group, once."""
    model = submission.build(Network("SharedNet", {"width": 3}))
    for head in ("decoder", "norm"):
        names = [name for group, _ in groups_of(submission, model, head) for name in group]
        because = (
            "A parameter that two layers share is one parameter: it must be in exactly one group, "
            "once."
        )
        expected = sorted(model.parameters())
        expect(sorted(names) == expected, got=names, want=expected, because=because)


# ------------------------------------------------------------------------ fine_tune


def small_net(frozen: Iterable[str] = (), dropouts: list[float] | None = None) -> Network:
    """Three blocks, so that there is something before, at and after the middle."""
    options = {"widths": [4, 4, 4], "dropouts": dropouts}
    return Network("SmallNet", options, frozen=sorted(frozen))


def loader(generator: torch.Generator, sizes: int = 12, batch_size: int = 4) -> Loader:
    """Hidden random images (N, 1, 8, 8), bright ones so that logits differ clearly, and labels."""
    images = 20 * torch.randn(sizes, 1, 8, 8, generator=generator)
    return Loader(images, torch.randint(0, 10, (sizes,), generator=generator), batch_size)


def hits(generator: torch.Generator, batch_size: int = 4) -> Loader:
    """The same validation image ten times, once with each label, so that no accuracy is 0.

    An answer may restore the weights of the best accuracy, as PyTorch's tutorial does, and start
    with 0 as the best one.
    """
    image = 20 * torch.randn(1, 1, 8, 8, generator=generator)
    return Loader(image.repeat(10, 1, 1, 1), torch.arange(10), batch_size)


def tune(
    submission: Submission, model: Model, train: Loader, val: Loader, **changes: Any
) -> list[dict[str, Any]]:
    """The history that `fine_tune` returns, which must be a list of dicts."""
    loaders = [submission.build(train), submission.build(val)]
    value = submission.call("fine_tune", model, *loaders, **{**ARGUMENTS, **changes})
    because = "The function returns the history: a list of one dict per epoch."
    is_history = isinstance(value, list | tuple) and all(isinstance(v, dict) for v in value)
    expect(is_history, got=value, want="a list of dicts", because=because)
    return list(value)


def value_of(entry: dict[str, Any], key: str) -> float:
    """A number in an epoch's dict."""
    because = f"An epoch's dict has no `{key}`."
    expect(key in entry, got=sorted(map(str, entry)), want=key, because=because)
    return number(entry[key], f"`{key}`")


def changed(before: dict[str, Tensor], after: dict[str, Tensor]) -> set[str]:
    """The names of the tensors whose values changed."""
    return {name for name in before if not torch.equal(before[name], after[name])}


def learnt(before: dict[str, Tensor], after: dict[str, Tensor]) -> set[str]:
    """The names of the parameters, without buffers, whose values changed."""
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    return {name for name in changed(before, after) if not name.endswith(statistics)}


def parts(names: Iterable[str]) -> set[str]:
    """The direct children (or the model's own parameters) that names belong to."""
    return {name.partition(".")[0] for name in names}


def own_copy(recipe: Network, state: dict[str, Tensor]) -> nn.Module:
    """The check's own model, in eval mode, with the weights that came back."""
    model = recipe.build()
    model.load_state_dict(state)
    return model.eval()


def mean_loss(model: nn.Module, data: Loader) -> float:
    """The mean loss per sample, of all samples in one batch."""
    with torch.no_grad():
        return float(nn.functional.cross_entropy(model(data.images), data.labels))


def close(a: float, b: float, tolerance: float = 2e-4) -> bool:
    """Whether two losses are the same but for rounding."""
    return abs(a - b) <= tolerance * max(1.0, abs(b))


@check("fine_tune.head_alone", weight=2)
@for_all(3, frozen=some_of(PARTS), batches=short_batches(2))
def test_head_alone(
    submission: Submission, generator: torch.Generator, frozen: frozenset[str], batches: Batches
) -> None:
    """The first phase trains the head and no other parameter, whatever was frozen before."""
    data, val = loader(generator, batches.images, batches.size), hits(generator)
    for came_frozen in (frozen - {"head"}, frozen | {"head"}):
        model = submission.build(small_net(came_frozen))
        before = model.state()
        tune(submission, model, data, val, head_epochs=2, full_epochs=0)
        found = learnt(before, model.state())
        outside = parts(found) - {"head"}
        because = (
            "The first phase changed parameters outside the head: freeze the rest, even where it "
        )
        because += "was trainable before."
        expect(not outside, got=outside, want="the head alone", because=because)
        missing = {"head.2.weight", "head.2.bias"} - found
        because = (
            "The first phase left the head as it was: it must learn, even where it was frozen "
            "before, and its gradients must not be cleared between `backward()` and `step()`."
        )
        expect(not missing, got=missing, want="none", because=because)


@check("fine_tune.nested_head")
def test_nested_head(submission: Submission, generator: torch.Generator) -> None:
    """The head may be nested: only what lies inside it learns in the first phase."""
    head = "net.head.2"
    model = submission.build(Network("RecordedNet", {"widths": [4, 4]}))
    before = model.state()
    changes = {"head": head, "unfreeze": "net", "full_epochs": 0}
    tune(submission, model, loader(generator), hits(generator), **changes)
    found = learnt(before, model.state())
    because = "With a dotted name as the head, exactly the parameters below it learn."
    inside = bool(found) and all(is_inside(name, head) for name in found)
    expect(inside, got=found, want=head, because=because)


@check("fine_tune.from_child_on", weight=2)
@for_all(8, child=choices(*CHILDREN), frozen=some_of(PARTS))
def test_from_child_on(
    submission: Submission, generator: torch.Generator, child: str, frozen: frozenset[str]
) -> None:
    """The second phase trains the head, the named child and all after it, and nothing else."""
    model = submission.build(small_net(frozen))
    before = model.state()
    tune(submission, model, loader(generator), hits(generator), unfreeze=child)
    found = learnt(before, model.state())
    opened = {part for part in CHILDREN[CHILDREN.index(child) :] if part != "pool"}
    outside = parts(found) - opened
    because = "Parameters before the named child, or held by the model itself, changed: they stay "
    because += "frozen in both phases, even where they were trainable before."
    expect(not outside, got=outside, want="none", because=because)
    missing = opened - parts(found)
    because = "A part from the named child on did not learn: unfreeze it, and give the optimizer "
    because += "its parameters."
    expect(not missing, got=missing, want="none", because=because)
    norms = {f"{part}.norm.weight" for part in opened if part != "head"} - found
    because = "Not every layer of the unfrozen part learns."
    expect(not norms, got=norms, want="none", because=because)


@check("fine_tune.child_without_parameters", weight=0.5, needs=["fine_tune.from_child_on"])
def test_child_without_parameters(submission: Submission, generator: torch.Generator) -> None:
    """A child without parameters may be the first one to unfreeze: all after it train."""
    model = submission.build(Network("RecordedNet", {"widths": [4, 4]}))
    before = model.state()
    changes = {"head": "net.head", "unfreeze": "recorder"}
    tune(submission, model, loader(generator), hits(generator), **changes)
    missing = {f"net.block{n}.norm.weight" for n in (1, 2)} - learnt(before, model.state())
    because = (
        "The named child has no parameters, like a pooling layer. The children after it must train "
        "all the same: go by the names of children, not of parameters."
    )
    expect(not missing, got=missing, want="none", because=because)


@check("fine_tune.head_before_the_child", weight=0.5)
def test_head_before_the_child(submission: Submission, generator: torch.Generator) -> None:
    """The head trains in the second phase, too, where it comes before the named child."""
    model = submission.build(small_net())
    before = model.state()
    changes = {"head": "block1", "unfreeze": "block3", "head_epochs": 0}
    tune(submission, model, loader(generator), hits(generator), **changes)
    found = parts(learnt(before, model.state()))
    because = (
        "The second phase unfreezes the named child and all after it in addition to the head, "
        "which goes on learning wherever it is; what lies between the two stays frozen."
    )
    right = "block1" in found and "block2" not in found
    expect(right, got=found, want="block1, not block2", because=because)


@check("fine_tune.no_head_epochs")
def test_no_head_epochs(submission: Submission, generator: torch.Generator) -> None:
    """Without head epochs, too, only the head and the unfrozen children learn."""
    data, val = loader(generator), hits(generator)
    for frozen in ([], PARTS):
        model = submission.build(small_net(frozen))
        before = model.state()
        tune(submission, model, data, val, head_epochs=0, unfreeze="block3")
        names = {name for name in changed(before, model.state()) if "num_batches" not in name}
        because = "With head_epochs=0 the second phase must still freeze what comes before the "
        because += "named child, and train the head and everything from that child on."
        expect(parts(names) == {"block3", "head"}, got=names, want="block3, head", because=because)


@check("fine_tune.frozen_statistics", weight=2)
def test_frozen_statistics(submission: Submission, generator: torch.Generator) -> None:
    """The BatchNorm statistics of what stays frozen do not move, in either phase."""
    data = loader(generator)
    for unfreeze, full_epochs, still in (
        ("block2", 0, ["block1", "block2", "block3"]),
        ("block3", 1, ["block1", "block2"]),
    ):
        model = submission.build(small_net())
        before = model.state()
        changes = {"unfreeze": unfreeze, "full_epochs": full_epochs, "head_epochs": 2}
        tune(submission, model, data, data, **changes)
        moved = {name for name in changed(before, model.state()) if "running" in name}
        drifted = {name for name in moved if name.partition(".")[0] in still}
        because = "The running statistics of a frozen BatchNorm moved. `model.train()` reaches "
        because += "frozen layers too: put them back into eval mode, at the start of every epoch."
        expect(not drifted, got=drifted, want="none", because=because)


def first_step(
    submission: Submission,
    loaders: tuple[Loader, Loader],
    epochs: tuple[int, int],
    rates: tuple[float, float],
) -> tuple[Tensor, Tensor]:
    """How far the head's and the last block's weights move in one step."""
    model = submission.build(small_net())
    before = model.state()
    changes = {"head_epochs": epochs[0], "full_epochs": epochs[1], "unfreeze": "block3"}
    train, val = loaders
    submission.seed(0)
    tune(submission, model, train, val, head_lr=rates[0], backbone_lr=rates[1], **changes)
    after = model.state()
    head, body = (after[n] - before[n] for n in ("head.2.weight", "block3.norm.bias"))
    return head.norm(), body.norm()


def ratio(new: Tensor, old: Tensor) -> float:
    """How many times as long a step is; 1 when there was none."""
    return float(new / old) if old > 0 else 1.0


@check("fine_tune.learning_rates", weight=2)
def test_learning_rates(submission: Submission, generator: torch.Generator) -> None:
    """`head_lr` moves the head in both phases, `backbone_lr` the rest in the second one."""
    # The first step of every optimizer is proportional to the learning rate; one batch gives one
    # step. With a learning rate that warms up from 0, it comes in the second epoch.
    loaders = loader(generator, sizes=8, batch_size=8), hits(generator)
    warms_up = not first_step(submission, loaders, (1, 0), (0.02, 0.01))[0]
    n = 2 if warms_up else 1

    def times(epochs: tuple[int, int], head: float, backbone: float) -> tuple[float, float]:
        """By how much the steps grow when the rates do."""
        old = first_step(submission, loaders, epochs, (0.02, 0.01))
        new = first_step(submission, loaders, epochs, (0.02 * head, 0.01 * backbone))
        return ratio(new[0], old[0]), ratio(new[1], old[1])

    def about(found: tuple[float, float], expected: tuple[float, float]) -> bool:
        return all(abs(a - b) < 0.1 for a, b in zip(found, expected, strict=True))

    because = (
        "In the first phase the head must learn with `head_lr`, and `backbone_lr` must have no "
        "effect."
    )
    found = times((n, 0), 2.0, 1.0), times((n, 0), 1.0, 3.0)
    right = about(found[0], (2.0, 1.0)) and about(found[1], (1.0, 1.0))
    expect(right, got=found, want="2, then 1", because=because)
    because = (
        "In the second phase the head learns with `head_lr` and everything else with "
        "`backbone_lr`: use two parameter groups."
    )
    found = times((0, n), 2.0, 1.0), times((0, n), 1.0, 3.0)
    right = about(found[0], (2.0, 1.0)) and about(found[1], (1.0, 3.0))
    expect(right, got=found, want="(2, 1), then (1, 3)", because=because)


@check("fine_tune.phases_and_values")
@for_all(5, head_epochs=numbers(0, 3), full_epochs=numbers(0, 2))
def test_phases_and_values(
    submission: Submission, generator: torch.Generator, head_epochs: int, full_epochs: int
) -> None:
    """The history has one dict per epoch, head epochs first; either number may be 0."""
    data = loader(generator)
    model = submission.build(small_net())
    before = model.state()
    epochs = {"head_epochs": head_epochs, "full_epochs": full_epochs}
    history = tune(submission, model, data, data, **epochs)
    phases = [entry.get("phase") for entry in history]
    expected = ["head"] * head_epochs + ["full"] * full_epochs
    because = (
        f"With {head_epochs} head and {full_epochs} full epochs the history does not have one dict "
        "for each of them, with its `phase`, head epochs first."
    )
    expect(phases == expected, got=phases, want=expected, because=because)
    for entry in history:
        accuracy = value_of(entry, "val_accuracy")
        because = "An accuracy is a fraction in [0, 1], a cross-entropy loss is not negative."
        losses = value_of(entry, "train_loss"), value_of(entry, "val_loss")
        right = 0 <= accuracy <= 1 and min(losses) >= 0
        expect(right, got=entry, want="fractions and losses", because=because)
    if not expected:
        because = "Without any epoch the model must stay as it is."
        left = changed(before, model.state())
        expect(not left, got=left, want="none", because=because)
    # With learning rates of 0 the validation loss never falls; that must not end training early.
    one_batch = loader(generator, 4)
    changes = {"unfreeze": "head", "head_lr": 0.0, "backbone_lr": 0.0}
    many = {"head_epochs": 12, "full_epochs": 12}
    history = tune(
        submission, submission.build(small_net()), one_batch, one_batch, **changes, **many
    )
    because = (
        "With 12 epochs of each phase the history does not have 24 dicts: train them all, even "
        "when the validation loss no longer falls."
    )
    expect(len(history) == 24, got=len(history), want=24, because=because)


@check("fine_tune.mean_per_sample", weight=1.5)
@for_all(2, batches=short_batches(2), validation=short_batches())
def test_mean_per_sample(
    submission: Submission, generator: torch.Generator, batches: Batches, validation: Batches
) -> None:
    """Losses are means per sample: a short last batch counts less."""
    # With learning rates of 0 and a frozen body the model stays what it is, so its losses are
    # known. The images of the short batches are ten times as bright: their losses differ.
    train = loader(generator, batches.images, batches.size)
    val = loader(generator, validation.images, validation.size)
    train.images[-batches.last :] *= 10
    val.images[-validation.last :] *= 10
    recipe = small_net()
    model = submission.build(recipe)
    reference = own_copy(recipe, model.state())
    expected = mean_loss(reference, train), mean_loss(reference, val)
    changes = {"head_lr": 0.0, "backbone_lr": 0.0, "unfreeze": "head"}
    history = tune(submission, model, train, val, **changes)
    because = "There is one dict for each epoch of both phases."
    expect(len(history) == 2, got=len(history), want=2, because=because)
    for entry in history:
        for key, value in zip(("train_loss", "val_loss"), expected, strict=True):
            loss = value_of(entry, key)
            because = (
                f"`{key}` is not the mean cross-entropy of all images: pass raw logits to the "
                "loss, use every batch, and weight each batch by its size."
            )
            # Allows half precision, and an optimizer that takes tiny steps even at a rate of 0.
            expect(close(loss, value, 0.01), got=loss, want=value, because=because)


@check("fine_tune.validation_in_eval_mode", weight=1.5)
def test_validation_in_eval_mode(submission: Submission, generator: torch.Generator) -> None:
    """In both phases validation measures the model after the epoch's training, in eval mode."""
    train, val = loader(generator), loader(generator, 18, batch_size=4)
    # One image with each label: one of them is right whatever the model predicts: no accuracy is 0.
    val.images[:10], val.labels[:10] = val.images[0].clone(), torch.arange(10)
    recipe = small_net(dropouts=[0.0, 0.0, 0.0, 1.0])
    untrained = mean_loss(recipe.build().eval(), val)
    for epochs in ({"full_epochs": 0}, {"head_epochs": 0}):
        model = submission.build(recipe)
        [entry] = tune(submission, model, train, val, **epochs)[:1] or [{}]
        reference = own_copy(recipe, model.state())
        loss, expected = value_of(entry, "val_loss"), mean_loss(reference, val)
        because = (
            "`val_loss` is not that of the trained model in eval mode, where Dropout drops nothing "
            "and BatchNorm uses its running statistics."
        )
        if close(loss, untrained):
            because = (
                "The validation still sees the untrained model: validate after the epoch's "
                "training, and measure the model that was trained."
            )
        elif close(loss, mean_loss(reference, train)):
            because = "`val_loss` is that of the training images: measure those of `val_loader`."
        expect(close(loss, expected), got=loss, want=expected, because=because)
        with torch.no_grad():
            right = (reference(val.images).argmax(dim=1) == val.labels).float().mean()
        accuracy = value_of(entry, "val_accuracy")
        because = "`val_accuracy` is not the fraction of validation images that the trained model "
        because += "gets right in eval mode."
        expect(abs(accuracy - right) < 1e-4, got=accuracy, want=right, because=because)


@check(
    "fine_tune.validation_without_gradients",
    weight=0.5,
    needs=["fine_tune.validation_in_eval_mode"],
)
def test_validation_without_gradients(submission: Submission, generator: torch.Generator) -> None:
    """Validation computes no gradients, and it does not change the model."""
    train = loader(generator, 8, batch_size=4)
    states = []
    for _ in range(2):
        submission.seed(0)
        val = hits(generator, batch_size=5)
        model = submission.build(Network("RecordedNet", {"widths": [4]}))
        changes = {"head": "net.head", "unfreeze": "net", "head_epochs": 0}
        tune(submission, model, train, val, **changes)
        # Training batches hold 4 images; validation batches of any size are allowed. An answer that
        # measures a copy of the model leaves no records.
        measured = [call for call in model.records() if call["batch"] != 4]
        because = "Validation ran with gradients: use `torch.no_grad()`."
        calm = not any(call["gradients"] for call in measured)
        expect(calm, got="gradients", want="none", because=because)
        states.append(model.state())
    other = changed(*states)
    because = (
        "With other validation images the model came out differently: it must not learn from them."
    )
    expect(not other, got=other, want="the same model", because=because)


@check("fine_tune.device", weight=1.5)
@for_all(2, batches=short_batches(2), device=DEVICES)
def test_device(
    submission: Submission, generator: torch.Generator, batches: Batches, device: Any
) -> None:
    """The model and every batch are moved to `device`."""
    data = loader(generator, batches.images, batches.size)
    model = submission.build(small_net())
    tune(submission, model, data, data, device=device)
    devices = {parameter.device for parameter in model.parameters().values()}
    because = "The model must be moved to `device`, and stay there."
    expect(devices == {str(PRETENDED)}, got=devices, want=str(PRETENDED), because=because)


@check("fine_tune.value_error", needs=["fine_tune.history"])
def test_value_error(submission: Submission, generator: torch.Generator) -> None:
    """A head or a child that the model does not have is a ValueError."""
    data = submission.build(loader(generator))
    because = "The model has no submodule (for `head`) or no direct child (for `unfreeze`) of that "
    because += "name: raise ValueError."
    # "scale" is a parameter of the model itself, not a submodule.
    names = [("head", name) for name in ("fc", "hea", "block4.conv", "scale")]
    names += [("unfreeze", name) for name in ("layer4", "block", "block1.conv", "scale")]
    for argument, name in names:
        model = submission.build(small_net())
        arguments = {**ARGUMENTS, argument: name}
        submission.raises(
            "ValueError", "fine_tune", model, data, data, **arguments, because=because
        )
    because = "A name that the model does not have is a ValueError even where its phase has no "
    because += "epoch: look both names up before anything is trained."
    for epochs, argument in (("head_epochs", "head"), ("full_epochs", "unfreeze")):
        model = submission.build(small_net())
        arguments = {**ARGUMENTS, epochs: 0, argument: "classifier"}
        submission.raises(
            "ValueError", "fine_tune", model, data, data, **arguments, because=because
        )


# Answers may use any optimizer, and a high rate for one is low for another: Adam, SGD, Adadelta.
LEARNING_RATES = (
    {"head_lr": 0.01, "backbone_lr": 0.005},
    {"head_lr": 0.2, "backbone_lr": 0.1},
    {"head_lr": 2.0, "backbone_lr": 1.0},
)


@check("fine_tune.learns", weight=2)
def test_learns(
    submission: Submission, generator: torch.Generator, course: Course, record_property: Record
) -> None:
    """After both phases the model recognises most garments that it has not seen."""
    count, threshold = 600, course.thresholds.trained_accuracy
    seed = int(torch.randint(0, 1 << 30, (), generator=generator))
    images, labels = load_images(course, count + 200, seed)
    inputs = images[:, None].float() / 255
    train = Loader(inputs[:count], labels[:count], batch_size=20)
    val = Loader(inputs[count:], labels[count:], batch_size=64)
    recipe = Network("SmallNet", {"widths": [8, 16]})
    found = 0.0
    for rates in LEARNING_RATES:
        model = submission.build(recipe)
        submission.seed(0)
        changes = {"unfreeze": "block1", "full_epochs": 5, **rates}
        tune(submission, model, train, val, **changes)
        reference = own_copy(recipe, model.state())
        with torch.no_grad():
            accuracy = (reference(val.images).argmax(dim=1) == val.labels).float().mean().item()
        found = max(found, accuracy)
        if found >= threshold:
            break
    record_property("accuracy", found)
    record_property("wanted", threshold)
    because = "After one head epoch and five full ones the model gets too few of the new "
    because += "images right: is every batch used, are the gradients cleared before each "
    because += "`backward()`, and does `optimizer.step()` follow?"
    expect(found >= threshold, got=found, want=threshold, because=because)
