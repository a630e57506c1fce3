"""What checks expect of a value, and how a message tells what came instead."""

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, Final

import numpy as np
import torch
from PIL.Image import Image
from torch import Tensor

_LONG: Final = 60


class Mismatch(AssertionError):
    """What came back is not what the contract promises.

    Attributes:
        got: what came back, in words.
        want: what the contract promises, in words.
        because: the likely reason.
    """

    def __init__(self, got: str, want: str, because: str) -> None:
        self.got = got
        self.want = want
        self.because = because
        super().__init__(f"{got}; expected {want}. {because}")


def expect(condition: object, *, got: object, want: object, because: str) -> None:
    """Raise `Mismatch` unless `condition` holds.

    Args:
        condition: what must be true.
        got: what came back (shown to the learner by visible checks).
        want: what was expected (shown by visible checks).
        because: the likely reason, shown by every check.
    """
    if not condition:
        raise Mismatch(str(got), str(want), because)


def tensor(value: object, name: str) -> Tensor:
    """`value` as a tensor; `Mismatch` when it is none."""
    if not isinstance(value, Tensor):
        raise Mismatch(f"{name} is {shown(value)}", "a tensor", f"{name} must be a torch.Tensor.")
    return value


def number(value: object, name: str) -> float:
    """`value` as a float: a number or something 0-d that holds one; `Mismatch` when it is none."""
    if isinstance(value, Tensor | np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float):
        because = f"{name} must be a number: a float, or a tensor without dimensions."
        raise Mismatch(f"{name} is {shown(value)}", "a float", because)
    return float(value)


def pair(value: object, names: tuple[str, str]) -> tuple[Any, Any]:
    """`value` as a pair: a tuple or a list of two; `Mismatch` when it is none."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        want = f"({names[0]}, {names[1]})"
        because = f"The function must return two values, the pair {want}."
        raise Mismatch(shown(value), want, because)
    return value[0], value[1]


def call_text(function: str, args: Sequence[object], kwargs: Mapping[str, object]) -> str:
    """A call as a learner would write it, long values abridged."""
    parts = [shown(arg) for arg in args]
    parts += [f"{name}={shown(value)}" for name, value in kwargs.items()]
    return f"{function}({', '.join(parts)})"


def shown(value: object) -> str:
    """A value in a few words."""
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, Image):
        return f"an image of {value.width} × {value.height} pixels"
    if is_dataclass(value):
        return f"<{value}>"
    if isinstance(value, torch.device):
        return repr(str(value))
    if isinstance(value, list | tuple) and any(not isinstance(v, int | float | str) for v in value):
        return f"a {type(value).__name__} of {len(value)}"
    text = repr(value)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
