"""The operations that the judge may request, with one method `do_…` for each.

None of them judges: the judge itself checks the values that operations return.
"""

import os
import random
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.utils.data import DataLoader, Dataset

import grader.materials.backbone  # noqa: F401 (registers the embedded one in torchvision)
from grader.materials.backbone.invented import forget_invented, register_invented
from grader.protocol.cell_text import split_cells
from grader.protocol.networks import Recorder
from grader.protocol.pretended_device import PRETENDED, PretendedDevice
from grader.runner.cells import Cells
from grader.runner.describe import AsHandle
from grader.runner.import_guard import guarded_builtins

MODULE_NAME: Final = "learner_module"  # private, so that `train.py` or `data.py` shadows no module
HEADLESS: Final = "module://grader.runner.headless_backend"


class Operations:
    """A learner's module, the objects that handles refer to, and the operations on these.

    Args:
        source: the module's file. It is executed by the first operation that needs it.
    """

    def __init__(self, source: Path) -> None:
        self.source = source
        self.module: ModuleType | None = None
        self.cells: Cells | None = None
        self.objects: dict[int, object] = {}
        self.steps: list[dict[str, object]] = []
        self.returned_device = ""
        self.hub_dir = torch.hub.get_dir()
        self.scratch: tempfile.TemporaryDirectory[str] | None = None

    def do_load(self) -> None:
        """Execute the learner's module."""
        self.load()

    def do_call(self, function: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Call a function of the learner's module."""
        target = getattr(self.load(), function, None)
        if not callable(target):
            if self.cells and (error := self.cells.error_of(function)):
                raise error
            raise NameError(f"{self.source.name} defines no function named {function!r}")
        names = {str(value) for value in [*args, *kwargs.values()] if _names_device(value)}
        with PretendedDevice() if str(PRETENDED) in names else nullcontext():
            value = target(*args, **kwargs)
        self.returned_device = str(value.device) if isinstance(value, Tensor) else ""
        return value

    def do_returned_device(self) -> str:
        """The device of the tensor that the last call returned; "" when it was not a tensor."""
        return self.returned_device

    def do_keep(self, value: object) -> Any:
        """Keep a value in the runner and return its handle."""
        return AsHandle(value)

    def do_use(self, value: Callable[..., Any], args: list[Any]) -> Any:
        """Call a callable that the learner's code returned, such as a transform."""
        return value(*args)

    def do_items(self, dataset: Dataset[Any]) -> list[Any]:
        """Every item of a dataset, in order."""
        return [dataset[index] for index in range(len(dataset))]  # type: ignore[arg-type]

    def do_epoch(self, loader: Iterable[Any]) -> list[Any]:
        """Every batch of one pass over a loader, read in this process even if it has workers."""
        if isinstance(loader, DataLoader):
            loader.num_workers = 0  # the sandbox may not allow worker processes
        return list(loader)

    def do_parameters(self, model: nn.Module) -> list[dict[str, Any]]:
        """Describe a model's parameters; a shared parameter is listed once."""
        return [
            {
                "name": name,
                "shape": list(parameter.shape),
                "dtype": parameter.dtype,
                "device": str(parameter.device),
                "trainable": parameter.requires_grad,
                "key": id(parameter),
            }
            for name, parameter in nn.Module.named_parameters(model)
        ]

    def do_modules(self, model: nn.Module) -> list[dict[str, Any]]:
        """Describe every submodule; a shared one is listed under each of its names."""
        return [
            {
                "name": name,
                "type": type(module).__name__,
                "training": module.training,
                "linear": isinstance(module, nn.Linear),
                "rate": float(getattr(module, "p", 0.0)) if _drops(module) else None,
            }
            for name, module in nn.Module.named_modules(model, remove_duplicate=False)
        ]

    def do_state(self, model: nn.Module) -> dict[str, Tensor]:
        """Copies of all parameters and buffers by name."""
        named = [*nn.Module.named_parameters(model), *nn.Module.named_buffers(model)]
        return {name: torch.Tensor.detach(tensor).clone() for name, tensor in named}

    def do_forward(
        self, model: nn.Module, inputs: Tensor, training: bool | None, device: str | None
    ) -> Tensor:
        """The model's outputs, without gradients.

        `training` is the mode to use (None: the current one); it is restored afterwards. `device`
        is where the inputs are moved first (None: they stay where they are).
        """
        flags = {module: module.training for module in model.modules()}
        if training is not None:
            model.train(training)
        with torch.no_grad():
            outputs: Tensor = model(inputs if device is None else inputs.to(device))
        for module, flag in flags.items():
            module.training = flag
        return outputs

    def do_gradients(
        self, model: nn.Module, inputs: Tensor, labels: Tensor
    ) -> dict[str, Tensor | None]:
        """The gradient of the cross-entropy for every parameter; None where there is none."""
        model.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(inputs), labels)
        if loss.requires_grad:
            loss.backward()
        gradients = {name: p.grad for name, p in nn.Module.named_parameters(model)}
        model.zero_grad(set_to_none=True)
        return gradients

    def do_leave_gradients(self, model: nn.Module, value: float) -> None:
        """Fill every gradient with `value`, as if an earlier pass had left it."""
        for parameter in model.parameters():
            parameter.grad = torch.full_like(parameter, value)

    def do_assign(self, model: nn.Module, values: dict[str, Tensor]) -> None:
        """Set the values of parameters, given by dotted name."""
        with torch.no_grad():
            for name, value in values.items():
                model.get_parameter(name).copy_(value)

    def do_set_training(self, model: nn.Module, flags: dict[str, bool]) -> None:
        """Set the training flags of single submodules, given by dotted name."""
        for name, flag in flags.items():
            model.get_submodule(name).training = flag

    def do_unfreeze(self, model: nn.Module) -> None:
        """Make every parameter require gradients."""
        model.requires_grad_(True)

    def do_move(self, model: nn.Module, device: torch.device) -> None:
        """Move a model to a device, which may be the pretended one."""
        with PretendedDevice():
            model.to(device)

    def do_records(self, model: nn.Module) -> list[dict[str, Any]]:
        """The calls that the `Recorder`s in a model recorded."""
        return [call for m in model.modules() if isinstance(m, Recorder) for call in m.calls]

    def do_seed(self, seed: int) -> None:
        """Seed Python's, NumPy's and torch's global random generators."""
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)

    def do_random_state(self) -> Tensor:
        """The state of torch's global random generator."""
        return torch.get_rng_state()

    def do_watch_optimizers(self) -> None:
        """Start recording every step of every optimizer, and discard earlier records."""
        self.steps = []
        if not hasattr(self, "watch"):
            self.watch = register_optimizer_step_pre_hook(self._record_step)

    def do_optimizer_steps(self) -> list[dict[str, Any]]:
        """The steps of all optimizers since `watch_optimizers`."""
        return self.steps

    def do_install_weights(
        self, file_name: str, state: dict[str, Tensor], versions: dict[str, int]
    ) -> None:
        """Put a checkpoint into a temporary hub cache, and make torch use that cache."""
        folder = self.scratch_folder() / "hub" / "checkpoints"
        folder.mkdir(parents=True, exist_ok=True)
        content = OrderedDict(state)
        metadata = {name: {"version": version} for name, version in versions.items()}
        content._metadata = metadata  # type: ignore[attr-defined]  # as `state_dict()` has it
        torch.save(content, folder / file_name)
        torch.hub.set_dir(str(folder.parent))
        self.module = None  # execute it again: it may have cached the entry's earlier weights

    def do_register_backbone(self, first: dict[str, Tensor], default: dict[str, Tensor]) -> None:
        """Register a small backbone with two weights entries in torchvision, for this check."""
        register_invented(first, default)
        self.module = None

    def do_storage(self, kind: str) -> Any:
        """Create empty storage for Optuna's studies: a URL ("url") or an object ("object").

        "unfinished" is an object, too, but not empty: its study "fashion" has one trial that stays
        in the state "running", as after a program was killed.
        """
        if kind == "url":
            return AsHandle(f"sqlite:///{self.scratch_folder() / 'study.db'}")
        import optuna

        storage = optuna.storages.InMemoryStorage()
        if kind == "unfinished":
            study = optuna.create_study(storage=storage, study_name="fashion", direction="maximize")
            study.ask()
        return AsHandle(storage)

    def do_reset(self) -> None:
        """Forget all objects and undo all changes to global state, before the next check."""
        self.objects.clear()
        self.steps = []
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
        if hasattr(self, "watch"):
            self.watch.remove()
            del self.watch
        forget_invented()
        torch.set_grad_enabled(True)
        torch.hub.set_dir(self.hub_dir)
        if self.scratch is not None:
            self.scratch.cleanup()
            self.scratch = None

    def load(self) -> ModuleType:
        """The learner's module, executed once from its own path, under a private name."""
        if self.module is None:
            _draw_without_display()
            content = self.source.read_bytes()
            module = new_module(self.source)
            if split_cells(content):
                sys.modules[MODULE_NAME] = module
                self.cells = Cells(content, str(self.source), module)
            else:
                code = compile(content, str(self.source), "exec", dont_inherit=True)
                sys.modules[MODULE_NAME] = module
                exec(code, module.__dict__)
            self.module = module
        return self.module

    def keep(self, value: object) -> int:
        """Keep an object alive and return its key; the same object always has the same key."""
        self.objects[id(value)] = value
        return id(value)

    def scratch_folder(self) -> Path:
        """A folder for this check's files, removed by `reset`."""
        if self.scratch is None:
            self.scratch = tempfile.TemporaryDirectory(prefix="grader-")
        return Path(self.scratch.name)

    def _record_step(self, optimizer: torch.optim.Optimizer, *_: object) -> None:
        names = ("lr", "weight_decay")
        groups = [{n: float(group.get(n, 0.0)) for n in names} for group in optimizer.param_groups]
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        gradients = [p.grad.detach() for p in parameters if p.grad is not None]
        norm = float(nn.utils.get_total_norm(gradients))
        name = type(optimizer).__name__
        self.steps.append({"optimizer": name, "groups": groups, "gradient": norm})


def new_module(source: Path) -> ModuleType:
    """An empty module for a learner's file, with guarded imports."""
    module = ModuleType(MODULE_NAME)
    module.__file__ = str(source)
    module.__dict__["__builtins__"] = guarded_builtins()
    return module


def _draw_without_display() -> None:
    """Select the headless backend for matplotlib, unless this process is a notebook's kernel."""
    if "IPython" in sys.modules:
        return
    os.environ["MPLBACKEND"] = HEADLESS
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].use(HEADLESS)


def _names_device(value: object) -> bool:
    return isinstance(value, str | torch.device)


def _drops(module: nn.Module) -> bool:
    return isinstance(module, nn.modules.dropout._DropoutNd)
