"""The hidden checks of exercise 00."""

from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor

from grader.check import Handle, Submission, check, expect, for_all, handle, pair, tensor
from grader.judge.strategies import (
    FLAGS,
    FLOATS_ABOVE_1,
    FLOATS_BELOW_0,
    LEVELS,
    MEANS,
    SEEDS,
    SIDES,
    SIZES,
    STDS,
    Split,
    choices,
    numbers,
    orders,
    splits,
)
from grader.protocol.recipes import Loader, Tensors

# Half a grey level: rounding errs by less, dividing by 256 or in integers by more.
HALF_A_LEVEL = 0.5 / 255
LEFT = 0.1  # the least part of a picture that a random shift or change of scale leaves
DRAWS = 40


# ----------------------------------------------------------------------- build_transform


def build(
    submission: Submission, mean: Sequence[float], std: Sequence[float], size: int, augment: bool
) -> Handle:
    """The learner's transform."""
    value = submission.call("build_transform", mean, std, size, augment=augment)
    return handle(value, "callable", "a callable")


def apply(transform: Handle, image: Image.Image, size: int, *, augment: bool = False) -> Tensor:
    """The transformed image; `Mismatch` unless it is a float32 tensor (3, size, size)."""
    output = tensor(transform(image), "the transformed image")
    kind = "A square image" if image.width == image.height else "An image that is not square"
    because = f"{kind} did not become (3, image_size, image_size): resize both sides (a single "
    because += "number keeps their proportion), make three channels, put them first."
    if augment:
        because = (
            "With `augment` the result is not (3, image_size, image_size): a random crop must give "
            "an image of that size, too."
        )
    expect(output.shape == (3, size, size), got=output.shape, want=(3, size, size), because=because)
    because = "The result is not float32. Pixels begin as uint8, and NumPy computes in float64: "
    because += "convert."
    expect(output.dtype == torch.float32, got=output.dtype, want="float32", because=because)
    return output


def normalised(level: float, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """What a pixel of this level must become, per channel."""
    return (torch.full((3,), level / 255) - torch.tensor(mean)) / torch.tensor(std)


def is_constant(output: Tensor, expected: Tensor, std: Sequence[float]) -> bool:
    """Whether the middle of each channel has the channel's expected value throughout."""
    # Resizing may pad the image, so a frame at its edges is allowed.
    side = output.shape[-1]
    middle = output[:, side // 3 : side - side // 3, side // 3 : side - side // 3]
    distance = (middle - expected[:, None, None]).abs().amax(dim=(1, 2))
    return bool((distance <= HALF_A_LEVEL / torch.tensor(std)).all())


def noise(generator: torch.Generator, side: int = 28) -> Image.Image:
    """An image in which every flip, crop or shift shows."""
    pixels = torch.randint(0, 256, (side, side), generator=generator, dtype=torch.uint8)
    return Image.fromarray(pixels.numpy())


def patches(levels: Tensor, width: int, height: int) -> Image.Image:
    """An image of equal rectangles, one for each entry of `levels` (rows, columns)."""
    rows, columns = levels.shape
    large = levels.repeat_interleave(height // rows, 0).repeat_interleave(width // columns, 1)
    return Image.fromarray(large.to(torch.uint8).numpy())


@check("build_transform.values", weight=3)
@for_all(12, level=LEVELS, mean=MEANS, std=STDS, side=numbers(16, 60), size=SIZES)
def test_values(
    submission: Submission,
    level: int,
    mean: list[float],
    std: list[float],
    side: int,
    size: int,
) -> None:
    """Each channel is divided by 255 and normalised with its own entry of `mean` and `std`."""
    # An image of a single grey level keeps that level, however it is resized.
    transform = build(submission, tuple(mean), std, size, augment=False)
    for grey in (255, level):
        output = apply(transform, Image.new("L", (side, side), grey), size)
        right = is_constant(output, normalised(grey, mean, std), std)
        because = "A channel has other values than (grey / 255 - mean) / std: divide by 255 once, "
        because += "subtract `mean`, then divide by `std`, each channel with its own entry of both."
        expect(right, got="other values", want="normalised ones", because=because)


@check("build_transform.any_size", weight=2)
@for_all(8, half=numbers(6, 30), size=SIZES, upright=FLAGS)
def test_any_size(submission: Submission, half: int, size: int, upright: bool) -> None:
    """Images that are not square become (3, image_size, image_size), too, with no sides swapped."""
    transform = build(submission, [0.0] * 3, [1.0] * 3, size, augment=False)
    # They may be stretched, cropped or padded: these two places look the same in each case.
    levels = torch.tensor([[20, 220]])
    middle, first, second = size // 2, size // 4, size - 1 - size // 4
    if upright:
        output = apply(transform, patches(levels.T, 2 * half, 4 * half), size)[0]
        places = output[first, middle], output[second, middle]
    else:
        output = apply(transform, patches(levels, 4 * half, 2 * half), size)[0]
        places = output[middle, first], output[middle, second]
    because = (
        "In an image that is not square the pixels are mixed up: are width and height swapped?"
    )
    expect(places[0] + 0.3 < places[1], got=places, want="dark, bright", because=because)


@check("build_transform.same_picture", weight=2)
@for_all(6, levels=orders([20, 90, 160, 230]), side=choices(28, 64))
def test_same_picture(submission: Submission, levels: list[int], side: int) -> None:
    """The picture stays upright, is not mirrored or inverted, and is the same in each channel."""
    transform = build(submission, [0.0] * 3, [1.0] * 3, 32, augment=False)
    quarters = torch.tensor(levels).reshape(2, 2)
    output = apply(transform, patches(quarters, side, side), 32)
    found = output[:, 8::16, 8::16]  # the middle of each quarter
    darkest, brightest = found.amin((1, 2), keepdim=True), found.amax((1, 2), keepdim=True)
    found = (found - darkest) / (brightest - darkest)  # another check tests the scale
    expected = (quarters - quarters.min()) / (quarters.max() - quarters.min())
    because = (
        "Not all four quarters of an image kept their grey levels and places in all three "
        "channels: is the image mirrored, inverted, or on its side (rows and columns swapped)?"
    )
    close = bool((found - expected).abs().max() < 0.1)
    expect(close, got=found, want=expected, because=because)


@check("build_transform.deterministic")
def test_deterministic(submission: Submission, generator: torch.Generator) -> None:
    """Without `augment` nothing is random: the same image gives the same tensor."""
    image = noise(generator)
    transform = build(submission, [0.3, 0.4, 0.5], [0.2, 0.3, 0.4], 28, augment=False)
    first = apply(transform, image, 28)
    same = all(torch.equal(first, apply(transform, image, 28)) for _ in range(DRAWS))
    because = "The same image came out differently: random steps belong behind `if augment`."
    expect(same, got="different tensors", want="the same one", because=because)
    plain = submission.call("build_transform", [0.3, 0.4, 0.5], [0.2, 0.3, 0.4], 28)
    default = handle(plain, "callable", "a callable")
    same = all(torch.equal(first, apply(default, image, 28)) for _ in range(DRAWS))
    because = "By default `augment` must be False."
    expect(same, got="different tensors", want="the same one", because=because)


@check("build_transform.augment_anew", weight=2)
def test_augment_anew(submission: Submission, generator: torch.Generator) -> None:
    """With `augment` each call draws a new random change."""
    image = noise(generator)
    submission.seed(int(torch.randint(0, 2**31, (), generator=generator)))  # once, as in a program
    transform = build(submission, [0.5] * 3, [0.25] * 3, 28, augment=True)
    first = apply(transform, image, 28)
    varies = any(not torch.equal(first, apply(transform, image, 28)) for _ in range(DRAWS))
    because = (
        "With `augment` every call gave the same tensor. The change must be random (a flip with "
        "p=1 is not), and drawn in each call: neither when the transform is built, nor from a seed "
        "that is set again each time."
    )
    expect(varies, got="the same tensor", want="different ones", because=because)


@check("build_transform.augment_keeps_the_rest", weight=2)
@for_all(6, width=SIDES, height=SIDES, size=SIZES, mean=MEANS, std=STDS)
def test_augment_keeps_the_rest(
    submission: Submission, width: int, height: int, size: int, mean: list[float], std: list[float]
) -> None:
    """With `augment` shape, dtype, division by 255 and normalisation are the same as without."""
    transform = build(submission, mean, std, size, augment=True)
    black, white = normalised(0, mean, std), normalised(255, mean, std)
    # Areas that a shift or a smaller scale uncovers may have any value; much of the image stays.
    output = apply(transform, Image.new("L", (width, width), 0), size, augment=True)
    near = (output.flatten(1).T - black).abs() <= HALF_A_LEVEL / torch.tensor(std)
    because = (
        "With `augment` a black image has other values than without it: all other steps, the "
        "division by 255 and the normalisation, must stay as they are."
    )
    expect(
        bool((near.float().mean(dim=0) > LEFT).all()),
        got="other values",
        want="normalised ones",
        because=because,
    )
    output = apply(transform, Image.new("L", (width, height), 255), size, augment=True)
    # Interpolation may overshoot at the picture's edges, but never by its whole brightness.
    too_bright = (output.amax(dim=(1, 2)) > white + (white - black)).any()
    because = "An augmented white image is brighter than white: is it still divided by 255?"
    expect(not too_bright, got="brighter", want="at most white", because=because)


# ----------------------------------------------------------------------- split_train_val


def numbered(submission: Submission, count: int) -> Handle:
    """A dataset with the items 0, 1, 2, …, so that each value identifies its item."""
    dataset: Handle = submission.build(Tensors([torch.arange(count)]))
    return dataset


def numbers_in(items: list[list[Tensor]]) -> list[int]:
    """The numbers of items or batches of a `numbered` dataset."""
    return [number for (part, *_) in items for number in part.reshape(-1).tolist()]


def split(
    submission: Submission, count: int, fraction: float, seed: int
) -> tuple[list[int], list[int]]:
    """The items of both parts of a split, sorted, because they may come in any order."""
    value = submission.call("split_train_val", numbered(submission, count), fraction, seed=seed)
    train, val = pair(value, ("train", "val"))
    train, val = handle(train, "subset", "a Subset"), handle(val, "subset", "a Subset")
    return sorted(numbers_in(train.items())), sorted(numbers_in(val.items()))


@check("split_train_val.sizes_hidden", weight=2)
@for_all(15, drawn=splits(), seed=SEEDS)
def test_sizes(submission: Submission, drawn: Split, seed: int) -> None:
    """The second part holds `round(val_fraction * len(dataset))` items, the first all others."""
    count, size = drawn.items, drawn.second
    train, val = split(submission, count, drawn.fraction, seed)
    because = (
        "The validation part has the wrong size: use `round`, not `int` or `ceil`, and return it "
        "as the second of the two parts."
    )
    expect(len(val) == size, got=len(val), want=size, because=because)
    because = "The parts do not add up to the whole dataset."
    expect(len(train) == count - size, got=len(train), want=count - size, because=because)


@check("split_train_val.every_item_once", weight=2)
@for_all(8, drawn=splits(), seed=SEEDS)
def test_every_item_once(submission: Submission, drawn: Split, seed: int) -> None:
    """Every item of the dataset lies in exactly one of the two parts."""
    train, val = split(submission, drawn.items, drawn.fraction, seed)
    because = "An item lies in both parts: validation images must be new to the model."
    shared = set(train) & set(val)
    expect(not shared, got=len(shared), want="none", because=because)
    because = "An item is missing, or is there twice: give each item to exactly one part."
    whole = sorted(train + val) == list(range(drawn.items))
    expect(whole, got="another set of items", want="the dataset", because=because)


@check("split_train_val.seed_decides", weight=2)
@for_all(2, drawn=splits(least=30), seed=SEEDS)
def test_seed_decides(
    submission: Submission, generator: torch.Generator, drawn: Split, seed: int
) -> None:
    """The same seed gives the same split, whatever torch's global random state is."""
    states = torch.randint(0, 2**31, (2,), generator=generator).tolist()
    for fixed in (seed or 1, 0):
        submission.seed(states[0])
        first = split(submission, drawn.items, drawn.fraction, fixed)
        submission.seed(states[1])
        because = (
            "The split depends on torch's global random state: use a separate torch.Generator, "
            "seeded with `seed`."
        )
        if fixed == 0:
            because = "With seed=0 the split differs from call to call: 0 is a seed, too, though "
            because += "it counts as false in an `if` or an `or`."
        same = split(submission, drawn.items, drawn.fraction, fixed) == first
        expect(same, got="another split", want="the same split", because=because)


@check("split_train_val.random", weight=2)
def test_random(submission: Submission, generator: torch.Generator) -> None:
    """The split is random: every item can land in either part, and neighbours are separated."""
    seeds = torch.randint(0, 2**31, (30,), generator=generator).tolist()
    vals = [split(submission, 20, 0.5, seed)[1] for seed in seeds]
    because = (
        "The validation items are neighbours in the dataset: shuffle before you split. In a "
        "dataset that is sorted by class, a part would otherwise lack whole classes."
    )
    torn = sum(max(val) - min(val) > 9 for val in vals if val)
    expect(torn > 20, got=torn, want="nearly all", because=because)
    because = "Different seeds give the same split: does `seed` reach the random numbers?"
    expect(len(set(map(tuple, vals))) > 20, got="equal splits", want="others", because=because)
    because = "Some items always land in the same part: choose them at random from all."
    fixed = [i for i in range(20) if len({i in val for val in vals}) == 1]
    expect(not fixed, got=fixed, want="none", because=because)


@check("split_train_val.global_state")
def test_global_state(submission: Submission, generator: torch.Generator) -> None:
    """Splitting leaves torch's global random state unchanged."""
    for seed in torch.randint(0, 2**31, (2,), generator=generator).tolist():
        submission.seed(seed + 1)
        # A few numbers are drawn first, so that a reset to the old seed is noticed.
        submission.build(Loader(torch.zeros(4), torch.zeros(4), 2, shuffle=True)).epoch()
        before = submission.random_state()
        split(submission, 30, 0.2, seed)
        because = (
            "The split changes torch's global random state: neither draw from it nor call "
            "`torch.manual_seed`, not even to restore the old seed; use a torch.Generator."
        )
        same = torch.equal(before, submission.random_state())
        expect(same, got="another state", want="the same state", because=because)


@check("split_train_val.value_error", needs=["split_train_val.sizes"])
@for_all(2, below=FLOATS_BELOW_0, above=FLOATS_ABOVE_1)
def test_value_error(submission: Submission, below: float, above: float) -> None:
    """A fraction that leaves one part empty, or makes no sense, is a ValueError."""
    because = "`val_fraction` must lie strictly between 0 and 1: raise ValueError otherwise (an "
    because += "`assert` raises another error)."
    for fraction in (0.0, 1.0, below, above):
        dataset = numbered(submission, 20)
        submission.raises("ValueError", "split_train_val", dataset, fraction, 0, because=because)


# -------------------------------------------------------------------------- build_loader


def load(submission: Submission, count: int, batch_size: int, shuffle: bool, seed: int) -> Handle:
    """The learner's loader over `count` numbered items."""
    dataset = numbered(submission, count)
    value = submission.call("build_loader", dataset, batch_size, shuffle, seed=seed)
    return handle(value, "loader", "a DataLoader")


@check("build_loader.in_this_process")
def test_in_this_process(submission: Submission) -> None:
    """The loader starts no worker processes."""
    for shuffle in (False, True):
        workers = load(submission, 10, 4, shuffle, seed=0).facts["workers"]
        because = "`num_workers` must be 0: for images this small, processes only cost time."
        expect(workers == 0, got=workers, want=0, because=because)


@check("build_loader.every_item_once", weight=3)
@for_all(12, items=numbers(1, 60), batch_size=numbers(1, 20), shuffle=FLAGS)
def test_all_items(submission: Submission, items: int, batch_size: int, shuffle: bool) -> None:
    """Every epoch yields every item once, in full batches and a last one that may be shorter."""
    loader = load(submission, items, batch_size, shuffle, seed=0)
    for _ in range(2):
        batches = loader.epoch()
        because = "Some items were missing or came twice: keep the last short batch (no "
        because += "`drop_last`), and draw without replacement."
        whole = sorted(numbers_in(batches)) == list(range(items))
        expect(whole, got="other items", want="every item once", because=because)
        sizes = [len(numbers_in([batch])) for batch in batches]
        full, rest = divmod(items, batch_size)
        expected = [batch_size] * full + [rest] * (rest > 0)
        because = (
            "The batches do not have `batch_size` items each (only the last one may be shorter)."
        )
        expect(sizes == expected, got=sizes, want=expected, because=because)


@check("build_loader.dataset_order")
@for_all(5, items=numbers(9, 60), batch_size=numbers(1, 9), seed=SEEDS)
def test_dataset_order(submission: Submission, items: int, batch_size: int, seed: int) -> None:
    """Without `shuffle` every epoch comes in the dataset's order."""
    loader = load(submission, items, batch_size, False, seed)
    orders = [numbers_in(loader.epoch()) for _ in range(2)]
    because = "Without `shuffle` the items did not come in the dataset's order."
    in_order = all(order == sorted(order) for order in orders)
    expect(in_order, got=orders, want="the dataset's order", because=because)


@check("build_loader.seed_decides", weight=2)
def test_loader_seed(submission: Submission, generator: torch.Generator) -> None:
    """With `shuffle` the first epoch's order is random and depends on the seed alone."""
    seeds = torch.randint(0, 2**31, (4,), generator=generator).tolist()
    firsts = []
    for seed in seeds:
        orders = []
        # Both loaders are built before either is used, as in a program that trains and validates.
        loaders = [load(submission, 50, 8, True, seed) for _ in range(2)]
        for loader, state in zip(loaders, seeds[:2], strict=True):
            submission.seed(state)  # something else in the program draws random numbers
            orders.append(numbers_in(loader.epoch()))
        because = "The first epoch's order depends on torch's global random state, or on what "
        because += "another loader drew: give each loader a torch.Generator of its own, seeded "
        because += "with `seed`."
        expect(orders[0] == orders[1], got="other orders", want="the same order", because=because)
        because = "With `shuffle` the items came in the dataset's order."
        expect(orders[0] != list(range(50)), got="no shuffle", want="a shuffle", because=because)
        firsts.append(tuple(orders[0]))
    because = "Different seeds gave the same order: does `seed` reach the generator?"
    expect(len(set(firsts)) > 1, got="one order", want="several", because=because)
    plain = submission.call("build_loader", numbered(submission, 50), 8, True)
    default = numbers_in(handle(plain, "loader", "a DataLoader").epoch())
    because = "By default `seed` must be 0."
    same = default == numbers_in(load(submission, 50, 8, True, 0).epoch())
    expect(same, got="another order", want="that of seed 0", because=because)


@check("build_loader.later_epochs_differ", weight=2)
def test_later_epochs(submission: Submission, generator: torch.Generator) -> None:
    """With `shuffle` later epochs have another order than the first."""
    for seed in torch.randint(0, 2**31, (2,), generator=generator).tolist():
        loader = load(submission, 50, 8, True, seed)
        first, *later = (numbers_in(loader.epoch()) for _ in range(4))
        because = "A later epoch repeats the first one's order: the generator must go on, not "
        because += "start again at `seed` each time."
        expect(first not in later, got="the same order", want="new orders", because=because)
