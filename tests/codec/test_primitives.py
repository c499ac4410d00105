"""The reader and the writer of each primitive where a field's type is known, with and without null (1.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

import amqp_spec
from amqp_spec import DecodeError, EncodeError, primitives
from amqp_spec.reading import CONTENT, FAULTS
from amqp_spec.writing import WRITE_FAULTS
from codegen.layouts import PYTHON
from tests.codec.vectors import Vector, load

if TYPE_CHECKING:
    from collections.abc import Sequence

DEPTH = 64
COMPOUND = ("list", "map", "array")
NULLABLE = [name for name in PYTHON if name != "null"]
GONE = object()
"""A default that no reader makes by itself."""


def type_of(vector: Vector) -> str:
    return vector.name.replace(",", " ").split()[0]


VECTORS = [vector for vector in load("primitives") if type_of(vector) in PYTHON]
CANONICAL = [vector for vector in VECTORS if vector.is_canonical]
ids = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)


def readers(name: str) -> list[Any]:
    """Return both readers as functions of the octets and an offset; an extra one gives its default for null."""
    module: Any = primitives
    nested = (DEPTH, CONTENT) if name in COMPOUND else ()
    read = getattr(module, f"read_{name}")
    found: list[Any] = [lambda data, at: read(data, at, *nested)]
    if name != "null":
        read_or = getattr(module, f"read_{name}_or")
        found.append(lambda data, at: read_or(data, at, *nested, GONE))
    return found


def writers(name: str) -> list[Any]:
    module: Any = primitives
    names = [f"write_{name}"] if name == "null" else [f"write_{name}", f"write_{name}_or_null"]
    return [getattr(module, each) for each in names]


def written(name: str, value: Any) -> bytes:
    octets: bytes = writers(name)[0](value)
    return octets


def test_every_primitive_has_vectors() -> None:
    assert {type_of(vector) for vector in VECTORS} == set(PYTHON)


@ids
def test_every_encoding_is_read(vector: Vector) -> None:
    name = type_of(vector)
    for read in readers(name):
        value, after = read(b"?" + vector.octets + b"?", 1)
        assert after == 1 + len(vector.octets)
        # What is written says what was read: NaN and -0.0 included.
        assert written(name, value) == written(name, vector.value)


@pytest.mark.parametrize("vector", CANONICAL, ids=lambda vector: vector.name)
def test_the_smallest_encoding_is_written(vector: Vector) -> None:
    for write in writers(type_of(vector)):
        assert write(vector.value) == vector.octets


@pytest.mark.parametrize("name", NULLABLE)
def test_null_is_the_default(name: str) -> None:
    plain, optional = readers(name)
    assert optional(b"?\x40?", 1) == (GONE, 2)
    with pytest.raises(DecodeError, match=f"expected {name}"):
        plain(b"\x40", 0)
    assert getattr(primitives, f"write_{name}_or_null")(None) == b"\x40"
    with pytest.raises((*WRITE_FAULTS,)):
        written(name, None)


def test_null_is_nothing_else() -> None:
    with pytest.raises(DecodeError, match="expected null"):
        primitives.read_null(b"\x41", 0)
    wrong: Any = False
    with pytest.raises(EncodeError, match="expected null"):
        primitives.write_null(wrong)


@pytest.mark.parametrize("name", PYTHON)
def test_encodings_of_other_types_are_refused(name: str) -> None:
    for read in readers(name):
        for other in VECTORS:
            if type_of(other) in (name, "null"):
                continue
            with pytest.raises(DecodeError, match=f"expected {name}, found"):
                read(other.octets, 0)


@ids
def test_an_end_inside_a_value_is_seen(vector: Vector) -> None:
    for read in readers(type_of(vector)):
        for length in range(len(vector.octets)):
            try:
                _, after = read(vector.octets[:length], 0)
            except FAULTS:
                continue
            # Values of fixed width leave that to the list around them.
            assert after == len(vector.octets)


INTEGERS = [name for name, python in PYTHON.items() if python.family in ("signed", "unsigned", "timestamp")]


def bounds(name: str) -> tuple[int, int]:
    bits = PYTHON[name].bits
    return (
        (0, 2**bits - 1) if PYTHON[name].family == "unsigned" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    )


class Number(int):
    """A user's own."""


@pytest.mark.parametrize("name", INTEGERS)
def test_integers_to_their_bounds(name: str) -> None:
    low, high = bounds(name)
    edges = {low, low + 1, -129, -128, -1, 0, 1, 127, 128, 255, 256, high - 1, high}
    for number in sorted(each for each in edges if low <= each <= high):
        for write in writers(name):
            octets = write(number)
            assert [read(octets, 0) for read in readers(name)] == [(number, len(octets))] * 2
            assert write(Number(number)) == octets
    for number in (low - 1, high + 1):
        for write in writers(name):
            with pytest.raises(EncodeError, match=f"out of range for {name}: {low} to {high}"):
                write(number)


TEXTS = ["string", "symbol"]
WRONG: dict[str, Sequence[Any]] = {
    "boolean": [0, 1, "true"],
    **dict.fromkeys(INTEGERS, ("1", 1.0, True)),
    "float": ["1.0", b"1", True],
    "double": ["1.0", b"1", True],
    "decimal32": [1, "1", amqp_spec.Decimal64(1)],
    "decimal64": [1, "1", amqp_spec.Decimal128(1)],
    "decimal128": [1, "1", amqp_spec.Decimal32(1)],
    "char": ["ab", "", 1],
    "uuid": ["0" * 32, bytes(16), 1],
    "binary": ["x", 1, [1]],
    "string": [b"x", 1],
    "symbol": [b"x", 1],
    "list": [1, object()],
    "map": [1, [1]],
    "array": [1, "x", [1]],
}


@pytest.mark.parametrize("name", NULLABLE)
def test_values_of_other_classes_are_refused(name: str) -> None:
    for write in writers(name):
        for value in WRONG[name]:
            with pytest.raises((*WRITE_FAULTS,)):
                write(value)


@pytest.mark.parametrize("name", ["binary", *TEXTS])
def test_heads_of_one_and_of_four_octets(name: str) -> None:
    for size in (0, 1, 255, 256, 300):
        value: Any = b"x" * size if name == "binary" else "x" * size
        for write in writers(name):
            octets = write(value)
            assert len(octets) == size + (2 if size < 256 else 5)
            assert [read(octets, 0) for read in readers(name)] == [(value, len(octets))] * 2
            for read in readers(name):
                with pytest.raises(FAULTS):
                    read(octets[:-1] if size else octets[:1], 0)


class Text(str):
    """A user's own."""

    __slots__ = ()


def test_classes_derived_from_those_of_values() -> None:
    class Identifier(UUID):
        pass

    class Money(amqp_spec.Decimal64):
        pass

    for name in TEXTS:
        for write in writers(name):
            assert write(Text("x")) == write("x")
    for write in writers("uuid"):
        assert write(Identifier(int=5)) == write(UUID(int=5))
    for write in writers("decimal64"):
        assert write(Money(5)) == write(amqp_spec.Decimal64(5))
    for write in writers("binary"):
        assert write(bytearray(b"x")) == write(memoryview(b"x")) == b"\xa0\x01x"
    for write in writers("double"):
        assert write(2) == write(2.0)


def test_text_that_has_no_encoding() -> None:
    for write in writers("string"):
        with pytest.raises(UnicodeEncodeError):
            write("\ud800")
    for write in writers("symbol"):
        with pytest.raises(UnicodeEncodeError):
            write("é")


@pytest.mark.fault("B6")
@pytest.mark.parametrize("name", ["binary", *TEXTS])
def test_four_gibibytes_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(primitives, "len", lambda value: 2**32, raising=False)
    value: Any = b"x" if name == "binary" else "x"
    for write in writers(name):
        with pytest.raises(EncodeError, match=f"{name}.* 4294967296"):
            write(value)


@pytest.mark.fault("B6")
@pytest.mark.parametrize("name", ["list", "map"])
def test_compounds_of_four_gibibytes_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    form = getattr(primitives, f"{name}_form")
    assert form(2, [b"\x41"] * 2)[:1] in (b"\xc0", b"\xc1")
    # 1.6.22, 1.6.23: the size counts the four octets of the count too.
    monkeypatch.setattr(primitives, "len", lambda value: 2**32 - 4, raising=False)
    with pytest.raises(EncodeError, match=f"{name}.* 4294967292"):
        form(2, [b"\x41"] * 2)
    monkeypatch.setattr(primitives, "len", lambda value: 2**32 - 5, raising=False)
    assert form(2, [b"\x41"] * 2)[1:5] == b"\xff\xff\xff\xff"


@pytest.mark.parametrize("name", ["list", "map"])
def test_compounds_near_255_octets_and_items(name: str) -> None:
    form = getattr(primitives, f"{name}_form")
    small, large = {"list": (0xC0, 0xD0), "map": (0xC1, 0xD1)}[name]
    for count, size, code in (
        (2, 254, small),
        (2, 255, large),
        (255, 254, small),
        (256, 254, large),
    ):
        octets = form(count, [b"x" * size])
        assert octets[0] == code
        assert len(octets) == size + (3 if code == small else 9)
    assert primitives.list_form(0, []) == b"\x45"
    assert primitives.map_form(0, []) == b"\xc1\x01\x00"


def test_heads_of_lists() -> None:
    head = primitives.list_head
    assert head(b"?\x45", 1) == (0, 2, 2)
    assert head(b"?\xc0\x03\x02\x41\x42", 1) == (2, 4, 6)
    assert head(b"?\xd0\0\0\0\x06\0\0\0\x02\x41\x42", 1) == (2, 10, 12)
    with pytest.raises(DecodeError, match="list"):
        head(b"\xc0\x04\x02\x41\x42", 0)
    with pytest.raises(DecodeError, match="3"):
        head(b"\xc0\x03\x03\x41\x42", 0)
    with pytest.raises(DecodeError, match="expected list"):
        head(b"\xc1\x03\x02\x41\x42", 0)


def test_numbers_where_the_type_is_open() -> None:
    for number, octets in (
        (127, "54 7f"),
        (-128, "54 80"),
        (128, "71 00000080"),
        (-129, "71 ffffff7f"),
        (2**31 - 1, "71 7fffffff"),
        (-(2**31), "71 80000000"),
        (2**31, "81 0000000080000000"),
        (-(2**31) - 1, "81 ffffffff7fffffff"),
    ):
        assert primitives.write_number(number) == bytes.fromhex(octets)


@pytest.mark.parametrize("name", ["fields", "annotations"])
def test_maps_with_symbols_for_keys(name: str) -> None:
    write = getattr(primitives, f"write_{name}")
    write_or_null = getattr(primitives, f"write_{name}_or_null")
    assert write({"a": True}) == write_or_null({"a": True}) == b"\xc1\x05\x02\xa3\x01a\x41"
    assert write_or_null(None) == b"\x40"
    if name == "annotations":
        assert write({7: True}) == b"\xc1\x04\x02\x53\x07\x41"
    else:
        with pytest.raises(EncodeError, match="expected a symbol as key"):
            write({7: True})


def test_a_field_with_several_values_is_not_one_text() -> None:
    for values in ("abc", b"abc"):
        for write in (primitives.write_multiple, primitives.write_multiple_or_null):
            with pytest.raises(EncodeError, match="a tuple or list of symbol"):
                write("symbol", values)
    assert primitives.write_multiple_or_null("symbol", None) == b"\x40"


def test_a_field_with_several_values_refuses_other_arrays() -> None:
    def read(octets: str) -> Any:
        return primitives.read_multiple_or(
            bytes.fromhex(octets), 0, DEPTH, CONTENT, "symbol", primitives.read_symbol, str, GONE
        )

    assert read("40") == (GONE, 1)
    assert read("e0 02 00 a3") == (GONE, 4)
    assert read("a3 01 61") == (("a",), 3)
    assert read("e0 06 02 a3 01 61 01 62") == (("a", "b"), 8)
    with pytest.raises(DecodeError, match="expected symbol or an array of it, found an array of string"):
        read("e0 04 01 a1 01 61")
    with pytest.raises(DecodeError, match="found an array of symbol"):
        read("e0 07 01 00 53 01 a3 01 61")


def test_a_field_has_no_more_values_than_octets() -> None:
    def read(octets: str) -> Any:
        return primitives.read_multiple_or(
            bytes.fromhex(octets), 0, DEPTH, CONTENT, "boolean", primitives.read_boolean, None, None
        )

    assert read("e0 02 04 41") == ((True,) * 4, 4)
    with pytest.raises(DecodeError, match="array of 5 elements without content"):
        read("e0 02 05 41")


def test_descriptors_as_numbers_and_names() -> None:
    read = primitives.read_descriptor
    assert read(b"?\x53\x10", 1) == (0x10, 3)
    assert read(b"?\x44", 1) == (0, 2)
    assert read(b"?\x80\0\0\0\0\0\0\x01\x00", 1) == (256, 10)
    assert read(b"?\xa3\x02ab", 1) == ("ab", 5)
    assert read(b"?\xb3\0\0\0\x02ab", 1) == ("ab", 8)
    for octets in (b"\xa3\x03ab", b"\xb3\0\0\0\x03ab"):
        with pytest.raises(DecodeError, match="symbol"):
            read(octets, 0)
    with pytest.raises(DecodeError, match="a descriptor"):
        read(b"\xa1\x02ab", 0)
