"""The visible checks of exercise 00."""

import torch
from PIL import Image

from grader.check import Handle, Submission, check, expect, handle, pair, tensor
from grader.protocol.recipes import Tensors

# The mean and standard deviation of ImageNet's pixels, which torchvision's weights expect.
MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]


def numbered(submission: Submission, count: int) -> Handle:
    """A dataset with the items 0, 1, 2, …, so that each value identifies its item."""
    dataset: Handle = submission.build(Tensors([torch.arange(count)]))
    return dataset


def numbers_in(items: list[list[torch.Tensor]]) -> list[int]:
    """The numbers of items or batches of a `numbered` dataset."""
    return [number for (part, *_) in items for number in part.reshape(-1).tolist()]


def rounded(values: torch.Tensor) -> list[float]:
    """Values rounded for a message."""
    return [round(value, 3) for value in values.tolist()]


@check("build_transform.shape")
def test_shape(submission: Submission) -> None:
    """A 28 × 28 grey image becomes a float32 tensor of shape (3, 64, 64)."""
    value = submission.call("build_transform", MEAN, STD, 64)
    transform = handle(value, "callable", "a function or an object that can be called")
    output = tensor(transform(Image.new("L", (28, 28), 100)), "the transformed image")
    expect(
        output.shape == (3, 64, 64) and output.dtype == torch.float32,
        got=f"{output.dtype} of shape {tuple(output.shape)}",
        want="torch.float32 of shape (3, 64, 64)",
        because="A pretrained model takes three float channels of one fixed size.",
    )


@check("build_transform.white_and_black", needs=["build_transform.shape"])
def test_white_and_black(submission: Submission) -> None:
    """White becomes (1 - mean) / std in each channel, black becomes (0 - mean) / std."""
    value = submission.call("build_transform", MEAN, STD, 32)
    transform = handle(value, "callable", "a function or an object that can be called")
    for name, level in (("white", 255), ("black", 0)):
        image = Image.new("L", (28, 28), level)
        pixel = tensor(transform(image), "the transformed image")[:, 16, 16].float()
        expected = (torch.full((3,), level / 255) - torch.tensor(MEAN)) / torch.tensor(STD)
        expect(
            torch.allclose(pixel, expected, atol=0.005),
            got=f"{name} became {rounded(pixel)}",
            want=rounded(expected),
            because="First divide by 255, then subtract `mean` and divide by `std`, per channel.",
        )


@check("build_transform.augment_varies", needs=["build_transform.shape"])
def test_augment_varies(submission: Submission) -> None:
    """With `augment=True` the same image comes out differently from call to call."""
    value = submission.call("build_transform", MEAN, STD, 28, augment=True)
    transform = handle(value, "callable", "a function or an object that can be called")
    # Brighter to the right and to the bottom: a flip, a shift or a rotation shows.
    pixels = bytes(5 * x + 4 * y for y in range(28) for x in range(28))
    image = Image.frombytes("L", (28, 28), pixels)
    submission.seed(0)
    first = tensor(transform(image), "the transformed image")
    varies = any(not torch.equal(first, transform(image)) for _ in range(40))
    expect(
        varies,
        got="41 times the same tensor",
        want="several different ones",
        because="Each call must draw a new random change (flip, crop or affine).",
    )


@check("split_train_val.sizes")
def test_sizes(submission: Submission) -> None:
    """With a fraction of 0.25, 40 items give 30 to train on and 10 others to validate on."""
    value = submission.call("split_train_val", numbered(submission, 40), 0.25, seed=1)
    parts = [handle(part, "subset", "a Subset") for part in pair(value, ("train", "val"))]
    train, val = (numbers_in(part.items()) for part in parts)
    expect(
        (len(train), len(val)) == (30, 10),
        got=f"{len(train)} and {len(val)} items",
        want="30 and 10 items",
        because="The training part comes first; the second holds `val_fraction` of the items.",
    )
    shared = set(train) & set(val)
    expect(
        not shared and len({*train, *val}) == 40,
        got=f"{len(shared)} items in both parts, {40 - len({*train, *val})} in none",
        want="every item in exactly one part",
        because="Images that a model was trained on do not show how well it does on new ones.",
    )


@check("split_train_val.same_seed_same_split")
def test_same_seed(submission: Submission) -> None:
    """The same seed gives the same split, and another seed gives another one."""
    vals = []
    for seed in (1, 1, 2):
        value = submission.call("split_train_val", numbered(submission, 40), 0.25, seed=seed)
        _, val = pair(value, ("train", "val"))
        vals.append(sorted(numbers_in(handle(val, "subset", "a Subset").items())))
    expect(
        vals[0] == vals[1],
        got=f"with seed 1 first {vals[0]}, then {vals[1]}",
        want="the same items both times",
        because="Draw from a generator of your own that starts at `seed`.",
    )
    expect(
        vals[0] != vals[2],
        got=f"with the seeds 1 and 2 the same items: {vals[0]}",
        want="other items",
        because="The split must be random, and `seed` must decide which one it is.",
    )


@check("build_loader.last_short_batch")
def test_last_short_batch(submission: Submission) -> None:
    """Ten items in batches of four: 4, 4 and 2 items, in the dataset's order."""
    value = submission.call("build_loader", numbered(submission, 10), 4, shuffle=False)
    batches = handle(value, "loader", "a DataLoader").epoch()
    order = numbers_in(batches)
    sizes = [len(numbers_in([batch])) for batch in batches]
    expect(
        sizes == [4, 4, 2] and order == list(range(10)),
        got=f"batches of {sizes}, in the order {order}",
        want=f"batches of [4, 4, 2], in the order {list(range(10))}",
        because="Without `shuffle` the order is the dataset's, and no item is dropped.",
    )


@check("build_loader.new_order_each_epoch")
def test_new_order(submission: Submission) -> None:
    """With `shuffle`, the seed fixes the first epoch's order, and the second epoch has another."""
    orders = []
    for _ in range(2):
        dataset = numbered(submission, 40)
        value = submission.call("build_loader", dataset, 8, shuffle=True, seed=3)
        loader = handle(value, "loader", "a DataLoader")
        orders.append([numbers_in(loader.epoch()) for _ in range(2)])
    (first, second), (again, _) = orders
    expect(
        first == again and first != list(range(40)),
        got=f"first epochs {first[:5]}… and {again[:5]}…",
        want="twice the same random order",
        because="Give the loader a generator of its own that starts at `seed`.",
    )
    expect(
        first != second,
        got=f"both epochs in the order {first[:5]}…",
        want="another order in the second epoch",
        because="The generator goes on from epoch to epoch; it must not start again at `seed`.",
    )
