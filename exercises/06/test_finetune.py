"""The visible checks of exercise 06."""

from typing import Any

import torch

from grader.check import LearnerError, Mismatch, Model, Submission, check, expect
from grader.protocol.recipes import Loader, Network, Optimizer

RATES = {"head_lr": 0.01, "backbone_lr": 0.001}


def rates_by_name(submission: Submission, model: Model, groups: object) -> dict[str, float]:
    """The learning rate of every parameter that an optimizer with these groups would update."""
    try:
        optimizer = submission.build(Optimizer("SGD", groups, {"lr": 0.0}))
    except LearnerError as refused:
        because = (
            "The groups must be what an optimizer takes: a list of dicts with `params` and `lr`, "
            "with each parameter once."
        )
        got = f"{refused.types[0]}: {refused.message}"
        raise Mismatch(got, "groups that torch.optim.SGD takes", because) from None
    names = {p.key: name for name, p in model.parameters().items()}
    return {names[key]: g["lr"] for g in optimizer.facts["groups"] for key in g["keys"]}


def tune(submission: Submission, model: Model, head_epochs: int, full_epochs: int) -> Any:
    """`fine_tune` on a handful of random images."""
    numbers = torch.Generator().manual_seed(0)
    images = torch.randn(12, 1, 8, 8, generator=numbers)
    loader = submission.build(Loader(images, torch.arange(12) % 10, batch_size=4))
    return submission.call(
        "fine_tune",
        model,
        loader,
        loader,
        head="head",
        unfreeze="block2",
        head_epochs=head_epochs,
        full_epochs=full_epochs,
        head_lr=0.05,
        backbone_lr=0.01,
        device="cpu",
    )


def parts(names: set[str]) -> list[str]:
    """The direct children that parameters belong to."""
    return sorted({name.partition(".")[0] for name in names})


@check("parameter_groups.two_learning_rates")
def test_two_learning_rates(submission: Submission) -> None:
    """With layer4 and fc trainable, fc learns with `head_lr` and layer4 with `backbone_lr`."""
    frozen = ["conv1", "bn1", "layer1", "layer2", "layer3"]
    model = submission.build(Network("resnet18", device="meta", frozen=frozen))
    groups = submission.call("parameter_groups", model, "fc", **RATES)
    rates = rates_by_name(submission, model, groups)
    frozen_too = set(rates) - model.trainable()
    expect(
        not frozen_too,
        got=f"{len(frozen_too)} frozen parameters, of {parts(frozen_too)}",
        want="only those that require gradients",
        because="A frozen parameter belongs in no group: look at `requires_grad`.",
    )
    found = {part: {r for n, r in rates.items() if n.startswith(part)} for part in ("layer4", "fc")}
    expect(
        found == {"layer4": {0.001}, "fc": {0.01}},
        got=f"learning rates {found}",
        want="{'layer4': {0.001}, 'fc': {0.01}}",
        because="Give each group its own `lr`: the head starts from scratch and may learn "
        "fast, pretrained layers take small steps.",
    )


@check("parameter_groups.feature_extraction")
def test_feature_extraction(submission: Submission) -> None:
    """When only the head is trainable there is one group, not a second, empty one."""
    frozen = ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4"]
    model = submission.build(Network("resnet18", device="meta", frozen=frozen))
    groups = submission.call("parameter_groups", model, "fc", **RATES)
    rates = rates_by_name(submission, model, groups)
    expect(
        set(rates) == {"fc.weight", "fc.bias"},
        got=f"parameters of {parts(set(rates))}",
        want="fc.weight and fc.bias",
        because="Everything else is frozen.",
    )
    optimizer = submission.build(Optimizer("SGD", groups, {"lr": 0.0}))
    sizes = [len(group["keys"]) for group in optimizer.facts["groups"]]
    expect(
        0 not in sizes,
        got=f"groups of {sizes} parameters",
        want="no empty group",
        because="Leave a group out when nothing is in it.",
    )


@check("fine_tune.history")
def test_history(submission: Submission) -> None:
    """One head epoch and two full ones give three dicts, in that order."""
    model = submission.build(Network("SmallNet", {"widths": [4, 4]}))
    history = tune(submission, model, head_epochs=1, full_epochs=2)
    entries = history if isinstance(history, list | tuple) else []
    phases = [entry.get("phase") for entry in entries if isinstance(entry, dict)]
    expect(
        phases == ["head", "full", "full"],
        got=f"phases {phases}",
        want="['head', 'full', 'full']",
        because="Each epoch of either phase adds one dict, with the name of its `phase`, to "
        "the list that is returned.",
    )
    missing = {"train_loss", "val_loss", "val_accuracy"}.difference(*entries)
    expect(
        not missing and all(set(entry) >= set(entries[0]) for entry in entries),
        got=f"dicts with the keys {[sorted(entry) for entry in entries]}",
        want="phase, train_loss, val_loss and val_accuracy in each",
        because="Every epoch is measured on the training and on the validation images.",
    )


@check("fine_tune.head_first")
def test_head_first(submission: Submission) -> None:
    """The first phase changes the head and nothing else, BatchNorm statistics included."""
    model = submission.build(Network("SmallNet", {"widths": [4, 4]}))
    before = model.state()
    tune(submission, model, head_epochs=2, full_epochs=0)
    after = model.state()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    learnt = {name for name in changed if "running" not in name and "num_batches" not in name}
    expect(
        parts(learnt) == ["head"],
        got=f"changed parts: {parts(learnt)}",
        want="['head']",
        because="In the first phase the head trains alone: freeze everything else first.",
    )
    drifted = {name for name in changed if "running" in name}
    expect(
        not drifted,
        got=f"other statistics in {sorted(drifted)}",
        want="those that they had before",
        because="`model.train()` lets BatchNorm collect statistics even where its weights are "
        "frozen: put frozen parts back into eval mode.",
    )


@check("fine_tune.unknown_name", needs=["fine_tune.history"])
def test_unknown_name(submission: Submission) -> None:
    """A head that the model does not have is a `ValueError`."""
    model = submission.build(Network("SmallNet", {"widths": [4, 4]}))
    loader = submission.build(Loader(torch.zeros(4, 1, 8, 8), torch.arange(4), batch_size=4))
    submission.raises(
        "ValueError",
        "fine_tune",
        model,
        loader,
        loader,
        head="fc",
        unfreeze="block2",
        head_epochs=1,
        full_epochs=1,
        head_lr=0.01,
        backbone_lr=0.001,
        device="cpu",
        because="The model has no submodule of that name: look before you train, and say which "
        "name is wrong.",
    )
