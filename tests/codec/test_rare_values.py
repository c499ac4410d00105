"""Values and encodings that hardly anybody writes: counted, refused and written as the usual ones are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from amqp import Message
from amqp_spec import (
    Array,
    Attach,
    DecodeError,
    EncodeError,
    Limits,
    Source,
    decode_value,
    elements,
    encode_value,
    primitives,
    writing,
)
from amqp_spec.arrays import Repeat
from amqp_spec.reading import CONTENT, PERFORMATIVE
from amqp_spec.skipping import bounded


def test_arrays_that_cannot_be_written() -> None:
    flags = Array("boolean", [True])
    assert elements.array_form(0xE0, 0xF0, flags, 1)[0] == 0xE0
    assert elements.array_form(None, 0xF0, flags, 1)[0] == 0xF0
    with pytest.raises(EncodeError, match="is too large"):
        elements.array_form(0xE0, None, Array("string", ["x" * 300]), 1)
    with pytest.raises(EncodeError, match="expected an Array, got list"):
        elements.array_form(0xE0, 0xF0, [True], 1)
    with pytest.raises(EncodeError, match="deeper"):
        elements.array_form(0xE0, 0xF0, flags, 0)
    with pytest.raises(EncodeError, match="expected an Array, got list"):
        elements.array_body([True], 1)
    with pytest.raises(EncodeError, match="deeper"):
        elements.array_body(flags, 0)


def test_a_type_without_a_wide_encoding() -> None:
    sized: Any = elements.sized
    write = sized(0xA1, None, lambda value: value.encode())
    assert write(["x" * 255], 1)[:2] == b"\xa1\xff"
    with pytest.raises(EncodeError, match="longer than 255 bytes"):
        write(["x" * 256], 1)
    assert sized(None, 0xB1, lambda value: value.encode())(["x"], 1) == b"\xb1\0\0\0\x01x"


def test_one_element_many_times() -> None:
    assert encode_value(Array("int", Repeat(5, 1000))) == encode_value(Array("int", [5] * 1000))


KEY = b"\xa3\x01k"


@pytest.mark.fault("A12")
@pytest.mark.parametrize(
    ("value", "nodes"),
    [
        ("53 05", 1),
        ("a1 05 68656c6c6f", 1),
        ("b1 00000005 68656c6c6f", 1),
        ("00 53 24 45", 2),
        ("c0 03 02 41 42", 3),
        ("d0 00000006 00000002 41 42", 3),
        ("c1 03 02 41 42", 3),
        ("e0 05 03 50 010203", 4),
        ("f0 00000008 00000003 50 010203", 4),
        # Elements without content are one, however many.
        ("f0 00000005 ffffffff 41", 6),
        # What no type has is told by the reader, not here.
        ("c0 03 02 41 10", 3),
    ],
)
def test_every_value_of_a_map_is_counted(value: str, nodes: int) -> None:
    items = KEY + bytes.fromhex(value)
    data = bytes((0xC1, len(items) + 1, 2)) + items
    bounded(data, 0, 1 + nodes)
    with pytest.raises(DecodeError, match=f"more than {nodes} values"):
        bounded(data, 0, nodes)


class Row(list[Any]):
    """A user's own list."""


def test_classes_derived_from_compounds_and_numbers_of_the_library() -> None:
    number: Any = Decimal(1)
    assert encode_value(Row([1])) == encode_value([1])
    assert [writing.is_list(value) for value in ([1], (1,), "x", {1: 2})] == [True, True, False, False]
    with pytest.raises(EncodeError, match=r"Decimal128\.from_decimal"):
        encode_value(number)


def test_the_field_of_a_composite_in_a_field_is_named_by_both() -> None:
    wrong: Any = object()
    with pytest.raises(EncodeError, match=r"attach\.source\.timeout: "):
        Attach(name="n", handle=0, role=True, source=Source(timeout=wrong)).encode()
    found = writing.write_fault(EncodeError("x").within("source"), "attach", "source")
    assert found.path == "attach.source"


def test_simple_maps_may_be_null() -> None:
    assert primitives.write_simple_map_or_null(None) == b"\x40"
    assert primitives.write_simple_map_or_null({"a": True}) == b"\xc1\x05\x02\xa1\x01a\x41"


def test_floats_with_and_without_nan() -> None:
    for words in ("3f800000 40000000", "3f800000 7fc00001"):
        data = bytes.fromhex(f"e0 0a 02 72 {words}")
        assert encode_value(decode_value(data)) == data


@pytest.mark.fault("A6")
@pytest.mark.parametrize("key", ["54 01", "a3 01 61", "98" + "07" * 16])
def test_a_key_twice_in_a_map_of_a_performative(key: str) -> None:
    items = bytes.fromhex(f"{key} 41 {key} 42")
    data = bytes((0xC1, len(items) + 1, 4)) + items
    with pytest.raises(DecodeError, match="map has a key twice"):
        primitives.read_map(data, 0, 64, PERFORMATIVE)
    assert len(primitives.read_map(data, 0, 64, CONTENT)[0]) == 1


def test_octets_behind_the_last_field_of_a_header() -> None:
    message = Message.decode(bytes.fromhex("00 53 70 c0 03 01 41 41 00 53 75 a0 01 78"))
    with pytest.raises(DecodeError, match="header"):
        _ = message.header


def test_a_row_of_one_value_without_an_encoding_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a specification that leaves the encoding out.
    row = Array("boolean", Repeat(True, 300))
    assert encode_value(row) == b"\xf0\0\0\0\x05\0\0\x01\x2c\x41"
    monkeypatch.delitem(elements.EMPTY_FORMS, ("boolean", True))
    assert encode_value(row) == b"\xf0\0\0\x01\x31\0\0\x01\x2c\x56" + b"\x01" * 300


@pytest.mark.fault("A7")
def test_a_map_needs_a_level() -> None:
    inside = b"\xc1\x05\x02\xa1\x01k\x40"
    around = b"\xc0\x08\x01" + inside
    assert decode_value(around, Limits(depth=2)) == [{"k": None}]
    with pytest.raises(DecodeError, match="deeper"):
        decode_value(around, Limits(depth=1))


@pytest.mark.fault("A13")
def test_an_array_that_the_data_cuts_short_is_told_as_one() -> None:
    whole = encode_value(Array("uint", [1, 2, 3]))
    for length in range(4, len(whole)):
        with pytest.raises(DecodeError, match=r"array claims \d+ bytes, \d+ are left"):
            decode_value(whole[:length])


@pytest.mark.parametrize("wrong", [65, b"A", ["A"], None])
def test_a_char_is_a_str(wrong: Any) -> None:
    with pytest.raises(EncodeError, match="expected"):
        writing.character(wrong)
