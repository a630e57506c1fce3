"""The checks' view of a learner's code.

A check calls the learner's functions by name, with plain values, recipes and handles of objects in
the runner, and examines what they return:

    model = submission.build(Network("resnet18"))
    swapped = submission.call("swap_head", model, num_classes=7)
    assert swapped.parameters()["fc.weight"].shape == (7, 512)

Every value passes through the codec, whether the runner is in this process or another one, so no
check can rely on anything that could not cross the border.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

import torch
from torch import Tensor

from grader.judge.example_text import Draws
from grader.judge.expectations import Mismatch, call_text, expect, shown, tensor
from grader.judge.handles import Handle, Model, ParameterReference
from grader.materials.backbone.invented import NAME
from grader.protocol import codec
from grader.protocol.channel import Channel
from grader.protocol.optuna_trials import Objective, ScriptedTrial
from grader.protocol.recipes import Recipe

# Bounds on what is kept of an error, however much a submission sends.
LONGEST_TEXT: Final = 2000
LONGEST_NAME: Final = 200
MOST_BASES: Final = 50
# The most questions per request; a real trial asks about ten times, and once or twice per epoch.
MOST_QUESTIONS: Final = 1000
QUESTION: Final = codec.Bounds(json_bytes=64 << 10, blob_bytes=0)


class LearnerError(Exception):
    """The learner's code raised an exception.

    Attributes:
        call: the call that raised, as text.
        types: the names of the exception's class and its bases.
        message: the exception's text.
        lines: the traceback's lines in the learner's file, as dicts with "line", "function" and
            "code", the innermost last.
        own: whether the learner's own file raised it, rather than a library that it called.
    """

    def __init__(self, call: str, facts: Mapping[str, Any]) -> None:
        self.call = call
        self.types = [str(name)[:LONGEST_NAME] for name in facts["types"][:MOST_BASES]]
        self.message = str(facts["message"])[:LONGEST_TEXT]
        self.lines: list[dict[str, Any]] = list(facts["lines"])
        self.own = bool(facts["own"])
        super().__init__(f"{call} raised {self.types[0]}: {self.message}")


class Submission:
    """A learner's module, seen through a channel.

    Args:
        channel: the channel to the runner.
        file_name: the name of the module's file, for messages.

    Attributes:
        last_call: the latest call of a learner's function, as text.
        requests: the number of requests sent during the running check.
        draws: how examples are drawn for the running check.
        example: the values that were drawn for the running example, by name.
    """

    def __init__(self, channel: Channel, file_name: str) -> None:
        self.channel = channel
        self.file_name = file_name
        self.begin_check(Draws())

    def begin_check(self, draws: Draws) -> None:
        """Begin a check, which draws its examples as `draws` says."""
        self.last_call, self.requests = "", 0
        self.draws = draws
        self.example: Mapping[str, object] = {}

    def begin_example(self, drawn: Mapping[str, object], seed: int) -> None:
        """Begin an example: forget the objects of the previous one, and seed random generators."""
        self.example = drawn
        self.reset()
        self.seed(seed)

    def call(self, function: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a function of the learner's module; `LearnerError` when it raises."""
        self.last_call = call_text(function, args, kwargs)
        fields = {"function": function, "args": list(args), "kwargs": kwargs}
        return self.request("call", self.last_call, **fields)

    def raises(self, error: str, function: str, /, *args: Any, because: str, **kwargs: Any) -> str:
        """Call a function that must raise `error` or a subclass; returns the exception's text."""
        try:
            value = self.call(function, *args, **kwargs)
        except LearnerError as raised:
            if error in raised.types:
                return raised.message
            if raised.types[0] == "NotImplementedError":
                raise
            got = f"{raised.types[0]}: {raised.message}"
            raise Mismatch(got, f"a {error}", because) from None
        raise Mismatch(f"{shown(value)}, without an error", f"a {error}", because)

    def model(self, function: str, /, *args: Any, **kwargs: Any) -> Model:
        """Call a function that must return a model."""
        value = self.call(function, *args, **kwargs)
        because = f"`{function}` must return a model, an nn.Module: is there a `return`, and what "
        because += "does it return?"
        expect(isinstance(value, Model), got=shown(value), want="an nn.Module", because=because)
        return value  # type: ignore[no-any-return]

    def allow(self, seconds: int) -> None:
        """Change the running check's budget of CPU seconds."""
        self.channel.allow(seconds)

    def returned_device(self) -> str:
        """The device of the tensor that the last call returned; "" when it was not a tensor."""
        return str(self.request("returned_device", "looking at what came back"))

    def build(self, recipe: Recipe) -> Any:
        """Build a recipe in the runner; returns a `Model` for a network, else a `Handle`."""
        built: Handle = self.request("keep", f"building {recipe}", value=recipe)
        return replace(built, label=str(recipe))

    def seed(self, seed: int) -> None:
        """Seed all global random generators of the runner."""
        self.request("seed", "seeding", seed=seed)

    def random_state(self) -> Tensor:
        """The state of torch's global random generator in the runner."""
        return tensor(self.request("random_state", "looking at the random state"), "the state")

    @contextmanager
    def optimizer_steps(self) -> Iterator[list[dict[str, Any]]]:
        """Record the steps of all optimizers during the block; the list is filled at its end."""
        steps: list[dict[str, Any]] = []
        self.request("watch_optimizers", "watching optimizers")
        yield steps
        steps.extend(self.request("optimizer_steps", "watching optimizers"))

    def install_weights(
        self,
        file_name: str,
        state: Mapping[str, Tensor],
        versions: Mapping[str, int] | None = None,
    ) -> None:
        """Put a checkpoint into torch's hub cache in the runner, until the check ends.

        Args:
            file_name: the file's name in the cache: the last part of the weights entry's address.
            state: the tensors by name.
            versions: the version of each module's format, by dotted name; MNASNet needs its own.
        """
        fields = {"file_name": file_name, "state": dict(state), "versions": dict(versions or {})}
        self.request("install_weights", f"installing {file_name}", **fields)

    def register_backbone(self, first: Mapping[str, Tensor], default: Mapping[str, Tensor]) -> None:
        """Register `invented.NAME` in the runner's torchvision, until the check ends.

        Args:
            first: the state of its first weights entry.
            default: the state of its second one, which is DEFAULT.
        """
        states = {"first": dict(first), "default": dict(default)}
        self.request("register_backbone", f"registering {NAME}", **states)

    def storage(self, kind: str) -> Handle:
        """Create empty storage for Optuna's studies: a URL ("url") or an object ("object").

        "unfinished" is an object, too, but not empty: its study "fashion" has one running trial.
        """
        storage: Handle = self.request("storage", "making a storage", kind=kind)
        return storage

    def reset(self) -> None:
        """Make the runner forget all objects and undo its changes, when a check or example ends."""
        self.request("reset", "cleaning up")

    def request(self, operation: str, text: str, /, **message: Any) -> Any:
        """Send one request; `text` describes it in error messages."""
        self.requests += 1
        trials = [value for value in message.get("args", []) if isinstance(value, ScriptedTrial)]
        left = iter(range(MOST_QUESTIONS))

        def answer(question: bytes) -> bytes:
            if next(left, None) is None:  # every question is recorded, so there must be a limit
                return codec.encode({"error": "too many questions"}, _describe)
            return self._answer(question, trials)

        frame = codec.encode({"operation": operation, **message}, _describe)
        reply = codec.decode(self.channel.exchange(frame, answer), self._restore)
        match reply:
            case {"error": facts}:
                raise LearnerError(text, _checked_facts(facts))
            case {"value": value}:
                return value
        raise codec.FrameError("a reply holds a value or an error")

    def _answer(self, question: bytes, trials: Sequence[ScriptedTrial]) -> bytes:
        try:
            message = codec.decode(question, self._restore, QUESTION)
            [trial] = trials
            reply = {"value": trial.answer(**message)}
        except (KeyError, TypeError, ValueError, codec.FrameError) as error:
            reply = {"error": str(error)}
        return codec.encode(reply, _describe)

    def _restore(self, tag: str, fields: dict[str, Any]) -> object:
        """The object that a tag from the runner stands for; `FrameError` for an invalid tag."""
        try:
            return self._stands_for(tag, fields)
        except (
            *(ArithmeticError, AttributeError, LookupError),
            *(RuntimeError, TypeError, ValueError),
        ) as error:
            raise codec.FrameError(f"a {tag!r} came with wrong fields: {error}") from None

    def _stands_for(self, tag: str, fields: dict[str, Any]) -> object:
        match tag:
            case "handle":
                kind = Model if "model" in fields["kinds"] else Handle
                return kind(
                    submission=self,
                    key=int(fields["key"]),
                    type=str(fields["type"]),
                    kinds=tuple(fields["kinds"]),
                    facts=dict(fields["facts"]),
                )
            case "parameter":
                return ParameterReference(int(fields["key"]))
            case "device":
                return torch.device(fields["name"])
            case "dtype":
                return codec.DTYPES[fields["name"]]
            case "weights":
                from torchvision.models import get_weight

                return get_weight(fields["name"])
        raise codec.FrameError(f"the learner's side may not send {tag!r}")


def _checked_facts(facts: Any) -> Mapping[str, Any]:
    """The facts of an error; `FrameError` unless they have the form that `LearnerError` needs."""
    match facts:
        case {"types": [str(), *_], "message": str(), "lines": list(lines), "own": bool()} if all(
            isinstance(line, dict) and {"line", "function", "code"} <= line.keys() for line in lines
        ):
            return facts  # type: ignore[no-any-return]
    raise codec.FrameError("an error has types, a message, lines and says whose it is")


def _describe(value: object) -> tuple[str, dict[str, object]]:
    """Describe a value that is not plain, as a tag with fields, if the judge may send it."""
    if isinstance(value, Handle | ParameterReference):
        return "handle", {"key": value.key}
    if isinstance(value, ScriptedTrial):
        return "trial", {"number": value.number}
    if isinstance(value, Objective):
        return "objective", {"name": value.name}
    if isinstance(value, torch.device):
        return "device", {"name": str(value)}
    if isinstance(value, torch.dtype):
        return "dtype", {"name": str(value).removeprefix("torch.")}
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, {f.name: getattr(value, f.name) for f in fields(value)}
    entry = getattr(value, "__class__", None)
    if entry is not None and entry.__name__.endswith("_Weights"):
        return "weights", {"name": str(value)}
    raise codec.FrameError(f"a {type(value).__name__} cannot be sent to the learner's side")
