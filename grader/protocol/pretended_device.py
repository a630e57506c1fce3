"""A pretended device, which reveals device mistakes on machines without a GPU.

While `PretendedDevice` is active, `x.to(PRETENDED)` returns a tensor that computes on the CPU but
claims to be on an accelerator and, as there, refuses to mix with CPU tensors. A learner who forgets
`images.to(device)` gets the error that CUDA would raise, on any machine.

The device type is `xpu`: PyTorch knows it, and no exercise mentions it, so code that treats CUDA or
MPS specially is not affected. The mechanism is a tensor subclass for tensors on the device, and a
`TorchFunctionMode` for calls that send CPU tensors there
(https://docs.pytorch.org/docs/stable/notes/extending.html#extending-torch-python-api).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, SupportsIndex

import torch
from torch.overrides import TorchFunctionMode, get_default_nowrap_functions

PRETENDED: Final = torch.device("xpu", 0)

_GET_GRAD: Final = torch.Tensor.grad.__get__  # type: ignore[union-attr]
_SET_DATA: Final = torch.Tensor.data.__set__  # type: ignore[attr-defined]
_CROSSES_DEVICES: Final = {
    torch.Tensor.copy_,
    torch.Tensor.to,
    torch.Tensor.__setitem__,
    torch._has_compatible_shallow_copy_type,
}
# In-place operations, whose result stays on the first operand's device: with these, even 0-d
# tensors on another device are refused.
_ARITHMETIC_IN_PLACE: Final = {
    getattr(torch.Tensor, f"{before}{name}{after}")
    for name in ("add", "sub", "mul")
    for before, after in (("__i", "__"), ("", "_"))
} | {torch.Tensor.__itruediv__, torch.Tensor.div_}


class OnPretendedDevice(torch.Tensor):
    """A CPU tensor that behaves as if it were on `PRETENDED`."""

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        """The device that the tensor pretends to be on."""
        return PRETENDED

    def __deepcopy__(self, memo: dict[int, Any]) -> torch.Tensor:
        copied: torch.Tensor = self.detach().clone()
        if isinstance(self, torch.nn.Parameter):
            copied = torch.nn.Parameter(copied, requires_grad=self.requires_grad)
        memo[id(self)] = copied
        return copied

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        """Pickle as an ordinary tensor: when it is loaded again, it is on the CPU."""
        plain = on_cpu(self.detach())
        if isinstance(self, torch.nn.Parameter):
            plain = torch.nn.Parameter(plain, requires_grad=self.requires_grad)
        return plain.__reduce_ex__(protocol)

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch.Tensor.__format__ or (func is torch.Tensor.numpy and kwargs.get("force")):
            return func(on_cpu(args[0].detach()), *args[1:], **kwargs)
        if func in (torch.Tensor.numpy, torch.Tensor.__array__):
            raise TypeError(
                f"can't convert {PRETENDED} device type tensor to numpy. "
                "Use Tensor.cpu() to copy the tensor to host memory first."
            )
        _refuse_to_mix(func, args, kwargs)
        with torch._C.DisableTorchFunctionSubclass():
            result = func(*args, **kwargs)
        if func in get_default_nowrap_functions() and func != _GET_GRAD:
            return result
        return _changed(result, on_device)


class PretendedDevice(TorchFunctionMode):
    """A context in which tensors can be created on `PRETENDED` and moved to it."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch.Tensor.cpu:
            return _received(args[0])
        if func is torch.Tensor.type_as:
            func, args, kwargs = torch.Tensor.to, (*args, *kwargs.values()), {}
        if func == _SET_DATA and _lives_on_device(args[1]) != _lives_on_device(args[0]):
            return _replace(args[0], args[1])
        target = _named_device(func, args, kwargs)
        if target is None:
            return func(*args, **kwargs)
        args = tuple(_without_device(arg) for arg in args)
        kwargs = {name: _without_device(value) for name, value in kwargs.items()}
        result = func(*_changed(args, on_cpu), **_changed(kwargs, on_cpu))
        if func is torch.Tensor.to and _lives_on_device(args[0]):
            unchanged = result.dtype == args[0].dtype and _same_memory(result, args[0])
            if target == PRETENDED.type:
                return args[0] if unchanged else on_device(result)
            return _received(args[0]) if unchanged else result
        if target != PRETENDED.type:
            return result
        return _changed(result, _sent if list(_tensors((args, kwargs))) else _made)


def on_device(tensor: torch.Tensor) -> torch.Tensor:
    """`tensor` on the pretended device, sharing its memory."""
    return tensor if _lives_on_device(tensor) else tensor.as_subclass(OnPretendedDevice)


def _sent(tensor: torch.Tensor) -> torch.Tensor:
    """A copy of `tensor` on the pretended device, since devices never share memory."""
    return on_device(tensor.clone())


def _made(tensor: torch.Tensor) -> torch.Tensor:
    """`tensor` as if created on the pretended device; a leaf of the autograd graph stays a leaf."""
    return on_device(tensor.detach()).requires_grad_(tensor.requires_grad)


def _received(tensor: torch.Tensor) -> torch.Tensor:
    """A copy of `tensor` on the CPU, or `tensor` itself when it is on the CPU already."""
    return on_cpu(tensor).clone() if _lives_on_device(tensor) else tensor


def _same_memory(one: torch.Tensor, other: torch.Tensor) -> bool:
    with torch._C.DisableTorchFunctionSubclass():
        return one.data_ptr() == other.data_ptr()


def on_cpu(tensor: torch.Tensor) -> torch.Tensor:
    """`tensor` as an ordinary CPU tensor, sharing its memory."""
    with torch._C.DisableTorchFunctionSubclass():
        return tensor.as_subclass(torch.Tensor) if _lives_on_device(tensor) else tensor


def _lives_on_device(value: object) -> bool:
    return isinstance(value, OnPretendedDevice)


def _refuse_to_mix(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise CUDA's error for operands on two devices; 0-d tensors and copies are allowed."""
    if func in _CROSSES_DEVICES:
        return
    operands = list(_tensors((args, kwargs)))
    if func is torch.Tensor.__getitem__ and (
        _lives_on_device(operands[0]) or all(index.dim() == 0 for index in operands[1:])
    ):
        return  # indices may be on the CPU, and a 0-d index on any device
    scalars_mix = func not in _ARITHMETIC_IN_PLACE or _lives_on_device(operands[0])
    if any(
        not _lives_on_device(tensor) and (tensor.dim() > 0 or not scalars_mix)
        for tensor in operands
    ):
        raise RuntimeError(
            "Expected all tensors to be on the same device, "
            f"but found at least two devices, {PRETENDED} and cpu!"
        )


def _named_device(
    func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> str | None:
    """The device type that a call asks for, by name or by a tensor on it; None if it names none."""
    if func is torch._C._nn._parse_to:
        return None  # `Module.to` only parses its arguments here; it moves each tensor afterwards
    if func is torch.Tensor.to and len(args) > 1 and isinstance(args[1], torch.Tensor):
        return PRETENDED.type if _lives_on_device(args[1]) else "cpu"
    positional = args[1:2] if func is torch.Tensor.to else ()
    for value in (*positional, kwargs.get("device")):
        if isinstance(value, torch.device):
            return value.type
        if isinstance(value, str):
            return torch.device(value).type
    return None


def _without_device(value: Any) -> Any:
    """`value`, or the CPU device where `value` names the pretended one."""
    if isinstance(value, torch.device | str) and str(value).split(":")[0] == PRETENDED.type:
        return torch.device("cpu")
    return value


def _restored(storage: Any, location: str) -> Any:
    """Let `torch.load(..., map_location=PRETENDED)` leave the loaded storage on the CPU."""
    there = location.split(":")[0] == PRETENDED.type and not torch.xpu.is_available()
    return storage if there else None


torch.serialization.register_package(0, lambda _: None, _restored)


def _replace(tensor: torch.Tensor, data: torch.Tensor) -> None:
    """Do `tensor.data = data` across devices: the same object is then on the other device."""
    moved, gradient = data.detach(), tensor.grad
    if isinstance(tensor, torch.nn.Parameter):
        moved = torch.nn.Parameter(moved, requires_grad=tensor.requires_grad)
    torch.utils.swap_tensors(tensor, moved)
    if gradient is not None:
        tensor.grad = _sent(gradient) if _lives_on_device(tensor) else on_cpu(gradient)


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _tensors(item)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def _changed(value: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """`value` with `change` applied to every tensor in its tuples, lists and dicts."""
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, torch.Size) or not isinstance(value, tuple | list | dict):
        return value
    if isinstance(value, dict):
        return {key: _changed(item, change) for key, item in value.items()}
    items = [_changed(item, change) for item in value]
    return items if isinstance(value, list) else type(value)(*_as_arguments(value, items))


def _as_arguments(value: tuple[Any, ...], items: list[Any]) -> tuple[Any, ...]:
    """The arguments that make `type(value)` hold `items`: named tuples take them one by one."""
    return tuple(items) if hasattr(value, "_fields") else (items,)
