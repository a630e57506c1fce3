"""Compares values with what checks expect, and describes mismatches."""

from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, Final

import numpy as np
import torch
from PIL.Image import Image
from torch import Tensor

_LONG: Final = 60


class Mismatch(AssertionError):
    """A returned value is not what the contract promises.

    Attributes:
        got: a description of the returned value.
        want: a description of the promised value.
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
        condition: the condition that must be true.
        got: the returned value; only visible checks show it to the learner.
        want: the expected value; only visible checks show it.
        because: the likely reason, which every check shows.
    """
    if not condition:
        raise Mismatch(str(got), str(want), because)


def tensor(value: object, name: str) -> Tensor:
    """`value`, which must be a tensor; otherwise `Mismatch`."""
    if not isinstance(value, Tensor):
        raise Mismatch(f"{name} is {shown(value)}", "a tensor", f"{name} must be a torch.Tensor.")
    return value


def number(value: object, name: str) -> float:
    """`value` as a float; `Mismatch` unless it is a number or a 0-d tensor or array of one."""
    if isinstance(value, Tensor | np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float):
        because = f"{name} must be a number: a float, or a tensor without dimensions."
        raise Mismatch(f"{name} is {shown(value)}", "a float", because)
    return float(value)


def pair(value: object, names: tuple[str, str]) -> tuple[Any, Any]:
    """`value` as a pair; `Mismatch` unless it is a tuple or a list of two."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        want = f"({names[0]}, {names[1]})"
        because = f"The function must return two values, the pair {want}."
        raise Mismatch(shown(value), want, because)
    return value[0], value[1]


def call_text(function: str, args: Sequence[object], kwargs: Mapping[str, object]) -> str:
    """A call as a learner would write it, with long values shortened."""
    parts = [shown(arg) for arg in args]
    parts += [f"{name}={shown(value)}" for name, value in kwargs.items()]
    return f"{function}({', '.join(parts)})"


def shown(value: object) -> str:
    """A short description of a value."""
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
