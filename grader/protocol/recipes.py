"""Recipes: descriptions of models, loaders and optimizers that cross the border as plain data.

A check sends a recipe to the runner, which builds the object. The check can build the same object
on its own side, with the same random weights, to compare results.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

import torch
import torchvision
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.data import DataLoader, TensorDataset

from grader.protocol.networks import NETWORKS


class _WithoutFilling(TorchFunctionMode):
    """Leaves new tensors uninitialised: where no values are needed, filling takes most time."""

    FILLING: Final = {
        *(torch.Tensor.normal_, torch.Tensor.uniform_, torch.Tensor.fill_),
        *(nn.init.kaiming_uniform_, nn.init.uniform_, nn.init.normal_, nn.init.constant_),
    }

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        named = kwargs or {}
        if func in self.FILLING:
            return args[0] if args else named["tensor"]
        return func(*args, **named)


@dataclass(frozen=True)
class Network:
    """A model: one of `NETWORKS`, or a name in torchvision's registry (random weights).

    Attributes:
        name: the network's name.
        options: the arguments of its constructor.
        seed: the seed of its random weights; judge and runner get the same weights.
        device: "cpu", or "meta" for a model without values, which takes no time at any size.
        dtype: the dtype of its floating-point parameters.
        frozen: the dotted names of submodules and parameters that do not require gradients.
        filled: whether its weights are initialised; otherwise their values are arbitrary.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str = "cpu"
    dtype: str = "float32"
    frozen: Sequence[str] = ()
    filled: bool = True

    def build(self) -> nn.Module:
        """The model, in training mode."""
        empty = self.device == "meta" or not self.filled
        skip = _WithoutFilling() if empty else nullcontext()
        with torch.random.fork_rng(devices=[]), torch.device(self.device), skip:
            torch.default_generator.manual_seed(self.seed)  # unlike `manual_seed`, no other device
            model: nn.Module
            if self.name in NETWORKS:
                model = NETWORKS[self.name](**self.options)
            else:
                model = torchvision.models.get_model(self.name, weights=None, **self.options)
        model.to(getattr(torch, self.dtype))
        for name, parameter in model.named_parameters():
            if any(f"{name}.".startswith(f"{prefix}.") for prefix in self.frozen):
                parameter.requires_grad = False
        return model

    def __str__(self) -> str:
        return self.name if self.name not in NETWORKS else "a small network"


@dataclass(frozen=True)
class Tensors:
    """A dataset: `TensorDataset(*tensors)`, whose items are tuples of rows."""

    tensors: Sequence[Tensor]

    def build(self) -> TensorDataset:
        """The dataset."""
        return TensorDataset(*self.tensors)

    def __str__(self) -> str:
        return f"a dataset of {len(self.tensors[0])}"


@dataclass(frozen=True)
class Loader:
    """A `DataLoader` over `TensorDataset(images, labels)` that keeps a shorter last batch."""

    images: Tensor
    labels: Tensor
    batch_size: int
    shuffle: bool = False

    def build(self) -> DataLoader[tuple[Tensor, ...]]:
        """The loader."""
        dataset = TensorDataset(self.images, self.labels)
        return DataLoader(dataset, batch_size=self.batch_size, shuffle=self.shuffle)

    def __str__(self) -> str:
        return f"a loader of {len(self.images)} images in batches of {self.batch_size}"


@dataclass(frozen=True)
class Loss:
    """A loss function from `torch.nn`."""

    name: str = "CrossEntropyLoss"
    options: dict[str, Any] = field(default_factory=dict)

    def build(self) -> nn.Module:
        """The loss function."""
        loss: nn.Module = getattr(nn, self.name)(**self.options)
        return loss

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Optimizer:
    """An optimizer from `torch.optim`.

    Attributes:
        name: the name of its class.
        of: the parameter groups, or a model whose parameters are all optimised.
        options: its other arguments.
    """

    name: str
    of: Any
    options: dict[str, Any] = field(default_factory=dict)

    def build(self) -> torch.optim.Optimizer:
        """The optimizer."""
        parameters = self.of.parameters() if isinstance(self.of, nn.Module) else self.of
        optimizer: torch.optim.Optimizer = getattr(torch.optim, self.name)(
            parameters, **self.options
        )
        return optimizer

    def __str__(self) -> str:
        return self.name


Recipe = Network | Tensors | Loader | Loss | Optimizer
RECIPES: Final = {cls.__name__: cls for cls in (Network, Tensors, Loader, Loss, Optimizer)}
