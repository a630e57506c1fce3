"""The checks' view of a learner's code.

A check calls the learner's functions by name, with plain values, recipes and handles of what lives
on the learner's side, and looks at what comes back:

    model = submission.build(Network("resnet18"))
    swapped = submission.call("swap_head", model, num_classes=7)
    assert swapped.parameters()["fc.weight"].shape == (7, 512)

Every value crosses through the codec, whether the learner's side is this process or another one, so
no check can rely on what would not cross.
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

# What is kept of an error, however much a submission sends.
LONGEST_TEXT: Final = 2000
LONGEST_NAME: Final = 200
MOST_BASES: Final = 50
# A trial asks for some ten values, and once or twice an epoch.
MOST_QUESTIONS: Final = 1000
QUESTION: Final = codec.Bounds(json_bytes=64 << 10, blob_bytes=0)


class LearnerError(Exception):
    """The learner's code raised an exception.

    Attributes:
        call: the call that raised, as text.
        types: names of the exception's class and its bases.
        message: the exception's text.
        lines: where in the learner's file, as dicts of line, function and code, innermost last.
        own: whether the learner's own file raised it, rather than something that it called.
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
        channel: the way to the learner's side.
        file_name: the module's file, for messages.

    Attributes:
        last_call: the latest call of a learner's function, as text.
        requests: how many requests were sent.
        draws: how examples are drawn for the check that runs.
        example: what was drawn for the example that runs, by name.
    """

    def __init__(self, channel: Channel, file_name: str) -> None:
        self.channel = channel
        self.file_name = file_name
        self.begin_check(Draws())

    def begin_check(self, draws: Draws) -> None:
        """A check begins, which draws its examples so."""
        self.last_call, self.requests = "", 0
        self.draws = draws
        self.example: Mapping[str, object] = {}

    def begin_example(self, drawn: Mapping[str, object], seed: int) -> None:
        """An example begins: nothing is left of the one before, random numbers start at a seed."""
        self.example = drawn
        self.reset()
        self.seed(seed)

    def call(self, function: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a function of the learner's module; `LearnerError` when it raises."""
        self.last_call = call_text(function, args, kwargs)
        fields = {"function": function, "args": list(args), "kwargs": kwargs}
        return self.request("call", self.last_call, **fields)

    def raises(self, error: str, function: str, /, *args: Any, because: str, **kwargs: Any) -> str:
        """Call a function that must raise `error` or a subclass; gives the exception's text."""
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
        """Give the check that runs another budget than its exercise's, in seconds."""
        self.channel.allow(seconds)

    def returned_device(self) -> str:
        """Where the tensor lives that the last call returned ("" when it was none)."""
        return str(self.request("returned_device", "looking at what came back"))

    def build(self, recipe: Recipe) -> Any:
        """Build a recipe on the learner's side: a `Model` for a network, else a `Handle`."""
        built: Handle = self.request("keep", f"building {recipe}", value=recipe)
        return replace(built, label=str(recipe))

    def seed(self, seed: int) -> None:
        """Seed all global random generators on the learner's side."""
        self.request("seed", "seeding", seed=seed)

    def random_state(self) -> Tensor:
        """The state of torch's global random generator there."""
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
        """Put a checkpoint where torch's hub cache would have it, until the check ends.

        Args:
            file_name: what the cache calls it: the last part of the weights entry's address.
            state: its tensors.
            versions: of each module's format, by dotted name; MNASNet needs its own.
        """
        fields = {"file_name": file_name, "state": dict(state), "versions": dict(versions or {})}
        self.request("install_weights", f"installing {file_name}", **fields)

    def register_backbone(self, first: Mapping[str, Tensor], default: Mapping[str, Tensor]) -> None:
        """Register `invented.NAME` in torchvision on the learner's side, until the check ends.

        Args:
            first: the state of its first weights entry.
            default: the state of its second one, which is DEFAULT.
        """
        states = {"first": dict(first), "default": dict(default)}
        self.request("register_backbone", f"registering {NAME}", **states)

    def storage(self, kind: str) -> Handle:
        """A new place for Optuna's studies: a URL ("url") or an object ("object"), both empty.

        "unfinished" is an object, too, with one trial that is running in a study "fashion".
        """
        storage: Handle = self.request("storage", "making a storage", kind=kind)
        return storage

    def reset(self) -> None:
        """Forget all handles: the check is over."""
        self.request("reset", "cleaning up")

    def request(self, operation: str, text: str, /, **message: Any) -> Any:
        """Send one request; `text` says in an error message what was going on."""
        self.requests += 1
        trials = [value for value in message.get("args", []) if isinstance(value, ScriptedTrial)]
        left = iter(range(MOST_QUESTIONS))

        def answer(question: bytes) -> bytes:
            if next(left, None) is None:  # what is asked is remembered: that must not grow on
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
        """What a tag from the learner's side stands for here; `FrameError` when for nothing."""
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
    """The facts of an error, in the form that `LearnerError` and the messages rely on."""
    match facts:
        case {"types": [str(), *_], "message": str(), "lines": list(lines), "own": bool()} if all(
            isinstance(line, dict) and {"line", "function", "code"} <= line.keys() for line in lines
        ):
            return facts  # type: ignore[no-any-return]
    raise codec.FrameError("an error has types, a message, lines and says whose it is")


def _describe(value: object) -> tuple[str, dict[str, object]]:
    """What the judge may send beside plain values."""
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
