"""Arrays whose elements are described values that a registry knows: arrays of instances."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import pytest

from amqp_spec import (
    Accepted,
    Array,
    DecodeError,
    Described,
    EncodeError,
    Error,
    Open,
    Registry,
    Rejected,
    SelectorFilter,
    Symbol,
    ULong,
    decode_frame,
    decode_value,
    encode_value,
    identical,
)

CODE = 0x7777_0000_0051
TEXT = 0x7777_0000_0052


@dataclass(frozen=True)
class Point:
    DESCRIPTOR: ClassVar[int] = CODE
    x: float
    y: float

    def encode(self) -> bytes:
        return encode_value(Described(ULong(CODE), [self.x, self.y]))

    @classmethod
    def from_value(cls, value: Any) -> Self:
        x, y = value or (0.0, 0.0)
        return cls(float(x), float(y))


@dataclass(frozen=True)
class Text:
    DESCRIPTOR: ClassVar[str] = "example.com:text"
    text: Any

    def encode(self) -> bytes:
        return encode_value(Described(Symbol(self.DESCRIPTOR), self.text))

    @classmethod
    def from_value(cls, value: Any) -> Self:
        return cls(value)


REGISTRY = Registry(Point, Text, Error, Accepted, SelectorFilter)
POINTS = Array(Point, [Point(1.0, 2.0), Point(3.0, 4.0)])
PLAIN = Array("list", [[1.0, 2.0], [3.0, 4.0]], descriptors=[ULong(CODE)])


def test_they_arrive_as_instances_and_leave_as_they_came() -> None:
    data = encode_value(PLAIN)
    found = decode_value(data, registry=REGISTRY)
    assert list(found) == [Point(1.0, 2.0), Point(3.0, 4.0)]
    assert identical(found, POINTS)
    assert encode_value(found) == data == encode_value(POINTS)
    assert identical(decode_value(data), PLAIN)
    assert found.element_type == "described"
    assert found[1] == Point(3.0, 4.0)
    assert repr(found[:1]) == "Array(Point, [Point(x=1.0, y=2.0)])"


ROWS = [
    Array(Text, [Text("a"), Text("\u00e9" * 200)]),
    Array(Text, [Text(1), Text(-(2**31))]),
    Array(Text, [Text(b"\0"), Text(b"")]),
    Array(Text, [Text(1.5), Text(2.5)]),
    Array(Text, [Text(True), Text(False)]),
    Array(Text, [Text(Array("int", [1])), Text(Array("int", []))]),
    Array(Error, [Error(condition="a:b"), Error(condition="c:d", info={Symbol("k"): 1})]),
    Array(SelectorFilter, [SelectorFilter("x")]),
    Array(Accepted, [Accepted()]),
    Array(Point, [Point(1.0, 2.0)], descriptors=[Symbol("outer")]),
]


@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_every_kind_of_value_behind_the_descriptor(row: Array) -> None:
    data = encode_value(row)
    found = decode_value(data, registry=REGISTRY)
    assert identical(found, row)
    assert encode_value(found) == data
    for end in range(len(data)):
        with pytest.raises(DecodeError):
            decode_value(data[:end], registry=REGISTRY)


def test_outer_descriptors_stay() -> None:
    found = decode_value(encode_value(ROWS[-1]), registry=REGISTRY)
    assert found.descriptors == (Symbol("outer"),)
    assert identical(found[0], Described(Symbol("outer"), Point(1.0, 2.0)))


def test_an_array_of_nothing_says_what_it_has_none_of() -> None:
    empty = Array("list", (), descriptors=[ULong(CODE)])
    assert identical(Array(Point, []), empty)
    assert identical(decode_value(encode_value(empty), registry=REGISTRY), empty)
    assert identical(POINTS[:0], empty)
    assert Array(Text, []).descriptors == (Symbol(Text.DESCRIPTOR),)


def test_elements_without_content_take_no_memory() -> None:
    row = Array.repeated("list", [], 2**32 - 1, descriptors=[ULong(Accepted.DESCRIPTOR)])
    data = encode_value(row)
    found = decode_value(data, registry=REGISTRY)
    assert len(found) == 2**32 - 1
    assert found[2**31] == Accepted()
    assert encode_value(found) == data


def test_elements_that_came_without_content_and_have_some_now() -> None:
    row = Array.repeated("list", [], 2**32 - 1, descriptors=[ULong(CODE)])
    found = decode_value(encode_value(row), registry=REGISTRY)
    assert found[0] == Point(0.0, 0.0)
    with pytest.raises(
        EncodeError, match="array of 4294967295 elements, which took no octets when they came"
    ):
        encode_value(found)
    few = decode_value(
        encode_value(Array.repeated("list", [], 300, descriptors=[ULong(CODE)])), registry=REGISTRY
    )
    assert identical(
        decode_value(encode_value(few[:2]), registry=REGISTRY), Array(Point, [Point(0.0, 0.0)] * 2)
    )


def test_one_element_that_the_class_refuses_refuses_the_array() -> None:
    data = encode_value([0, Array("list", [[1.0, 2.0], [1.0]], descriptors=[ULong(CODE)])])
    with pytest.raises(DecodeError, match="Point refuses the value") as caught:
        decode_value(data, registry=REGISTRY)
    assert caught.value.path == "[1][1]"
    assert caught.value.offset is not None
    assert 0 < caught.value.offset < len(data)


def test_an_element_that_is_larger_than_the_array() -> None:
    data = encode_value(Array(Text, [Text("abc")]))
    wrong = data[:-4] + b"\x7f" + data[-3:]
    with pytest.raises(DecodeError, match="element claims"):
        decode_value(wrong, registry=REGISTRY)


def test_performatives_have_the_classes_of_the_specification() -> None:
    errors = Array(Error, [Error(condition="a:b"), Error(condition="c:d")])
    frame = Open(container_id="x", properties={"errors": errors}).encode()
    found = decode_frame(frame)[0]
    assert isinstance(found, Open)
    assert found.properties is not None
    assert identical(found.properties["errors"], errors)


def test_the_elements_have_one_constructor() -> None:
    with pytest.raises(TypeError, match="is not a Point"):
        Array(Point, [Point(1.0, 2.0), Text("x")])
    with pytest.raises(EncodeError, match="element 1 does not have the descriptor and the type of the first"):
        encode_value(Array(Text, [Text("x"), Text(5)]))
    with pytest.raises(ValueError, match="is not a type of array elements"):
        Array("described", [Point(1.0, 2.0)])


@pytest.mark.parametrize(
    "octets", [b"\x00\x53", b"\x00\x44\xc0\x02\x01\x01", b"\x00\x53\x01\xa1\x02\xff\xff"]
)
def test_a_class_whose_encoding_is_none(octets: bytes) -> None:
    class Odd:
        DESCRIPTOR: ClassVar[int] = CODE + 7

        def encode(self) -> bytes:
            return octets

        @classmethod
        def from_value(cls, value: Any) -> Self:
            return cls()

    Registry(Odd)
    with pytest.raises(EncodeError, match=r"Odd.encode\(\) did not return (the bytes of )?a described value"):
        encode_value(Array(Odd, [Odd()]))


def test_a_class_that_describes_a_described_value() -> None:
    twice = Array(Text, [Text(Described(Symbol("inner"), 1)), Text(Described(Symbol("inner"), 2))])
    data = encode_value(twice)
    # The descriptor next to the elements is not the class's, so they stay as they are.
    plain = Array("int", [1, 2], descriptors=[Symbol(Text.DESCRIPTOR), Symbol("inner")])
    assert identical(decode_value(data, registry=REGISTRY), plain)
    assert encode_value(plain) == data


def test_other_types_behind_the_same_descriptor_are_refused_by_a_generated_class() -> None:
    data = encode_value(Array("string", ["x"], descriptors=[ULong(Rejected.DESCRIPTOR)]))
    with pytest.raises(DecodeError, match="expected list"):
        decode_value(data, registry=Registry(Rejected))
