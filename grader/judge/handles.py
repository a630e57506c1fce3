"""What lives on the learner's side, as checks see it from here."""

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
    """A parameter of a model on the learner's side; `key` tells whether two are the same one."""

    name: str
    shape: tuple[int, ...]
    dtype: torch.dtype
    device: str
    trainable: bool
    key: int


@dataclass(frozen=True)
class Module:
    """A submodule on the learner's side; `rate` is the rate of a Dropout, None for others."""

    name: str
    type: str
    training: bool
    linear: bool
    rate: float | None


@dataclass(frozen=True)
class Handle:
    """An object that lives on the learner's side.

    Attributes:
        key: its identity there: the same object has the same key.
        type: its class, in full.
        kinds: what it is: "model", "sequential", "dataset", "subset", "loader", "optimizer",
            "figure", "study", "callable".
        facts: what is known of it at once (a figure's pictures, a study's trials).
        label: what messages call it.
    """

    submission: "Submission"
    key: int
    type: str
    kinds: tuple[str, ...]
    facts: Mapping[str, Any]
    label: str = field(default="", compare=False)

    def __call__(self, *args: object) -> Any:
        """Call the object, a transform say."""
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
    """A model that lives on the learner's side."""

    def ask(self, operation: str, **fields: Any) -> Any:
        """The answer to a request about this model."""
        return self.submission.request(operation, "using the model", model=self, **fields)

    def parameters(self) -> dict[str, Parameter]:
        """Its parameters by name, each shared one once."""
        found = [
            Parameter(**{**item, "shape": tuple(item["shape"])}) for item in self.ask("parameters")
        ]
        return {parameter.name: parameter for parameter in found}

    def trainable(self) -> set[str]:
        """The names of its parameters that require gradients."""
        return {name for name, p in self.parameters().items() if p.trainable}

    def modules(self) -> dict[str, Module]:
        """Its submodules by dotted name, itself as ""; a shared one under each of its names."""
        return {item["name"]: Module(**item) for item in self.ask("modules")}

    def state(self) -> dict[str, Tensor]:
        """Copies of its parameters and buffers by name."""
        return dict(self.ask("state"))

    def logits(
        self, inputs: Tensor, *, training: bool | None = False, device: str | None = None
    ) -> Tensor:
        """Its outputs, in evaluation mode unless told otherwise (None: as it is).

        `device` is where the inputs go first (None: nowhere).
        """
        fields = {"inputs": inputs, "training": training, "device": device}
        return tensor(self.ask("forward", **fields), "the model's output")

    def gradients(self, inputs: Tensor, labels: Tensor) -> dict[str, Tensor | None]:
        """The gradient of the cross-entropy for each parameter, None where none arrives."""
        return dict(self.ask("gradients", inputs=inputs, labels=labels))

    def leave_gradients(self, value: float) -> None:
        """Fill its gradients with `value`, as if an earlier pass had left them."""
        self.ask("leave_gradients", value=value)

    def assign(self, values: dict[str, Tensor]) -> None:
        """Give some of its parameters new values, by name."""
        self.ask("assign", values=values)

    def set_training(self, flags: dict[str, bool]) -> None:
        """Set the training flags of single submodules."""
        self.ask("set_training", flags=flags)

    def unfreeze(self) -> None:
        """Let every parameter require gradients."""
        self.ask("unfreeze")

    def move(self, device: torch.device) -> None:
        """Move it to a device, the pretended one included."""
        self.ask("move", device=device)

    def records(self) -> list[dict[str, Any]]:
        """What its `Recorder`s saw, one dict per call."""
        return list(self.ask("records"))


@dataclass(frozen=True)
class ParameterReference:
    """A parameter that came back from the learner's side: `key` as in `Parameter`."""

    key: int

    def __str__(self) -> str:
        return "a parameter"


def handle(value: object, kind: str, what: str) -> Handle:
    """`value` as a handle of a certain kind; `Mismatch` when it is none."""
    if not isinstance(value, Handle) or kind not in value.kinds:
        because = f"The function must return {what}: is there a `return`, and what does it return?"
        raise Mismatch(shown(value), what, because)
    return value
