"""Scenes: each calls a learner's function on one input, and yields facts about the result.

A scene's function runs once on each side; facts with the same label are compared:

    @scene("find_head", "VGG-11")
    def vgg(submission: Submission, stage: Stage) -> Found:
        model = submission.build(Network("vgg11", device="meta"))
        yield fact("", submission.call("find_head", model))
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

import torch
from torch import Generator, Tensor

from grader.course.settings import Course
from grader.judge.handles import Handle
from grader.judge.loopback import Loopback
from grader.judge.submission import LearnerError, Submission
from grader.runner.dispatcher import Runner

NEAR: Final = 1e-3
LABELS: Final = (30, 100, 300)
Rule = Callable[[Any, Any], bool]  # (yours, the reference's) → whether they count as the same


@dataclass(frozen=True)
class Stage:
    """The settings with which scenes are played.

    Attributes:
        course: the course.
        seed: the seed for everything random.
        device: the device on which to train.
        labels: the numbers of images from which the capstone's classifiers learn.
    """

    course: Course
    seed: int = 0
    device: str = "cpu"
    labels: tuple[int, ...] = LABELS

    def generator(self) -> Generator:
        """A generator of random numbers that are the same on both sides."""
        return Generator().manual_seed(self.seed)


@dataclass(frozen=True)
class Fact:
    """Something that a scene found.

    Attributes:
        label: what was found; both sides use the same label for the same fact.
        value: the value that is compared.
        shown: the value as the table shows it.
        rule: decides whether two values count as the same (None: they are not compared).
        alone: whether the rule needs only the learner's value, and no reference.
    """

    label: str
    value: Any
    shown: str
    rule: Rule | None
    alone: bool = False


@dataclass(frozen=True)
class Keepsake:
    """Data from which a picture is drawn."""

    name: str
    value: Any


Found = Iterator[Fact | Keepsake]
Look = Callable[[Submission, Stage], Found]


@dataclass(frozen=True)
class Scene:
    """A call of a function on one input.

    Attributes:
        task: the name of the function.
        title: the input, in a few words.
        look: calls the function, and yields what it finds.
    """

    task: str
    title: str
    look: Look


def scene(task: str, title: str) -> Callable[[Look], Scene]:
    """A decorator that turns a function that yields facts into a scene."""
    return lambda look: Scene(task, title, look)


def scenes_in(module: ModuleType, stage: Stage, number: str) -> list[Scene]:
    """The scenes of a module, in the order of the exercise's tasks.

    The module either defines the scenes, or has a function `scenes` that makes them for a stage.
    """
    tasks = list(stage.course.exercise(number).tasks)
    make = getattr(module, "scenes", lambda stage: vars(module).values())
    found = [value for value in make(stage) if isinstance(value, Scene)]
    return sorted(found, key=lambda found: tasks.index(found.task))


# ------------------------------------------------------------------------------------- facts


def fact(label: str, value: Any, shown: str | None = None) -> Fact:
    """A fact whose value must be equal on both sides."""
    return Fact(label, value, words(value) if shown is None else shown, lambda a, b: bool(a == b))


def near(label: str, value: float, within: float = NEAR, shown: str | None = None) -> Fact:
    """A number that may differ a little, because of rounding or where the contract allows it."""
    shown = words(value) if shown is None else shown
    return Fact(label, value, shown, lambda a, b: bool(abs(a - b) <= within))


def enough(label: str, value: float, wanted: float) -> Fact:
    """A fraction that must reach a threshold, whatever the reference's value is."""
    return Fact(label, value, f"{value:.1%}", lambda a, _: bool(a >= wanted), alone=True)


def info(label: str, value: Any, shown: str | None = None) -> Fact:
    """Something that the contract does not specify: it is shown but not compared."""
    return Fact(label, value, words(value) if shown is None else shown, None)


def raised(label: str, submission: Submission, function: str, /, *args: Any, **kwargs: Any) -> Fact:
    """Make a call that must raise; the fact is the exception's class.

    Subclasses of ValueError count as ValueError.
    """
    try:
        value = submission.call(function, *args, **kwargs)
    except LearnerError as error:
        if error.own and error.types[0] == "NotImplementedError":
            raise
        name = "ValueError" if "ValueError" in error.types else error.types[0]
        return fact(label, name)
    return fact(label, f"no error: {words(value)}")


class Stopwatch:
    """Measures the seconds since it was created."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def fact(self) -> Fact:
        """The seconds so far, as a fact that is not compared."""
        seconds = time.monotonic() - self.began
        return info("seconds", seconds, f"{seconds:.1f}")


def words(value: Any) -> str:
    """A value as the table shows it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.4g}"
        case str():
            return value
        case torch.Size():
            return str(tuple(value))
        case list():
            return ", ".join(words(item) for item in value) or "none"
        case tuple():
            return f"({', '.join(words(item) for item in value)})"
        case Tensor():
            return f"a tensor of shape {tuple(value.shape)}"
        case Handle():
            return value.type.rpartition(".")[2]
    return str(value)


# ---------------------------------------------------------------- objects that do not cross


def give(submission: Submission, value: object) -> Handle:
    """Pass an object of this process to a learner's function although the codec cannot carry it."""
    key = _runner(submission).keep(value)
    return Handle(submission, key, type(value).__name__, ("callable",), {})


def take(handle: Handle) -> Any:
    """The object for which a handle stands."""
    return _runner(handle.submission).objects[handle.key]


def own_function(submission: Submission, name: str) -> Callable[..., Any]:
    """A function of the learner's module, to be called without the codec."""
    function: Callable[..., Any] = getattr(_runner(submission).load(), name)
    return function


def _runner(submission: Submission) -> Runner:
    assert isinstance(submission.channel, Loopback)  # both sides run in this process
    return submission.channel.runner
