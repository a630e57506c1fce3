"""Describes, for the judge, objects that stay in the runner and exceptions of learners' code."""

import sys
import traceback
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset

from grader.protocol.optuna_trials import describe_study


class AsHandle:
    """A value that is sent as a handle even when it is plain data."""

    def __init__(self, value: object) -> None:
        self.value = value


def describe_error(error: BaseException, source: Path) -> dict[str, object]:
    """Describe an exception as plain data: class names, text, and lines of the learner's file.

    The innermost line comes last. "own" says whether the learner's own code raised the exception.
    """
    frames = traceback.extract_tb(error.__traceback__)
    lines = [
        {"line": frame.lineno, "function": frame.name, "code": frame.line or ""}
        for frame in frames
        if frame.filename == str(source)
    ]
    if isinstance(error, SyntaxError) and error.filename == str(source):
        text = (error.text or "").strip()
        lines.append({"line": error.lineno, "function": "", "code": text})
    try:
        message = str(error.msg if isinstance(error, SyntaxError) else error)
    except Exception:
        message = "(its text cannot be shown)"
    return {
        "types": [cls.__name__ for cls in type(error).__mro__],
        "message": message[:2000],
        "lines": lines[-5:],
        "own": bool(frames) and frames[-1].filename == str(source),
    }


def weights_entry(value: object) -> str | None:
    """The full name of a weights entry; None for any other value."""
    from torchvision.models import WeightsEnum

    return str(value) if isinstance(value, WeightsEnum) else None


def kinds_of(value: object) -> list[str]:
    """The kinds of an object, in the words that checks use, such as "model" or "loader"."""
    classes: dict[str, type] = {
        "model": nn.Module,
        "sequential": nn.Sequential,
        "subset": Subset,
        "dataset": Dataset,
        "loader": DataLoader,
        "optimizer": torch.optim.Optimizer,
    }
    if "matplotlib.figure" in sys.modules:
        classes["figure"] = sys.modules["matplotlib.figure"].Figure
    if "optuna" in sys.modules:
        classes["study"] = sys.modules["optuna"].Study
    kinds = [kind for kind, cls in classes.items() if isinstance(value, cls)]
    return [*kinds, "callable"] if callable(value) else kinds


def facts_of(value: object) -> dict[str, Any]:
    """The facts about an object that are sent along with its handle."""
    kinds = kinds_of(value)
    if "subset" in kinds or "dataset" in kinds:
        return {"length": len(value)}  # type: ignore[arg-type]
    if isinstance(value, DataLoader):
        return {"workers": value.num_workers}
    if isinstance(value, torch.optim.Optimizer):
        return {"groups": [_describe_group(group) for group in value.param_groups]}
    if "figure" in kinds:
        from grader.runner.figure_facts import describe_figure

        return describe_figure(value)
    if "study" in kinds:
        return describe_study(value)
    return {}


def _describe_group(group: dict[str, Any]) -> dict[str, Any]:
    """The keys of the parameters in an optimizer's group, and its learning rate."""
    return {"keys": [id(parameter) for parameter in group["params"]], "lr": group["lr"]}
