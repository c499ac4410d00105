"""`identical`: an equivalence that sees types, bits and order."""

import copy
import struct
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any, ClassVar

import pytest
from hypothesis import given

from amqp_spec.identity import MAX_KEY_DEPTH, key_token
from amqp_spec.values import (
    Array,
    Byte,
    Char,
    Decimal32,
    Decimal64,
    Described,
    Float,
    Long,
    Map,
    Short,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
    identical,
)
from tests.codec.value_strategies import values


def nan(bits: int) -> float:
    value: float = struct.unpack(">d", struct.pack(">Q", bits))[0]
    return value


@dataclass(slots=True)
class Point:
    DESCRIPTOR: ClassVar[int] = 1
    x: Any
    y: Any = None


@dataclass(slots=True)
class OtherPoint:
    x: Any
    y: Any = None


class Color(IntEnum):
    RED = 1


class Policy(Symbol, Enum):
    NEVER = "never"


class Plain:
    """A described type as a user may write it."""

    DESCRIPTOR: ClassVar[int] = 5

    def __init__(self, content: bytes) -> None:
        self.content = content

    def encode(self) -> bytes:
        return self.content


# No two of these are the same value.
DIFFERENT: list[Any] = [
    None,
    True,
    False,
    *[kind(1) for kind in (int, UByte, UShort, UInt, ULong, Byte, Short, Long, Timestamp, float, Float)],
    0,
    0.0,
    -0.0,
    Float(0.0),
    Float(-0.0),
    nan(0x7FF8_0000_0000_0000),
    nan(0xFFF8_0000_0000_0000),
    nan(0x7FF8_0000_0000_0001),
    nan(0x7FF0_0000_0000_0001),
    Float.from_bits(0x7FC00000),
    Float.from_bits(0x7F800001),
    Decimal32.from_decimal("1"),
    Decimal32.from_decimal("1.0"),
    Decimal64.from_decimal("1"),
    "1",
    Symbol("1"),
    Char("1"),
    b"1",
    uuid.UUID(bytes=b"1" * 16),
    b"1" * 16,
    [],
    [1],
    [[1]],
    [1, 1],
    Map(),
    Map({1: 2}),
    Map({1: UInt(2)}),
    Map({UInt(1): 2}),
    Map([(1, 2), (3, 4)]),
    Map([(3, 4), (1, 2)]),
    Array(UInt),
    Array(ULong),
    Array(UInt, [1]),
    Array(ULong, [1]),
    Array(UInt, [1], descriptors=[Symbol("x")]),
    Array(UInt, [1], descriptors=["x"]),
    Array(UInt, [0]),
    Array(UInt, [0, 0]),
    Array(float, [0.0]),
    Array(float, [-0.0]),
    Described(Symbol("x"), 1),
    Described("x", 1),
    Described(Symbol("x"), UInt(1)),
    Point(1),
    Point(UInt(1)),
    OtherPoint(1),
    Plain(b"x"),
    Plain(b"y"),
    datetime(2024, 1, 1),
    object(),
    object(),
]


@pytest.mark.parametrize("at", range(len(DIFFERENT)))
@pytest.mark.fault("B3")
def test_no_value_is_identical_to_another(at: int) -> None:
    for other, value in enumerate(DIFFERENT):
        assert identical(DIFFERENT[at], value) == (at == other)
        assert identical([DIFFERENT[at]], [value]) == (at == other)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((1, [2]), [1, (2,)]),
        ({"a": {"b": 1}}, Map({"a": Map({"b": 1})})),
        (MappingProxyType({1: 2}), Map({1: 2})),
        (bytearray(b"x"), b"x"),
        (memoryview(b"x"), b"x"),
        (datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), Timestamp(1000)),
        (2**40, Long(2**40)),
        (-(2**31) - 1, Long(-(2**31) - 1)),
        (Color.RED, 1),
        (Policy.NEVER, Symbol("never")),
        (Plain(b"x"), Plain(b"x")),
        (Point([nan(0x7FF8_0000_0000_0001)]), Point([nan(0x7FF8_0000_0000_0001)])),
        ([nan(0x7FF8_0000_0000_0001)], [nan(0x7FF8_0000_0000_0001)]),
        (datetime(2024, 1, 1), datetime(2024, 1, 1)),
        ({1, 2}, {2, 1}),
    ],
)
def test_what_is_written_alike_is_identical(a: Any, b: Any) -> None:
    assert identical(a, b)
    assert identical(b, a)
    assert not identical(a, [b])


@given(values, values, values)
def test_it_is_an_equivalence_and_agrees_with_key_tokens(a: Any, b: Any, c: Any) -> None:
    assert identical(a, a)
    assert identical(a, copy.deepcopy(a))
    assert identical(a, b) == identical(b, a)
    if identical(a, b) and identical(b, c):
        assert identical(a, c)
    assert (key_token(a) == key_token(b)) == identical(a, b)
    assert key_token(a) == key_token(copy.deepcopy(a))


def nested(depth: int, wrap: Any) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = wrap(value)
    return value


WRAPS: list[Any] = [
    lambda value: [value],
    lambda value: Map({1: value}),
    lambda value: Described(1, value),
    lambda value: Described(value, 1),
    lambda value: Array(list, [[value]]),
    lambda value: Point(value),
]


@pytest.mark.fault("A7")
@pytest.mark.parametrize("wrap", WRAPS)
def test_nesting_of_any_depth_is_compared(wrap: Any) -> None:
    assert identical(nested(5000, wrap), nested(5000, wrap))
    assert not identical(nested(5000, wrap), nested(5001, wrap))


@pytest.mark.fault("A7")
@pytest.mark.parametrize("wrap", [*WRAPS, lambda value: Map([(value, 1)])])
def test_keys_are_nested_up_to_a_limit(wrap: Any) -> None:
    assert key_token(nested(300, wrap)) == key_token(nested(300, wrap))
    assert key_token([nested(300, wrap)]) != key_token([nested(299, wrap)])


def test_a_key_nested_too_deeply_is_refused() -> None:
    assert key_token(nested(MAX_KEY_DEPTH, WRAPS[0]))
    with pytest.raises(ValueError, match="nested deeper than 1000"):
        key_token(nested(MAX_KEY_DEPTH + 1, WRAPS[0]))
    inside_itself: list[Any] = []
    inside_itself.append(inside_itself)
    with pytest.raises(ValueError, match="nested deeper"):
        key_token(inside_itself)


def test_values_that_contain_themselves_are_compared() -> None:
    a: list[Any] = [1]
    b: list[Any] = [1]
    c: list[Any] = [2]
    for value in (a, b, c):
        value += [value, value]
    assert identical(a, b)
    assert not identical(a, c)


@pytest.mark.parametrize("key", [object(), [object()], {1, 2}, datetime(2024, 1, 1)])
def test_what_is_no_amqp_value_is_no_key(key: Any) -> None:
    with pytest.raises(TypeError, match="not an AMQP type"):
        key_token(key)


def test_the_same_bytes_in_another_division_are_another_key() -> None:
    assert key_token(["ab", "c"]) != key_token(["a", "bc"])
    assert key_token([[], 1]) != key_token([[1]])
    assert key_token(Array(str, ["ab", "c"])) != key_token(Array(str, ["a", "bc"]))
