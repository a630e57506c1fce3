"""The hypothesis strategies that checks draw from: architectures, batches, numbers.

Where a strategy has a simplest value, that value is tried first, and a learner's failing example
shrinks to it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import torchvision
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from grader.judge.example_text import Told
from grader.protocol.networks import GROWN
from grader.protocol.pretended_device import PRETENDED
from grader.protocol.recipes import Network

Draw = Any  # what `st.composite` passes

# ------------------------------------------------------------------------------- numbers

SEEDS: Final = st.integers(0, 2**31 - 1)
CLASSES: Final = st.integers(2, 12)
WIDTHS: Final = st.integers(1, 6)
FLAGS: Final = st.booleans()
DTYPES: Final = st.sampled_from(["float64", "bfloat16", "float16"])  # none is torch's default
DEVICES: Final = st.sampled_from([str(PRETENDED), PRETENDED])  # the contract allows both spellings
DROPOUTS: Final = st.sampled_from([0.1, 0.25, 0.5, 0.9])


def numbers(least: int, most: int) -> SearchStrategy[int]:
    """Integers from `least` to `most`, both included."""
    return st.integers(least, most)


def choices(*values: Any) -> SearchStrategy[Any]:
    """One of the given values."""
    return st.sampled_from(values)


def some_of(values: Sequence[str]) -> SearchStrategy[frozenset[str]]:
    """Any subset of the values, including none and all of them."""
    return st.frozensets(st.sampled_from(values))


def orders(values: Sequence[Any]) -> SearchStrategy[list[Any]]:
    """The given values in any order."""
    return st.permutations(values)


def flags(count: int) -> SearchStrategy[list[bool]]:
    """A list of `count` booleans."""
    return st.lists(FLAGS, min_size=count, max_size=count)


def widths(least: int = 0, most: int = 4, *, widest: int = 20) -> SearchStrategy[list[int]]:
    """The widths of `least` to `most` layers."""
    return st.lists(st.integers(1, widest), min_size=least, max_size=most)


def rates(least: float, most: float, *, count: int) -> SearchStrategy[list[float]]:
    """A list of `count` floats, such as the channels' means or standard deviations."""
    return st.lists(st.floats(least, most), min_size=count, max_size=count)


def pairs(*strategies: SearchStrategy[Any]) -> SearchStrategy[tuple[Any, ...]]:
    """A tuple with a value of each strategy."""
    return st.tuples(*strategies)


FRACTIONS: Final = st.floats(0.01, 0.99)
FLOATS_BELOW_0: Final = st.floats(-1e6, -1e-6)
FLOATS_ABOVE_1: Final = st.floats(1.000001, 1e6)


@dataclass(frozen=True)
class Split(Told):
    """A number of items to split, and the fraction of them for the second part."""

    items: int
    fraction: float

    @property
    def second(self) -> int:
        """The number of items in the second part."""
        return round(self.fraction * self.items)

    @property
    def details(self) -> str:
        """The fraction."""
        return f" and val_fraction={self.fraction}"

    def __str__(self) -> str:
        return f"{self.items} items"

    def is_clear(self) -> bool:
        """Whether neither part is empty, and the size of the second is not about half-integer.

        Such a size could correctly be rounded up or down.
        """
        clear = abs(self.fraction * self.items % 1 - 0.5) > 1e-6
        return clear and 0 < self.second < self.items


def splits(least: int = 2, most: int = 200) -> SearchStrategy[Split]:
    """Datasets to split in two."""
    return st.builds(Split, st.integers(least, most), FRACTIONS).filter(Split.is_clear)


# -------------------------------------------------------------------------------- images

SIDES: Final = st.integers(4, 60)
SIZES: Final = st.integers(8, 40)
LEVELS: Final = st.integers(0, 255)
MEANS: Final = rates(0.05, 0.95, count=3)
STDS: Final = rates(0.1, 0.6, count=3)

# ------------------------------------------------------------------------------- batches


@dataclass(frozen=True)
class Batches(Told):
    """A number of images in batches of a given size, the last of which may be shorter."""

    images: int
    size: int

    @property
    def last(self) -> int:
        """The number of images in the last batch."""
        return (self.images - 1) % self.size + 1

    @property
    def number(self) -> int:
        """The number of batches."""
        return -(-self.images // self.size)

    def __str__(self) -> str:
        many = "image" if self.images == 1 else "images"
        return f"{self.images} {many} in batches of {self.size}"


@st.composite
def short_batches(draw: Draw, smallest: int = 1, *, full: int = 3, size: int = 8) -> Batches:
    """At least one full batch, and a shorter last batch.

    Args:
        draw: the function that hypothesis passes.
        smallest: the least number of images in a batch; 2 where a BatchNorm trains, because the
            variance of a single sample is undefined.
        full: the largest number of full batches.
        size: the largest batch size.
    """
    of = draw(st.integers(smallest + 1, size))
    last = draw(st.integers(smallest, of - 1))
    return Batches(draw(st.integers(1, full)) * of + last, of)


@st.composite
def any_batches(draw: Draw, smallest: int = 1, *, full: int = 3, size: int = 8) -> Batches:
    """Batches, the last of which may be full or shorter, and may be the only one."""
    of = draw(st.integers(smallest, size))
    last = draw(st.integers(smallest, of))
    return Batches(draw(st.integers(0, full)) * of + last, of)


# ------------------------------------------------------------------------- architectures


@dataclass(frozen=True)
class Architecture(Told):
    """A model with a known head.

    Attributes:
        network: the recipe.
        title: the model's name in messages.
        head: the dotted name of the linear layer that computes the logits.
        classes: the number of logits.
        parts: the dotted names of submodules and parameters that can be frozen one by one; a module
            that is used twice lies wholly inside or wholly outside each of them.
    """

    network: Network
    title: str
    head: str
    classes: int
    parts: tuple[str, ...] = ()

    @property
    def children(self) -> list[str]:
        """The names of the model's direct children, in order."""
        return [name for name, _ in self.network.build().named_children()]

    def freeze(self, names: Iterable[str]) -> Network:
        """The recipe with some of its parts frozen."""
        return replace(self.network, frozen=sorted(names))

    def __str__(self) -> str:
        return f"{self.title} of {self.classes} classes"


# A model of each family that is quick to build, with its title and its head.
ZOO: Final = {
    "resnet18": ("a ResNet-18", "fc"),
    "vgg11": ("a VGG-11", "classifier.6"),
    "alexnet": ("an AlexNet", "classifier.6"),
    "mobilenet_v2": ("a MobileNetV2", "classifier.1"),
    "mobilenet_v3_small": ("a small MobileNetV3", "classifier.3"),
    "densenet121": ("a DenseNet-121", "classifier"),
    "efficientnet_b0": ("an EfficientNet-B0", "classifier.1"),
    "mnasnet0_5": ("an MNASNet 0.5", "classifier.1"),
    "shufflenet_v2_x0_5": ("a ShuffleNetV2", "fc"),
    "convnext_tiny": ("a tiny ConvNeXt", "classifier.2"),
    "vit_b_16": ("a ViT-B/16", "heads.head"),
    "swin_t": ("a tiny Swin", "head"),
}


@st.composite
def zoo(draw: Draw, names: Sequence[str] = tuple(ZOO)) -> Architecture:
    """A model from torchvision's registry, on the meta device, so that size costs no time."""
    name, classes = draw(st.sampled_from(names)), draw(CLASSES)
    title, head = ZOO[name]
    recipe = Network(name, {"num_classes": classes}, device="meta")
    return Architecture(recipe, title, head, classes)


WITH_BATCHNORM: Final = ("norm", "nested", "twice")
INNER: Final = {
    "plain": ("0",),
    "norm": ("conv", "norm", "norm.weight"),
    "nested": ("inner", "inner.0.0.norm", "skip", "gain"),
    "twice": ("norm", "first"),
}


@st.composite
def grown(
    draw: Draw,
    *,
    least: int = 1,
    most: int = 3,
    dropouts: Sequence[float] = (0.0,),
    kinds: Sequence[str] = tuple(GROWN),
) -> Architecture:
    """A small network of random parts: BatchNorm, Dropout, nested and shared modules.

    Args:
        draw: the function that hypothesis passes.
        least: the least number of parts.
        most: the largest number of parts.
        dropouts: the rates to choose from; all Dropouts in the network have the same rate.
        kinds: the kinds of parts to choose from.
    """
    parts = draw(st.lists(st.sampled_from(kinds), min_size=least, max_size=most))
    width, classes = draw(st.integers(2, 4)), draw(CLASSES)
    deep = draw(choices(True, False))
    options = {"parts": parts, "width": width, "classes": classes, "deep": deep}
    recipe = Network("GrownNet", {**options, "dropout": draw(st.sampled_from(dropouts))})
    inner = [f"part{n}.{name}" for n, kind in enumerate(parts, start=1) for name in INNER[kind]]
    outer = [f"part{n}" for n in range(1, len(parts) + 1)]
    return Architecture(
        recipe,
        title=f"a small network ({', '.join(parts)})",
        head="head.out.0" if deep else "head",
        classes=classes,
        parts=("stem", *outer, *inner, "head", "scale"),
    )


def architectures() -> SearchStrategy[Architecture]:
    """Grown networks and models from torchvision."""
    return st.one_of(grown(), zoo())


@dataclass(frozen=True)
class PartlyFrozen(Told):
    """An architecture, and the parts of it that are frozen in `network`."""

    architecture: Architecture
    frozen: frozenset[str]

    @property
    def network(self) -> Network:
        """The recipe, with the parts frozen."""
        return self.architecture.freeze(self.frozen)

    @property
    def head(self) -> str:
        """The dotted name of the linear layer that computes the logits."""
        return self.architecture.head

    @property
    def details(self) -> str:
        """The names of the frozen parts."""
        return f", frozen: {', '.join(sorted(self.frozen)) or 'nothing'}"

    def __str__(self) -> str:
        return str(self.architecture)


def partly_frozen(of: SearchStrategy[Architecture]) -> SearchStrategy[PartlyFrozen]:
    """An architecture with any of its parts frozen."""
    return of.flatmap(lambda one: st.builds(PartlyFrozen, st.just(one), some_of(one.parts)))


# --------------------------------------------------------------------------------- names

REGISTERED: Final = frozenset(torchvision.models.list_models())
NO_MODELS: Final = st.from_regex(r"[a-z]{3,8}[0-9]{0,2}", fullmatch=True).filter(
    lambda name: name not in REGISTERED
)
NO_ENTRIES: Final = st.from_regex(r"[A-Z]{3,8}_V[3-9]", fullmatch=True)
