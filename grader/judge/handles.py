"""Handles: the checks' view of objects that live in the runner."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from grader.judge.expectations import Mismatch, shown, tensor

if TYPE_CHECKING:
    from grader.judge.submission import Submission


@dataclass(frozen=True)
class Parameter:
    """A parameter of a model in the runner; equal keys mean the same parameter object."""

    name: str
    shape: tuple[int, ...]
    dtype: torch.dtype
    device: str
    trainable: bool
    key: int


@dataclass(frozen=True)
class Module:
    """A submodule of a model in the runner; `rate` is a Dropout's rate, None for other modules."""

    name: str
    type: str
    training: bool
    linear: bool
    rate: float | None


@dataclass(frozen=True)
class Handle:
    """An object that lives in the runner.

    Attributes:
        submission: the submission that it belongs to.
        key: its identity: the same object always has the same key.
        type: the full name of its class.
        kinds: all that apply of "model", "sequential", "dataset", "subset", "loader", "optimizer",
            "figure", "study", "callable".
        facts: facts that were sent with it (a figure's pictures, a study's trials).
        label: its name in messages.
    """

    submission: "Submission"
    key: int
    type: str
    kinds: tuple[str, ...]
    facts: Mapping[str, Any]
    label: str = field(default="", compare=False)

    def __call__(self, *args: object) -> Any:
        """Call the object, such as a transform."""
        arguments = ", ".join(shown(arg) for arg in args)
        text = f"the returned {self.type.rpartition('.')[2]}({arguments})"
        return self.submission.request("use", text, value=self, args=list(args))

    def items(self) -> list[Any]:
        """Every item of a dataset."""
        return list(self.submission.request("items", "reading the dataset", dataset=self))

    def epoch(self) -> list[Any]:
        """Every batch of one pass over a loader."""
        return list(self.submission.request("epoch", "iterating over the loader", loader=self))

    def __str__(self) -> str:
        return self.label or self.type.rpartition(".")[2]


@dataclass(frozen=True)
class Model(Handle):
    """A model that lives in the runner."""

    def ask(self, operation: str, **fields: Any) -> Any:
        """Send a request about this model and return the answer."""
        return self.submission.request(operation, "using the model", model=self, **fields)

    def parameters(self) -> dict[str, Parameter]:
        """Its parameters by name; a shared parameter is listed once."""
        found = [
            Parameter(**{**item, "shape": tuple(item["shape"])}) for item in self.ask("parameters")
        ]
        return {parameter.name: parameter for parameter in found}

    def trainable(self) -> set[str]:
        """The names of its parameters that require gradients."""
        return {name for name, p in self.parameters().items() if p.trainable}

    def modules(self) -> dict[str, Module]:
        """Its submodules by dotted name, itself as ""; shared ones under each of their names."""
        return {item["name"]: Module(**item) for item in self.ask("modules")}

    def state(self) -> dict[str, Tensor]:
        """Copies of its parameters and buffers by name."""
        return dict(self.ask("state"))

    def logits(
        self, inputs: Tensor, *, training: bool | None = False, device: str | None = None
    ) -> Tensor:
        """Its outputs, without gradients; it is in evaluation mode by default.

        `training` is the mode to use (None: the current one). `device` is where the inputs are
        moved first (None: they stay where they are).
        """
        fields = {"inputs": inputs, "training": training, "device": device}
        return tensor(self.ask("forward", **fields), "the model's output")

    def gradients(self, inputs: Tensor, labels: Tensor) -> dict[str, Tensor | None]:
        """The gradient of the cross-entropy for each parameter; None where there is none."""
        return dict(self.ask("gradients", inputs=inputs, labels=labels))

    def leave_gradients(self, value: float) -> None:
        """Fill its gradients with `value`, as if an earlier pass had left them."""
        self.ask("leave_gradients", value=value)

    def assign(self, values: dict[str, Tensor]) -> None:
        """Set the values of some of its parameters, given by name."""
        self.ask("assign", values=values)

    def set_training(self, flags: dict[str, bool]) -> None:
        """Set the training flags of single submodules."""
        self.ask("set_training", flags=flags)

    def unfreeze(self) -> None:
        """Make every parameter require gradients."""
        self.ask("unfreeze")

    def move(self, device: torch.device) -> None:
        """Move it to a device, which may be the pretended one."""
        self.ask("move", device=device)

    def records(self) -> list[dict[str, Any]]:
        """The calls that its `Recorder`s recorded, one dict per call."""
        return list(self.ask("records"))


@dataclass(frozen=True)
class ParameterReference:
    """A parameter that the learner's code returned; `key` is that of `Parameter`."""

    key: int

    def __str__(self) -> str:
        return "a parameter"


def handle(value: object, kind: str, what: str) -> Handle:
    """`value`, which must be a handle of a certain kind; otherwise `Mismatch`."""
    if not isinstance(value, Handle) or kind not in value.kinds:
        because = f"The function must return {what}: is there a `return`, and what does it return?"
        raise Mismatch(shown(value), what, because)
    return value
