"""A search for the input that takes most memory, of every shape that values can have inside one another."""

from __future__ import annotations

import gc
import struct
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

from amqp_spec import Array, Described, Map, decode_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Shape = Callable[[int], bytes]
    """The octets of the n-th value of a shape."""

pytestmark = [pytest.mark.measures, pytest.mark.fault("A12")]

AMPLIFICATION = 80
SLACK = 4 * 1024
"""Octets that any input may take, many fewer than promised: what is promised for large inputs shows in small ones."""


def _compound(code: int, items: bytes, count: int) -> bytes:
    if code & 0x10:
        return bytes((code,)) + struct.pack(">II", len(items) + 4, count) + items
    return bytes((code, len(items) + 1, count)) + items


def _fitting(code: int, items: bytes, count: int) -> bytes:
    return _compound(code if len(items) < 255 and count < 256 else code + 0x10, items, count)


def constant(octets: bytes) -> Shape:
    return lambda n: octets


def counted(head: bytes, digits: int) -> Shape:
    """Values that differ, in as few octets as can be; octets that are text too."""
    return lambda n: head + b"".join(bytes((n >> 7 * at & 0x7F,)) for at in range(digits))


def list_of(parts: list[Shape]) -> Shape:
    return lambda n: _fitting(0xC0, b"".join(part(n) for part in parts), len(parts))


def map_of(parts: list[Shape]) -> Shape:
    parts = parts[: len(parts) & ~1]
    return lambda n: _fitting(0xC1, b"".join(part(n) for part in parts), len(parts))


def small_map(keys: list[Shape], value: Shape) -> Shape:
    return map_of([part for key in keys for part in (key, value)])


def described(parts: list[Shape]) -> Shape:
    return lambda n: b"\x00" + parts[0](n) + parts[-1](n)


def array_of(parts: list[Shape]) -> Shape:
    """An array of the values, of which it takes those that have the constructor of the first."""

    def make(n: int) -> bytes:
        elements = [part(n) for part in parts]
        return _array([element for element in elements if element[0] == elements[0][0]])

    return make


def _array(elements: list[bytes]) -> bytes:
    head = elements[0][:1]
    if head == b"\x00":
        # What describes the elements stands once.
        return _fitting(0xE0, elements[0], 1)
    return _fitting(0xE0, head + b"".join(element[1:] for element in elements), len(elements))


EMPTY = [constant(bytes((code,))) for code in (0x45, 0x44, 0x43, 0x42, 0x41, 0x40)]
leaves = st.sampled_from(
    [
        *EMPTY,
        *map(constant, (b"\xc0\x01\x00", b"\xc1\x01\x00", b"\xe0\x02\x00\x40", b"\xa1\x00", b"\xa3\x00")),
        *map(constant, (b"\xa0\x00", b"\x53\x01", b"\xa3\x01x")),
        *(counted(bytes((code,)), 1) for code in (0x50, 0x51, 0x52, 0x53, 0x54, 0x55)),
        *(counted(bytes((code,)), 2) for code in (0x60, 0x61)),
        *(counted(bytes((code, 2)), 2) for code in (0xA0, 0xA1, 0xA3)),
        *(counted(bytes((code,)), 4) for code in (0x70, 0x71, 0x72, 0x74)),
        *(counted(bytes((code,)), 8) for code in (0x80, 0x82, 0x83, 0x84)),
        counted(b"\x98", 16),
    ]
)
small_maps = st.builds(
    small_map,
    st.integers(1, 6).map(lambda count: EMPTY[:count])
    | st.integers(1, 30).map(
        lambda count: EMPTY + [constant(bytes((0x50 + number % 2, number))) for number in range(count)]
    ),
    leaves,
)


def _larger(inner: st.SearchStrategy[Shape]) -> st.SearchStrategy[Shape]:
    several = st.lists(inner, min_size=1, max_size=4)
    return st.one_of(*(several.map(make) for make in (list_of, map_of, described, array_of)))


shapes = st.recursive(leaves | small_maps, _larger, max_leaves=6)
SIZES = st.sampled_from([6_000, 8_200, 11_000, 16_400])


def list_full(shape: Shape, other: Shape, size: int) -> bytes:
    items = list(_filling(size, shape))
    return _compound(0xD0, b"".join(items), len(items))


def array_full(shape: Shape, other: Shape, size: int) -> bytes:
    return _array([item for item in _filling(size, shape) if item[0] == shape(0)[0]])


def map_full(shape: Shape, other: Shape, size: int) -> bytes:
    items = list(_filling(size, lambda n: shape(n) + other(n)))
    return _compound(0xD1, b"".join(items), 2 * len(items))


def key_full(shape: Shape, other: Shape, size: int) -> bytes:
    """A map of two keys, which are large."""
    halves = [list_full(shape, other, size // 2), array_full(other, shape, size // 2)]
    return _compound(0xD1, b"".join(half + b"\x40" for half in halves), 4)


def _filling(size: int, shape: Shape) -> Iterator[bytes]:
    n = 0
    while size > 0:
        item = shape(n)
        yield item
        size -= len(item)
        n += 1


def look_at(value: Any) -> None:
    """Look at all that is in a value: ask each map for keys of every kind, and go through it."""
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, Map):
            assert [value.get(key) for key in ("?", 0x7FFF_FFFF, ["?"], b"?")] == [None] * 4
            for key in value:
                pending.extend(part for part in (key, value[key]) if _has_parts(part))
        elif isinstance(value, Described):
            pending += (value.descriptor, value.value)
        elif isinstance(value, list):
            pending.extend(part for part in value if _has_parts(part))
        elif isinstance(value, Array) and isinstance(value.elements, tuple):
            pending.extend(part for part in value.elements if _has_parts(part))


def _has_parts(value: object) -> bool:
    return isinstance(value, list | Map | Array | Described)


def peak(data: bytes) -> int:
    gc.collect()
    gc.disable()
    try:
        look_at(decode_value(WARM))
        tracemalloc.start()
        look_at(decode_value(data))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.enable()


# Fills what the interpreter keeps for later (freed tuples, modules): that is bounded and no part of the price.
WARM = key_full(map_of([described([EMPTY[0]]), EMPTY[0], EMPTY[1], EMPTY[2]]), described([EMPTY[0]]), 30_000)


@pytest.mark.timeout(300)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([list_full, array_full, map_full, key_full]), shapes, shapes, SIZES)
def test_no_shape_takes_more_than_is_promised(full: Any, shape: Shape, other: Shape, size: int) -> None:
    data = full(shape, other, size)
    used = peak(data) - SLACK
    target(used / len(data))
    assert used <= AMPLIFICATION * len(data)
