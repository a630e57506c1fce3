"""The codec: every kind of value survives the round trip, and no frame does harm."""

import json
import math
import tracemalloc
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from grader.judge.submission import Submission
from grader.protocol.codec import DTYPES, HEADER, Bounds, FrameError, decode, encode

quick = settings(
    max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


class Opaque:
    """Stands for a value that the codec describes instead of copying."""


def describe(value: object) -> tuple[str, dict[str, object]]:
    return "opaque", {"type": type(value).__name__}


def restore(tag: str, fields: dict[str, Any]) -> object:
    if tag != "opaque" or fields.keys() != {"type"}:
        raise FrameError(f"{tag} is unknown")
    return Opaque()


def back(value: object) -> Any:
    return decode(encode(value, describe), restore)


def frame(tree: object, blob: bytes = b"") -> bytes:
    text = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return HEADER.pack(len(text), len(blob)) + text + blob


def same(a: Any, b: Any) -> bool:
    """Equal in type and in value, NaN equal to itself."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return (a == b and math.copysign(1, a) == math.copysign(1, b)) or a != a != b != b
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(map(same, a.items(), b.items()))
    return bool(a == b)


# ---------------------------------------------------------------------------- plain values

texts = st.text(st.characters(), max_size=20)  # lone surrogates and emoji included
numbers = st.integers() | st.floats() | st.booleans()
keys = st.none() | numbers | texts | st.tuples(texts, numbers)
values = st.recursive(
    st.none() | numbers | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys, inner, max_size=4)
        | st.sets(st.integers(), max_size=4)
        | st.frozensets(texts, max_size=4)
    ),
    max_leaves=20,
)


@quick
@given(values)
def test_plain_values_come_back_with_their_types(value: object) -> None:
    assert same(back(value), value)


@pytest.mark.parametrize(
    "value",
    [
        True,
        1,
        1.0,
        -0.0,
        10**300,
        float("inf"),
        float("-inf"),
        float("nan"),
        5e-324,
        "\ud800",
        "🧥",
    ],
    ids=repr,
)
def test_similar_values_stay_different(value: object) -> None:
    assert same(back(value), value)


def test_sets_of_sets_and_keys_of_any_hashable_kind() -> None:
    value = {frozenset({1, 2}): {frozenset(), (1, ("a",))}, None: 1, (True, 1.5): 2, "": 3}
    assert same(back(value), value)


def test_a_dict_keeps_its_order_and_tells_1_from_its_text() -> None:
    value = {"b": 0, "a": 1, 1: 2, "1": 3}
    assert list(back(value).items()) == list(value.items())


def test_subclasses_cross_as_their_base_types() -> None:
    class Colour(IntEnum):
        RED = 3

    point = namedtuple("point", "x y")
    assert same(back(Colour.RED), 3)
    assert same(back(point(1, 2)), (1, 2))
    assert same(back(torch.Size([2, 3])), (2, 3))
    assert same(back(OrderedDict(a=1)), {"a": 1})


def test_an_iterator_comes_back_as_a_list() -> None:
    assert same(back(iter((1, "a"))), [1, "a"])
    assert same(back(x * x for x in range(4)), [0, 1, 4, 9])
    assert same(back({"k": zip([1], [2], strict=True)}), {"k": [(1, 2)]})


def test_an_endless_iterator_is_refused() -> None:
    def ones() -> Any:
        while True:
            yield 1

    with pytest.raises(FrameError, match="too many"):
        encode(ones(), describe, Bounds(items=1000))


def test_what_contains_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(FrameError, match="too deeply"):
        encode(loop, describe)


def test_an_integer_of_too_many_digits_is_refused() -> None:
    with pytest.raises(FrameError):
        encode(10**5000, describe)


@pytest.mark.parametrize(
    "value", [b"bytes", 1j, range(3), {}.keys(), object, Opaque()], ids=lambda v: type(v).__name__
)
def test_everything_else_is_described(value: object) -> None:
    assert isinstance(back(value), Opaque)


# --------------------------------------------------------------------------------- tensors

shapes = st.lists(st.integers(0, 4), max_size=4)


def some_tensor(dtype: torch.dtype, shape: list[int]) -> torch.Tensor:
    raw = torch.randn([*shape, 2], dtype=torch.float64) * 50
    if dtype.is_complex:
        return torch.view_as_complex(raw).to(dtype)
    return (raw[..., 0].abs() if dtype is torch.uint8 else raw[..., 0]).to(dtype)


def same_tensor(a: torch.Tensor, b: torch.Tensor) -> bool:
    return (
        type(a) is torch.Tensor
        and a.dtype == b.dtype
        and a.shape == b.shape
        and a.device == b.device
        and not a.requires_grad
        and (a.is_meta or torch.equal(a, b))
    )


@quick
@given(name=st.sampled_from(sorted(DTYPES)), shape=shapes, flip=st.booleans())
def test_tensors_of_every_dtype_and_shape(name: str, shape: list[int], flip: bool) -> None:
    tensor = some_tensor(DTYPES[name], shape)
    if flip:
        tensor = tensor.transpose(0, -1) if shape else tensor
    assert same_tensor(back(tensor), tensor)


def test_tensors_whose_memory_layout_differs_from_their_values() -> None:
    base = torch.arange(24.0).reshape(4, 6)
    for tensor in (base[::2, 1::2], base.T, base[:, :1].expand(4, 6), base[1:2], base[4:]):
        assert same_tensor(back(tensor), tensor)
    turned = torch.tensor([1 + 2j, 3 - 1j])
    for tensor in (turned.conj(), turned.conj().imag, torch._neg_view(base)):
        assert same_tensor(back(tensor), tensor.resolve_conj().resolve_neg())


def test_nan_and_infinity_in_tensors() -> None:
    tensor = torch.tensor([float("nan"), float("inf"), -0.0])
    got = back(tensor)
    assert got[0].isnan()
    assert got[1].isinf()
    assert torch.signbit(got[2])


def test_a_tensor_with_a_gradient_crosses_as_its_values() -> None:
    leaf = torch.ones(3, requires_grad=True)
    for tensor in (leaf, leaf * 2, leaf.sum()):
        got = back(tensor)
        assert torch.equal(got, tensor.detach())
        assert not got.requires_grad


def test_a_parameter_is_described_and_not_copied() -> None:
    assert isinstance(back(torch.nn.Parameter(torch.ones(2))), Opaque)
    assert isinstance(back(torch.eye(2).to_sparse()), Opaque)


def test_tensors_without_values() -> None:
    for shape in ([], [0], [3, 2], [1 << 20, 1 << 15]):
        for dtype in (torch.float32, torch.bool, torch.bfloat16):
            tensor = torch.empty(shape, dtype=dtype, device="meta")
            assert same_tensor(back(tensor), tensor)


def test_several_tensors_stay_separate() -> None:
    value = {"a": [torch.ones(3), torch.zeros(0)], "b": (torch.arange(5), torch.tensor(True))}
    got = back(value)
    assert same_tensor(got["a"][0], torch.ones(3))
    assert same_tensor(got["a"][1], torch.zeros(0))
    assert same_tensor(got["b"][0], torch.arange(5))
    assert same_tensor(got["b"][1], torch.tensor(True))


def test_a_received_tensor_may_be_written_to() -> None:
    tensor = torch.ones(3)
    got = back(tensor)
    got += 1
    assert torch.equal(got, torch.full((3,), 2.0))
    assert torch.equal(tensor, torch.ones(3))


def test_a_tensor_that_is_larger_than_its_memory_is_refused_before_it_is_copied() -> None:
    with pytest.raises(FrameError, match="more than"):
        encode(torch.zeros(1).expand(1 << 40), describe)


# ---------------------------------------------------------------------- NumPy and pictures

ARRAY_DTYPES = sorted(set(DTYPES) - {"bfloat16"})


@quick
@given(name=st.sampled_from(ARRAY_DTYPES), shape=shapes, turn=st.booleans())
def test_arrays_of_every_dtype_and_shape(name: str, shape: list[int], turn: bool) -> None:
    array = some_tensor(DTYPES[name], shape).numpy()
    array = array.T[::-1] if turn and shape else array
    got = back(array)
    assert type(got) is np.ndarray
    assert got.dtype == array.dtype
    assert got.shape == array.shape
    assert np.array_equal(got, array)


def test_arrays_that_torch_would_not_take() -> None:
    reverse = np.arange(4.0, dtype=">f4")
    fixed = np.arange(3)
    fixed.flags.writeable = False
    for array in (reverse, fixed, np.array(2.5), np.asfortranarray(np.eye(3))):
        got = back(array)
        assert got.shape == array.shape
        assert np.array_equal(got, array)
    assert isinstance(back(np.array(["text"])), Opaque)
    assert isinstance(back(np.array([None], dtype=object)), Opaque)


def test_numpy_scalars_cross_as_python_numbers() -> None:
    assert same(back(np.float32(0.5)), 0.5)
    assert same(back(np.float64("nan")), float("nan"))
    assert same(back(np.int64(7)), 7)
    assert same(back(np.bool_(True)), True)
    assert same(back(np.str_("word")), "word")


@quick
@given(
    mode=st.sampled_from(["L", "RGB", "RGBA"]),
    width=st.integers(1, 6),
    height=st.integers(1, 6),
    data=st.data(),
)
def test_pictures(mode: str, width: int, height: int, data: st.DataObject) -> None:
    size = width * height * len(mode)
    raw = data.draw(st.binary(min_size=size, max_size=size))
    picture = Image.frombytes(mode, (width, height), raw)
    got = back(picture)
    assert (got.mode, got.size, got.tobytes()) == (mode, (width, height), raw)


def test_other_pictures() -> None:
    assert back(Image.new("L", (0, 3))).size == (0, 3)
    assert isinstance(back(Image.new("1", (2, 2))), Opaque)


# ---------------------------------------------------------------------------------- bounds


@pytest.mark.parametrize(
    ("bounds", "value"),
    [
        (Bounds(json_bytes=20), "x" * 30),
        (Bounds(blob_bytes=20), torch.zeros(6)),
        (Bounds(items=5), [0] * 6),
        (Bounds(depth=2), [[[[]]]]),
    ],
)
def test_both_sides_keep_the_bounds(bounds: Bounds, value: object) -> None:
    with pytest.raises(FrameError):
        encode(value, describe, bounds)
    with pytest.raises(FrameError):
        decode(encode(value, describe), restore, bounds)


# ------------------------------------------------------------------------- hostile frames

TENSOR = {"dtype": "float32", "shape": [2], "offset": 0}
HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "only a header": HEADER.pack(0, 0),
    "a header that lies": HEADER.pack(2, 5) + b"[]",
    "a header that announces a terabyte": HEADER.pack(2, 1 << 40) + b"[]",
    "bytes left over": frame([], b"1234"),
    "no JSON": frame(b"{"),
    "no UTF-8": frame(b'"\xff\xfe"'),
    "UTF-16": frame('"a"'.encode("utf-16")),
    "a constant": frame(b"NaN"),
    "an infinite number": frame(b"1e999"),
    "an endless integer": frame(b"1" * 5000),
    "deep brackets": frame(b"[" * 100_000 + b"]" * 100_000),
    "deep tags": frame(b'{"tuple":[' * 40 + b"]}" * 40),
    "two keys": frame({"tuple": [], "set": []}),
    "no key": frame({}),
    "a tuple of nothing": frame({"tuple": None}),
    "a dict of no pairs": frame({"dict": [[1]]}),
    "a dict of a dict": frame({"dict": {"a": 1}}),
    "an unhashable key": frame({"dict": [[[], 1]]}),
    "an unhashable item": frame({"set": [{"dict": []}]}),
    "another float": frame({"float": "1.5"}),
    "a float of a list": frame({"float": []}),
    "an unknown tag": frame({"pickle": {"data": "x"}}),
    "a tag without fields": frame({"opaque": 3}),
    "a tag with other fields": frame({"opaque": {}}),
    "a tensor of nothing": frame({"tensor": None}),
    "a tensor without a shape": frame({"tensor": {"dtype": "float32", "offset": 0}}),
    "a tensor with more": frame({"tensor": {**TENSOR, "more": 1}}, b"12345678"),
    "an unknown dtype": frame({"tensor": {**TENSOR, "dtype": "object"}}, b"12345678"),
    "an unhashable dtype": frame({"tensor": {**TENSOR, "dtype": []}}, b"12345678"),
    "a shape of text": frame({"tensor": {**TENSOR, "shape": "2"}}, b"12345678"),
    "a shape of booleans": frame({"tensor": {**TENSOR, "shape": [True, 2]}}, b"12345678"),
    "a negative side": frame({"tensor": {**TENSOR, "shape": [-2]}}, b"12345678"),
    "two negative sides": frame({"tensor": {**TENSOR, "shape": [-1, -2]}}, b"12345678"),
    "a huge shape": frame({"tensor": {**TENSOR, "shape": [1 << 39] * 16}}, b"12345678"),
    "a huge empty shape": frame({"tensor": {**TENSOR, "shape": [0] + [1 << 39] * 5}}),
    "too many sides": frame({"tensor": {**TENSOR, "shape": [1] * 70}}, b"1234"),
    "a huge side": frame({"tensor": {**TENSOR, "shape": [0, 10**30]}}),
    "a negative offset": frame({"tensor": {**TENSOR, "offset": -8}}, b"12345678"),
    "an offset behind": frame({"tensor": {**TENSOR, "offset": 4}}, b"12345678"),
    "an offset of text": frame({"tensor": {**TENSOR, "offset": "0"}}, b"12345678"),
    "a tensor that is too short": frame({"tensor": TENSOR}, b"1234"),
    "bytes used twice": frame([{"tensor": TENSOR}, {"tensor": TENSOR}], b"12345678"),
    "a boolean of 2": frame({"tensor": {**TENSOR, "dtype": "bool"}}, b"\1\2"),
    "a huge meta tensor": frame({"meta": {"dtype": "float32", "shape": [1 << 39] * 8}}),
    "a meta tensor of nothing": frame({"meta": {}}),
    "an array of bfloat16": frame({"array": {**TENSOR, "dtype": "bfloat16"}}, b"1234"),
    "a picture of nothing": frame({"image": {}}),
    "an unknown mode": frame({"image": {"mode": "P", "size": [1, 1], "offset": 0}}, b"1"),
    "an unhashable mode": frame({"image": {"mode": {}, "size": [1, 1], "offset": 0}}, b"1"),
    "a picture of one side": frame({"image": {"mode": "L", "size": [1], "offset": 0}}, b"1"),
    "a negative picture": frame({"image": {"mode": "L", "size": [-1, -1], "offset": 0}}, b"1"),
    "a huge picture": frame({"image": {"mode": "L", "size": [1 << 39, 1 << 39], "offset": 0}}),
    "a huge empty picture": frame({"image": {"mode": "L", "size": [1 << 39, 0], "offset": 0}}),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_frame_is_a_frame_error(hostile: bytes) -> None:
    with pytest.raises(FrameError):
        decode(hostile, restore)


def attempt(data: bytes) -> None:
    """Decode; nothing but a `FrameError` may come out."""
    with suppress(FrameError):
        decode(data, restore)


@quick
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    attempt(data)


@quick
@given(st.binary(max_size=100), st.binary(max_size=20))
def test_any_text_behind_a_right_header(text: bytes, blob: bytes) -> None:
    attempt(frame(text, blob))


tags = st.sampled_from(
    ["float", "tuple", "iterator", "set", "frozenset", "dict", "tensor", "meta", "array", "image"]
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-1, 9)
    | st.sampled_from([*DTYPES, "L", "RGB", "nan", "x"])
)
trees = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(tags, inner, max_size=4)
        | st.builds(lambda tag, body: {tag: body}, tags, inner)
    ),
    max_leaves=25,
)
forms = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(sorted(DTYPES)) | leaves,
        "shape": st.lists(st.integers(-1, 3) | st.integers(0, 1 << 62), max_size=20) | leaves,
        "offset": st.integers(-2, 20) | leaves,
    }
)
pictures = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["L", "RGB", "RGBA", "P"]),
        "size": st.lists(st.integers(-1, 4) | st.integers(0, 1 << 62), max_size=3),
        "offset": st.integers(-2, 20),
    }
)
tagged = (
    st.builds(lambda tag, form: {tag: form}, st.sampled_from(["tensor", "array"]), forms)
    | st.builds(lambda form: {"meta": {k: form[k] for k in ("dtype", "shape")}}, forms)
    | st.builds(lambda form: {"image": form}, pictures)
)


@settings(quick, max_examples=400)
@given(trees | tagged | st.lists(tagged, max_size=3), st.binary(max_size=20))
def test_any_tree_of_tags(tree: object, blob: bytes) -> None:
    attempt(frame(tree, blob))


SAMPLE = encode(
    {
        "text": ["a", 1, 2.5, None, True, float("nan"), (1, {2})],
        "tensors": [torch.arange(3), torch.ones(2, 2), torch.tensor([True])],
        "others": [np.eye(2), Image.new("L", (3, 2)), torch.empty(3, device="meta"), Opaque()],
    },
    describe,
)


@settings(quick, max_examples=600)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), min_size=1, max_size=4
    ),
    cut=st.none() | st.integers(0, len(SAMPLE)),
)
def test_a_right_frame_with_wrong_bytes(changes: list[tuple[int, int]], cut: int | None) -> None:
    mutated = bytearray(SAMPLE)
    for position, byte in changes:
        mutated[position] = byte
    attempt(bytes(mutated[:cut]))


def test_memory_stays_bounded() -> None:
    """Many tags that name the same large tensor do not make many copies of it."""
    megabyte = 1 << 20
    form = {"dtype": "uint8", "shape": [megabyte], "offset": 0}
    greedy = frame([{"tensor": form}] * 2000, bytes(megabyte))
    many = frame(b"[" + b",".join([b"[]"] * 1_000_000) + b"]")
    tracemalloc.start()
    for data in (greedy, many):
        with pytest.raises(FrameError):
            decode(data, restore)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 * megabyte


# ---------------------------------------------------------------- what the judge restores


class Scripted:
    """A learner's side that replies what it is told."""

    def __init__(self, reply: bytes) -> None:
        self.reply = reply

    def exchange(self, request: bytes, answer: Callable[[bytes], bytes]) -> bytes:
        return self.reply


def reply(tree: object) -> bytes:
    return frame({"dict": [["value", tree]]})


@pytest.mark.parametrize(
    "data",
    [
        reply({"handle": {}}),
        reply({"handle": {"key": "x", "type": 1, "kinds": 3, "facts": []}}),
        reply({"handle": {"key": {"float": "nan"}, "type": "", "kinds": [], "facts": 1}}),
        reply({"parameter": {"key": []}}),
        reply({"device": {"name": "no such device"}}),
        reply({"device": {"name": {"dict": []}}}),
        reply({"dtype": {"name": "int9"}}),
        reply({"dtype": {"name": []}}),
        reply({"weights": {"name": "No_Such.Weights"}}),
        reply({"weights": {}}),
        reply({"Network": {"name": "resnet18"}}),
        frame([1, 2]),
        frame(None),
        frame({"dict": []}),
        frame({"dict": [["error", 3]]}),
        frame({"dict": [["error", {"dict": [["types", []]]}]]}),
    ],
)
def test_the_judge_takes_no_harm_from_a_reply(data: bytes) -> None:
    with pytest.raises(FrameError):
        Submission(Scripted(data), "head.py").call("find_head")
