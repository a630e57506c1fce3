"""Reads the weights of the course's backbone from torch's hub cache; never downloads anything."""

from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Final
from urllib.parse import urlparse

import torch
from torch import Tensor
from torchvision.models import WeightsEnum, get_model_weights

import grader.materials.backbone  # noqa: F401 (registers it in torchvision)
from grader.common.errors import KitError, UserError
from grader.course.settings import FILE_NAME, Backbone
from grader.protocol.codec import Bounds

_FETCH: Final = "`grader prepare`, with a network or with `--from-bundle FILE`"
_MIB: Final = 1 << 20


@dataclass(frozen=True)
class Checkpoint:
    """The content of a weights file.

    Attributes:
        file_name: the file's name in the hub cache.
        state: the tensors by name.
        versions: the version of each module's format, by the module's dotted name.
    """

    file_name: str
    state: dict[str, Tensor]
    versions: dict[str, int]


def find_entry(backbone: Backbone) -> WeightsEnum | None:
    """The weights entry that the course names; None for random initialisation.

    Raises:
        UserError: when torchvision has no such model, or the model has no such entry.
    """
    try:
        entries = get_model_weights(backbone.name)
    except ValueError:
        raise UserError(f"{FILE_NAME}: `backbone.name`: no model {backbone.name!r}") from None
    if backbone.weights is None:
        return None
    try:
        return entries[backbone.weights]
    except KeyError:
        known = ", ".join(entries.__members__)
        problem = f"{backbone.name} has no entry {backbone.weights!r} (it has {known})"
        raise UserError(f"{FILE_NAME}: `backbone.weights`: {problem}") from None


def cached_file(entry: WeightsEnum) -> Path:
    """The path at which torchvision expects an entry's file, which need not exist."""
    return Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(entry.url).path).name


def read_checkpoint(
    backbone: Backbone, entry: WeightsEnum, *, scratch_mib: int
) -> Checkpoint | None:
    """The content of an entry's file; None when a Python package contains the weights.

    Args:
        backbone: the course's backbone.
        entry: the weights entry.
        scratch_mib: how much a submission may write; it gets a copy of the file.

    Raises:
        KitError: when the file is missing or cannot be used, or those of the package.
    """
    if type(entry).get_state_dict is not WeightsEnum.get_state_dict:
        entry.get_state_dict()
        return None
    path = cached_file(entry)
    if not path.is_file():
        raise KitError(
            f"the weights {entry.name} of {backbone.name} are missing: {path} is not there; "
            f"run {_FETCH}"
        )
    if path.stat().st_size > min((scratch_mib - 1) * _MIB, Bounds().blob_bytes):
        raise KitError(
            f"{path.name} does not fit into the {scratch_mib} MiB that a submission may write: "
            f"raise `scratch_mib` of this exercise in {FILE_NAME}, or choose a smaller backbone"
        )
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        state = {str(name): tensor.detach() for name, tensor in content.items()}
    except (RuntimeError, EOFError, UnpicklingError, AttributeError):
        raise KitError(f"{path} is not a weights file: run {_FETCH}") from None
    metadata = getattr(content, "_metadata", {})
    versions = {name: part["version"] for name, part in metadata.items() if "version" in part}
    return Checkpoint(path.name, state, versions)
