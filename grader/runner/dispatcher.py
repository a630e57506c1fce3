"""The runner: answers the judge's requests about a learner's module.

It holds no check, no expected value and no verdict. It receives one request at a time as a frame,
and answers with one frame: the value, or the error that the learner's code raised.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from grader.protocol import codec
from grader.protocol.optuna_trials import OBJECTIVES, JudgedTrial
from grader.protocol.recipes import RECIPES
from grader.runner.describe import AsHandle, describe_error, facts_of, kinds_of, weights_entry
from grader.runner.operations import Operations

Ask = Callable[[bytes], bytes]


class Runner(Operations):
    """Serves requests about one learner's module.

    Args:
        source: the module's file. It is executed by the first request that needs it.
    """

    def __init__(self, source: Path) -> None:
        super().__init__(source)
        self.ask: Ask = _nobody_to_ask

    def serve(self, request: bytes, ask: Ask) -> bytes:
        """Answer one request; `ask` sends questions of the learner's code to the judge."""
        self.ask = ask
        try:
            message = codec.decode(request, self.restore)
            operation = getattr(self, f"do_{message.pop('operation')}")
            return self.encode({"value": operation(**message)})
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return self.encode({"error": describe_error(error, self.source)})

    def encode(self, value: object) -> bytes:
        """Encode a value as one frame."""
        return codec.encode(value, self.describe)

    def describe(self, value: object) -> tuple[str, dict[str, object]]:
        """Describe an object that stays in the runner as a tag with fields."""
        if isinstance(value, nn.Parameter):
            return "parameter", {"key": self.keep(value)}
        if isinstance(value, torch.device):
            return "device", {"name": str(value)}
        if isinstance(value, torch.dtype):
            return "dtype", {"name": str(value).removeprefix("torch.")}
        if isinstance(value, AsHandle):
            value = value.value
        entry = weights_entry(value)
        if entry is not None:
            return "weights", {"name": entry}
        return "handle", {
            "key": self.keep(value),
            "type": f"{type(value).__module__}.{type(value).__qualname__}",
            "kinds": kinds_of(value),
            "facts": facts_of(value),
        }

    def restore(self, tag: str, fields: dict[str, Any]) -> object:
        """Return the object that a tag from the judge stands for."""
        match tag:
            case "handle" | "parameter":
                return self.objects[fields["key"]]
            case "device":
                return torch.device(fields["name"])
            case "dtype":
                return getattr(torch, fields["name"])
            case "weights":
                from torchvision.models import get_weight

                return get_weight(fields["name"])
            case "trial":
                return JudgedTrial(fields["number"], self.question)
            case "objective":
                return OBJECTIVES[fields["name"]]
        return RECIPES[tag](**fields).build()

    def question(self, **message: object) -> Any:
        """Ask the judge something in the middle of a call, as an Optuna trial does."""
        answer = codec.decode(self.ask(self.encode(message)), self.restore)
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["value"]


def _nobody_to_ask(question: bytes) -> bytes:
    raise RuntimeError("no request is being served")
