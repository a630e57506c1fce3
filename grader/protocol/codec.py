"""How values cross between a check and a learner's code: JSON and raw tensor bytes, nothing else.

A frame is a header (two little-endian integers: the length of the JSON text and of the tensor
bytes), the JSON text, and the bytes of its tensors one after the other. JSON holds None, booleans,
integers, finite floats, strings and lists as they are; every JSON object is a tag with one key:

    (1, 2.0)                  {"tuple": [1, 2.0]}
    {"lr": 0.1}               {"dict": [["lr", 0.1]]}
    float("nan")              {"float": "nan"}
    torch.zeros(2, 3)         {"tensor": {"dtype": "float32", "shape": [2, 3], "offset": 0}}
    on the meta device        {"meta": {"dtype": "float32", "shape": [2, 3]}}
    a PIL image               {"image": {"mode": "L", "size": [28, 28], "offset": 24}}

For any other value, the sender's `describe` function returns a tag with fields, and the receiver's
`restore` function turns these back into a value. Nothing is pickled and nothing is evaluated, on
either side.
"""

import json
import math
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

import numpy as np
import torch
from PIL import Image

Describe = Callable[[object], tuple[str, Mapping[str, object]]]
Restore = Callable[[str, dict[str, Any]], object]
Made = TypeVar("Made")

HEADER: Final = struct.Struct("<IQ")
DTYPES: Final = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        *(torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.bool),
        *(torch.float16, torch.bfloat16, torch.float32, torch.float64),
        *(torch.complex64, torch.complex128),
    )
}
IMAGE_CHANNELS: Final = {"L": 1, "RGB": 3, "RGBA": 4}


class FrameError(Exception):
    """A frame breaks the format or exceeds its bounds; the message says how."""


@dataclass(frozen=True)
class Bounds:
    """The largest frame that a side sends or accepts."""

    json_bytes: int = 4 << 20
    blob_bytes: int = 1 << 30
    items: int = 200_000
    depth: int = 32


def encode(value: object, describe: Describe, bounds: Bounds = Bounds()) -> bytes:
    """Encode a value as one frame; `FrameError` when it exceeds the bounds."""
    encoder = _Encoder(describe, bounds)
    tree = encoder.node(value, 0)
    try:
        text = json.dumps(tree, allow_nan=False).encode()
    except ValueError as error:  # an integer of too many digits
        raise FrameError(f"the value cannot be written as JSON: {error}") from None
    if len(text) > bounds.json_bytes:
        raise FrameError(f"the value needs {len(text)} bytes of JSON, above {bounds.json_bytes}")
    return b"".join([HEADER.pack(len(text), encoder.size), text, *encoder.blobs])


def decode(frame: bytes, restore: Restore, bounds: Bounds = Bounds()) -> Any:
    """Decode the value in a frame; `FrameError` for anything that `encode` would not write."""
    if len(frame) < HEADER.size:
        raise FrameError("the frame is shorter than its header")
    json_size, blob_size = HEADER.unpack_from(frame)
    if json_size > bounds.json_bytes or blob_size > bounds.blob_bytes:
        raise FrameError(f"the frame announces {json_size} + {blob_size} bytes, above the bounds")
    if len(frame) != HEADER.size + json_size + blob_size:
        raise FrameError("the frame does not have the length that its header announces")
    body = memoryview(frame)[HEADER.size :]
    try:
        text = bytes(body[:json_size]).decode()  # UTF-8 only; `json` would accept others, too
        tree = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"the frame is not JSON: {error}") from None
    decoder = _Decoder(restore, bounds, body[json_size:])
    value = decoder.value(tree, 0)
    if decoder.used != blob_size:
        raise FrameError("the frame holds bytes that belong to no tensor")
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"the constant {name} is not JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"the number {digits[:20]} is too large")
    return value


class _Encoder:
    def __init__(self, describe: Describe, bounds: Bounds) -> None:
        self.describe = describe
        self.bounds = bounds
        self.blobs: list[bytes] = []
        self.size = 0
        self.items = 0

    def node(self, value: object, depth: int) -> Any:
        self.items += 1
        if depth > self.bounds.depth or self.items > self.bounds.items:
            raise FrameError("the value is nested too deeply or has too many items")
        if isinstance(value, np.generic):
            value = value.item()
        match value:
            case None | bool() | int() | str():
                return _plain(value)
            case float():
                return float(value) if math.isfinite(value) else {"float": repr(float(value))}
            case tuple():
                return {"tuple": self.nodes(value, depth)}
            case list():
                return self.nodes(value, depth)
            case dict():
                pairs = value.items()
                return {
                    "dict": [[self.node(k, depth + 1), self.node(v, depth + 1)] for k, v in pairs]
                }
            case set():
                return {"set": self.nodes(value, depth)}
            case frozenset():
                return {"frozenset": self.nodes(value, depth)}
            case Iterator():
                return {"iterator": self.nodes(islice(value, self.bounds.items), depth)}
            case np.ndarray() if value.dtype.name in DTYPES:
                return {"array": self.tensor(_from_numpy(value))}
            case Image.Image() if value.mode in IMAGE_CHANNELS:
                return {"image": self.image(value)}
            case torch.Tensor() if value.is_meta and _is_plain(value):
                return {"meta": {"dtype": _name(value.dtype), "shape": list(value.shape)}}
            case torch.Tensor() if _is_plain(value):
                return {"tensor": self.tensor(value)}
        tag, fields = self.describe(value)
        return {tag: {name: self.node(field, depth + 1) for name, field in fields.items()}}

    def nodes(self, values: Any, depth: int) -> list[Any]:
        return [self.node(value, depth + 1) for value in values]

    def tensor(self, tensor: torch.Tensor) -> dict[str, Any]:
        # An expanded tensor becomes larger when it is copied: check the bounds first.
        self.room(tensor.numel() * tensor.element_size())
        dense = tensor.detach().to("cpu").as_subclass(torch.Tensor).resolve_conj().resolve_neg()
        # Tensors with no element or one may count as contiguous with any stride.
        flat = dense.contiguous().as_strided((dense.numel(),), (1,))
        raw = flat.view(torch.uint8).numpy().tobytes()
        return {"dtype": _name(dense.dtype), "shape": list(dense.shape), "offset": self.blob(raw)}

    def image(self, image: Image.Image) -> dict[str, Any]:
        return {"mode": image.mode, "size": list(image.size), "offset": self.blob(image.tobytes())}

    def blob(self, raw: bytes) -> int:
        self.room(len(raw))
        offset = self.size
        self.size += len(raw)
        self.blobs.append(raw)
        return offset

    def room(self, size: int) -> None:
        if self.size + size > self.bounds.blob_bytes:
            raise FrameError(f"the tensors need more than {self.bounds.blob_bytes} bytes")


class _Decoder:
    def __init__(self, restore: Restore, bounds: Bounds, blob: memoryview) -> None:
        self.restore = restore
        self.bounds = bounds
        self.blob = blob
        self.used = 0
        self.items = 0

    def value(self, node: Any, depth: int) -> Any:
        self.items += 1
        if depth > self.bounds.depth or self.items > self.bounds.items:
            raise FrameError("the value is nested too deeply or has too many items")
        if isinstance(node, list):
            return [self.value(item, depth + 1) for item in node]
        if not isinstance(node, dict):
            return node
        if len(node) != 1:
            raise FrameError("a tag has exactly one key")
        [(tag, body)] = node.items()
        match tag:
            case "float" if body in ("nan", "inf", "-inf"):
                return float(body)
            case "tuple":
                return tuple(self.values(body, depth))
            case "iterator":
                return self.values(body, depth)
            case "set":
                return self.hashable(set, self.values(body, depth))
            case "frozenset":
                return self.hashable(frozenset, self.values(body, depth))
            case "dict":
                return self.hashable(dict, [self.pair(item, depth) for item in _listed(body)])
            case "tensor":
                return self.tensor(body)
            case "meta":
                dtype, shape = _form(_keyed(body, "dtype", "shape"))
                return _shaped(lambda: torch.empty(shape, dtype=dtype, device="meta"))
            case "array":
                return self.array(body)
            case "image":
                return self.image(body)
            case "float":
                raise FrameError("a float tag holds nan, inf or -inf")
        fields = {name: self.value(field, depth + 1) for name, field in _keyed(body).items()}
        return self.restore(tag, fields)

    def values(self, body: Any, depth: int) -> list[Any]:
        return [self.value(item, depth + 1) for item in _listed(body)]

    def pair(self, item: Any, depth: int) -> tuple[Any, Any]:
        if not isinstance(item, list) or len(item) != 2:
            raise FrameError("a dict holds pairs")
        return self.value(item[0], depth + 1), self.value(item[1], depth + 1)

    def hashable(self, container: Callable[[Any], Any], items: Any) -> Any:
        try:
            return container(items)
        except TypeError:
            raise FrameError("a key of a dict or an item of a set is not hashable") from None

    def tensor(self, body: Any) -> torch.Tensor:
        body = _keyed(body, "dtype", "shape", "offset")
        dtype, shape = _form(body)
        count = math.prod(shape)
        raw = self.raw(body["offset"], count * dtype.itemsize)
        if count == 0:
            return _shaped(lambda: torch.zeros(shape, dtype=dtype))
        if dtype == torch.bool and np.frombuffer(raw, np.uint8).max() > 1:
            raise FrameError("a boolean tensor holds bytes other than 0 and 1")
        return torch.frombuffer(bytearray(raw), dtype=dtype).reshape(shape)

    def array(self, body: Any) -> Any:
        tensor = self.tensor(body)
        if tensor.dtype == torch.bfloat16:
            raise FrameError("NumPy has no bfloat16")
        return tensor.numpy()

    def image(self, body: Any) -> Image.Image:
        body = _keyed(body, "mode", "size", "offset")
        size, mode = body["size"], body["mode"]
        if type(mode) is not str or mode not in IMAGE_CHANNELS:
            raise FrameError("an image has a known mode")
        if not _is_shape(size) or len(size) != 2:
            raise FrameError("an image has a size of two integers")
        raw = self.raw(body["offset"], math.prod(size) * IMAGE_CHANNELS[mode])
        if len(raw) == 0:
            return _shaped(lambda: Image.new(mode, (size[0], size[1])))
        return Image.frombytes(mode, (size[0], size[1]), bytes(raw))

    def raw(self, offset: Any, size: int) -> memoryview:
        """The next `size` bytes. Tensors share no bytes, so a small frame cannot become large."""
        if type(offset) is not int or offset != self.used or size > len(self.blob) - offset:
            raise FrameError("a tensor lies outside its frame or does not follow the previous one")
        self.used += size
        return self.blob[offset : self.used]


def _from_numpy(array: np.ndarray[Any, Any]) -> torch.Tensor:
    """Copy an array, with any strides or byte order, into a tensor; 0-d arrays stay 0-d."""
    native = array.astype(array.dtype.newbyteorder("="), order="C", copy=True, subok=False)
    return torch.from_numpy(native)


def _shaped(make: Callable[[], Made]) -> Made:
    """Call `make`; `FrameError` when it fails, since even an empty tensor's shape can overflow."""
    try:
        return make()
    except (RuntimeError, ValueError, OverflowError, MemoryError) as error:
        raise FrameError(f"nothing can have that shape: {error}") from None


def _plain(value: object) -> object:
    """`value` as exactly None, bool, int or str, without its subclass, such as an IntEnum."""
    for kind in (bool, int, str):
        if isinstance(value, kind):
            return kind(value)
    return None


def _is_plain(tensor: torch.Tensor) -> bool:
    """Whether a tensor crosses as its values; a parameter crosses as a reference instead."""
    return (
        not isinstance(tensor, torch.nn.Parameter)
        and tensor.layout == torch.strided
        and _name(tensor.dtype) in DTYPES
    )


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _form(body: dict[str, Any]) -> tuple[torch.dtype, list[int]]:
    """The dtype and the shape in a tensor's tag."""
    name, shape = body["dtype"], body["shape"]
    dtype = DTYPES.get(name) if type(name) is str else None
    if dtype is None or not _is_shape(shape):
        raise FrameError("a tensor has a known dtype and a shape of integers")
    return dtype, shape


def _is_shape(shape: Any) -> bool:
    return (
        isinstance(shape, list)
        and len(shape) <= 16
        and all(type(side) is int and 0 <= side < 1 << 40 for side in shape)
    )


def _listed(body: Any) -> list[Any]:
    if not isinstance(body, list):
        raise FrameError("a tuple, a set, an iterator and a dict hold a list")
    return body


def _keyed(body: Any, *fields: str) -> dict[str, Any]:
    """Return a tag's fields; `FrameError` when they are not exactly `fields`, if any are given."""
    if not isinstance(body, dict) or (fields and body.keys() != set(fields)):
        raise FrameError(f"a tag holds {', '.join(fields) or 'fields'}")
    return body
