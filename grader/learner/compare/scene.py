"""Scenes: one look at a function of the learner's, and the facts that it finds.

A scene's function runs once on each side and yields facts, which are compared by their labels:

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
LABELS: Final = (100, 300, 1000)
Rule = Callable[[Any, Any], bool]  # (yours, the reference's) → whether that is the same


@dataclass(frozen=True)
class Stage:
    """What scenes are played with.

    Attributes:
        course: the course.
        seed: of everything that is drawn.
        device: where to train.
        labels: from how many images the capstone learns.
    """

    course: Course
    seed: int = 0
    device: str = "cpu"
    labels: tuple[int, ...] = LABELS

    def generator(self) -> Generator:
        """Random numbers, the same ones on both sides."""
        return Generator().manual_seed(self.seed)


@dataclass(frozen=True)
class Fact:
    """Something that a scene found.

    Attributes:
        label: what it is; the same fact of the other side has the same one.
        value: what is compared.
        shown: how the table shows it.
        rule: when two of them are the same; None: never compared, for information only.
        alone: whether the rule judges the learner's by itself, and needs no reference.
    """

    label: str
    value: Any
    shown: str
    rule: Rule | None
    alone: bool = False


@dataclass(frozen=True)
class Keepsake:
    """Something that pictures are drawn from."""

    name: str
    value: Any


Found = Iterator[Fact | Keepsake]
Look = Callable[[Submission, Stage], Found]


@dataclass(frozen=True)
class Scene:
    """One look at a function.

    Attributes:
        task: the function.
        title: the input, in a few words.
        look: yields what it finds.
    """

    task: str
    title: str
    look: Look


def scene(task: str, title: str) -> Callable[[Look], Scene]:
    """Make a scene of a function that yields facts."""
    return lambda look: Scene(task, title, look)


def scenes_in(module: ModuleType, stage: Stage, number: str) -> list[Scene]:
    """The scenes of a module, those of the first task first.

    They stand in the module, or its function `scenes` makes them for a stage.
    """
    tasks = list(stage.course.exercise(number).tasks)
    make = getattr(module, "scenes", lambda stage: vars(module).values())
    found = [value for value in make(stage) if isinstance(value, Scene)]
    return sorted(found, key=lambda found: tasks.index(found.task))


# ------------------------------------------------------------------------------------- facts


def fact(label: str, value: Any, shown: str | None = None) -> Fact:
    """Something that must be equal on both sides."""
    return Fact(label, value, words(value) if shown is None else shown, lambda a, b: bool(a == b))


def near(label: str, value: float, within: float = NEAR, shown: str | None = None) -> Fact:
    """A number that must be the same but for rounding, or for a legal freedom."""
    shown = words(value) if shown is None else shown
    return Fact(label, value, shown, lambda a, b: bool(abs(a - b) <= within))


def enough(label: str, value: float, wanted: float) -> Fact:
    """A fraction that must reach a threshold, whatever the reference gets."""
    return Fact(label, value, f"{value:.1%}", lambda a, _: bool(a >= wanted), alone=True)


def info(label: str, value: Any, shown: str | None = None) -> Fact:
    """Something that the contract leaves free: shown, never compared."""
    return Fact(label, value, words(value) if shown is None else shown, None)


def raised(label: str, submission: Submission, function: str, /, *args: Any, **kwargs: Any) -> Fact:
    """A call that must raise: the class of the exception, ValueError for its children too."""
    try:
        value = submission.call(function, *args, **kwargs)
    except LearnerError as error:
        if error.own and error.types[0] == "NotImplementedError":
            raise
        name = "ValueError" if "ValueError" in error.types else error.types[0]
        return fact(label, name)
    return fact(label, f"no error: {words(value)}")


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def fact(self) -> Fact:
        """The seconds so far, for information."""
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
    """An object of this process for a learner's function, which the codec would not carry."""
    key = _runner(submission).keep(value)
    return Handle(submission, key, type(value).__name__, ("callable",), {})


def take(handle: Handle) -> Any:
    """The object itself that a handle stands for."""
    return _runner(handle.submission).objects[handle.key]


def own_function(submission: Submission, name: str) -> Callable[..., Any]:
    """A function of the learner's module itself."""
    function: Callable[..., Any] = getattr(_runner(submission).load(), name)
    return function


def _runner(submission: Submission) -> Runner:
    assert isinstance(submission.channel, Loopback)  # sides are always in this process
    return submission.channel.runner
