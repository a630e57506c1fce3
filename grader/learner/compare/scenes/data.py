"""Exercise 00: transforms, splits and loaders."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import torch
from PIL import Image
from torch import Tensor

from grader.judge.expectations import pair, tensor
from grader.judge.handles import Handle, handle
from grader.judge.submission import Submission
from grader.learner.compare.scene import Found, Keepsake, Stage, fact, info, near, raised, scene
from grader.learner.figures import Picture, draw_transforms
from grader.materials.garments import CLASSES, draw_garments
from grader.protocol.recipes import Tensors

# The mean and standard deviation of ImageNet's pixels, which torchvision's weights expect.
MEAN: Final = [0.485, 0.456, 0.406]
STD: Final = [0.229, 0.224, 0.225]
SPREAD: Final = 0.15  # how far another way of resizing may move the mean, in standard deviations
TIMES: Final = 5  # how many augmented images the picture shows


def transform(submission: Submission, size: int, **options: Any) -> Handle:
    """The learner's transform."""
    value = submission.call("build_transform", MEAN, STD, size, **options)
    return handle(value, "callable", "something that can be called")


def garment(stage: Stage) -> Any:
    """A drawn ankle boot: it is not symmetric, so mirroring it makes a difference."""
    images, labels = draw_garments(10, stage.seed)
    return Image.fromarray(images[labels == CLASSES.index("Ankle boot")][0].numpy())


@scene("build_transform", "a white, then a black image of 20 × 32 pixels, size 64")
def plain_images(submission: Submission, stage: Stage) -> Found:
    """The transformed values of white and black are known exactly."""
    made = transform(submission, 64)
    for name, level in (("white", 255), ("black", 0)):
        output = tensor(made(Image.new("L", (20, 32), level)), "the transformed image")
        if name == "white":
            yield fact("shape", tuple(output.shape))
            yield fact("dtype", str(output.dtype).removeprefix("torch."))
        yield fact(f"{name} becomes", [round(v, 2) for v in output[:, 32, 32].tolist()])


@scene("build_transform", "a drawn ankle boot, size 64")
def boot(submission: Submission, stage: Stage) -> Found:
    """For a real image, only the resizing may differ a little."""
    image = garment(stage)
    made = transform(submission, 64)
    output = tensor(made(image), "the transformed image").float()
    yield near("mean", output.mean().item(), SPREAD)
    yield fact("a second time", again(output, made(image)))
    yield Keepsake("plain", [output])


@scene("build_transform", "the same boot, augment=True")
def augmented(submission: Submission, stage: Stage) -> Found:
    """Compare whether there are random changes, not what they are."""
    image = garment(stage)
    made = transform(submission, 64, augment=True)
    outputs = [tensor(made(image), "the transformed image").float() for _ in range(40)]
    distinct = {tuple(output.flatten().tolist()) for output in outputs}
    yield fact("shape", tuple(outputs[0].shape))
    yield fact("40 times", len(distinct) > 1, "varies" if len(distinct) > 1 else "always the same")
    yield info("different results", len(distinct))
    yield Keepsake("augmented", outputs[:TIMES])


def again(first: Tensor, second: Any) -> str:
    """Whether the second result equals the first, in words."""
    return "the same" if torch.equal(first, second.float()) else "another tensor"


def numbered(submission: Submission, count: int) -> Handle:
    """A dataset whose items are the numbers 0, 1, 2, …, so that each item can be recognized."""
    dataset: Handle = submission.build(Tensors([torch.arange(count)]))
    return dataset


def numbers_in(items: list[Any]) -> list[int]:
    """The numbers in some items or batches of a `numbered` dataset."""
    return [number for (part, *_) in items for number in part.reshape(-1).tolist()]


def split(submission: Submission, count: int, fraction: float, seed: int) -> list[list[int]]:
    """The numbers in each part of a split."""
    value = submission.call("split_train_val", numbered(submission, count), fraction, seed=seed)
    parts = [handle(part, "subset", "a Subset") for part in pair(value, ("train", "val"))]
    return [numbers_in(part.items()) for part in parts]


@scene("split_train_val", "43 items, val_fraction=0.25, seed=1")
def forty(submission: Submission, stage: Stage) -> Found:
    """The sizes of the parts, and which items they contain."""
    before = submission.random_state()
    train, val = split(submission, 43, 0.25, 1)
    touched = not torch.equal(before, submission.random_state())
    yield fact("sizes", [len(train), len(val)])
    yield fact("items in both", len(set(train) & set(val)))
    yield fact("items in none", 43 - len({*train, *val}))
    stretch = sorted(val) == list(range(min(val), max(val) + 1)) if val else False
    yield fact("val", "one stretch of the dataset" if stretch else "from everywhere")
    yield fact("global random state", "touched" if touched else "left alone")
    yield info("val begins with", val[:5])
    yield fact("seed=1 again", split(submission, 43, 0.25, 1) == [train, val], None)
    yield fact("the same with seed=2", sorted(split(submission, 43, 0.25, 2)[1]) == sorted(val))


@scene("split_train_val", "impossible fractions")
def fractions(submission: Submission, stage: Stage) -> Found:
    """Fractions that must raise."""
    for fraction in (0.0, 1.0, -0.5):
        dataset = numbered(submission, 10)
        label = f"val_fraction={fraction:g}"
        yield raised(label, submission, "split_train_val", dataset, fraction, 0)


def loader(submission: Submission, count: int, size: int, **options: Any) -> Handle:
    """The learner's loader over a numbered dataset."""
    value = submission.call("build_loader", numbered(submission, count), size, **options)
    return handle(value, "loader", "a DataLoader")


@scene("build_loader", "10 items, batch_size=4, shuffle=False")
def in_order(submission: Submission, stage: Stage) -> Found:
    """The batches have the dataset's order, and the last short one is included."""
    batches = loader(submission, 10, 4, shuffle=False).epoch()
    yield fact("batches of", [len(numbers_in([batch])) for batch in batches])
    yield fact("order", numbers_in(batches))


@scene("build_loader", "12 items, batch_size=4, shuffle=True, seed=3")
def shuffled(submission: Submission, stage: Stage) -> Found:
    """The seed fixes the first epoch; the second one has another order."""
    made = loader(submission, 12, 4, shuffle=True, seed=3)
    first, second = numbers_in(made.epoch()), numbers_in(made.epoch())
    same = numbers_in(loader(submission, 12, 4, shuffle=True, seed=3).epoch()) == first
    yield info("first epoch", first)
    yield fact("every item once", sorted(first) == list(range(12)))
    yield fact("shuffled", first != sorted(first))
    yield fact("a new loader, seed=3", "the same order" if same else "another order")
    yield fact("second epoch", "the same order" if second == first else "another order")


def pictures(seen: Mapping[str, Mapping[str, Any]], stage: Stage) -> Iterator[tuple[str, Picture]]:
    """The original boot, and the transformed ones."""
    rows = {
        side: [*found["plain"], *found["augmented"]]
        for side, found in seen.items()
        if {"plain", "augmented"} <= found.keys()
    }
    if "yours" in rows:
        titles = ["augment=False", *["augment=True"] * TIMES]
        yield "transforms", draw_transforms(garment(stage), rows, titles)
