"""Where a value, a section or a message ends: what crosses the end is refused, and so is what lies behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from amqp_spec import (
    AmqpValue,
    Array,
    Data,
    DecodeError,
    Described,
    EncodeError,
    Limits,
    Map,
    Properties,
    Symbol,
    decode_all,
    decode_section,
    decode_value,
    encode_value,
    peek_descriptor,
    skip_value,
)
from amqp_spec.primitives import write_list

if TYPE_CHECKING:
    from collections.abc import Callable

# 1.6.13: a decimal32 of which three octets are missing.
CUT = b"\x74\x00"


def test_a_described_value_is_the_whole_of_the_data() -> None:
    assert Data.decode(b"\x00\x53\x75\xa0\x01x") == Data(b"x")
    with pytest.raises(DecodeError, match="2 bytes follow the value"):
        Data.decode(b"\x00\x53\x75\xa0\x01x??")
    with pytest.raises(DecodeError, match="the data ends inside a value"):
        AmqpValue.decode(b"\x00\x53\x77" + CUT)
    with pytest.raises(DecodeError, match="the data ends inside a value"):
        Data.decode(b"")
    with pytest.raises(DecodeError, match="expected a described value"):
        Data.decode(b"\xa0\x01x")
    with pytest.raises(DecodeError, match="data"):
        Data.decode(b"\x00\x53\x77\xa0\x01x")


@pytest.mark.fault("A4")
def test_a_section_ends_within_the_message() -> None:
    section = b"\x00\x53\x75\xa0\x02ab"
    assert decode_section(section, 0, len(section)) == (Data(b"ab"), len(section))
    for limits in (Limits(), Limits(depth=9)):
        with pytest.raises(DecodeError, match="behind the end of the message"):
            decode_section(section, 0, len(section) - 1, limits)
        with pytest.raises(DecodeError, match="the data ends inside a section"):
            decode_section(b"\x00\x53\x77" + CUT, 0, 5, limits)
    with pytest.raises(DecodeError, match="behind the end of the message"):
        decode_section(section, 0, len(section) - 1)
    with pytest.raises(DecodeError, match="expected a section"):
        decode_section(b"\x41", 0, 1)


def test_a_descriptor_is_looked_at_without_its_value() -> None:
    section = Properties(subject="x").encode()
    assert peek_descriptor(section, 0, len(section)) == (0x73, 3)
    assert peek_descriptor(b"\x00\x80\0\0\0\0\0\0\0\x73\x45", 0, 11) == (0x73, 10)
    assert peek_descriptor(b"\x00\xa3\x14amqp:properties:list", 0, 23) == (0x73, 23)
    assert peek_descriptor(b"\x00\xa3\x01x\x45", 0, 5) == (None, 4)
    # 1.4 lets any value be a descriptor; none but numbers and symbols are known.
    assert peek_descriptor(b"\x00\xa1\x01x\x45", 0, 5) == (None, 4)
    with pytest.raises(DecodeError, match="expected a described value"):
        peek_descriptor(b"\x41", 0, 1)
    for octets in (b"", b"\x00", b"\x00\x53", b"\x00\xa3\x05x"):
        with pytest.raises(DecodeError):
            peek_descriptor(octets, 0, len(octets))


def test_limits_leave_room_for_something() -> None:
    assert Limits(depth=1, map_nodes=1).depth == 1
    for depth, nodes in ((0, 1), (1, 0), (-1, -1)):
        with pytest.raises(ValueError, match="at least 1"):
            Limits(depth=depth, map_nodes=nodes)


@pytest.mark.fault("A4")
def test_what_lies_behind_the_end_is_not_looked_at() -> None:
    # The value behind the descriptor is there, but it belongs to others.
    data = b"\x00\x53\x10\x45"
    assert skip_value(data, 0, 4) == 4
    with pytest.raises(DecodeError, match="the data ends inside a value at offset 3"):
        skip_value(data, 0, 3)


@pytest.mark.fault("A4")
@pytest.mark.parametrize(
    "octets", ["a0 02 6161", "b1 00000002 6161", "c0 02 01 40", "d1 00000004 00000000", "e0 02 00 40"]
)
def test_no_size_leads_beyond_the_end(octets: str) -> None:
    data = bytes.fromhex(octets)
    assert skip_value(data + b"\x41", 0, len(data)) == len(data)
    for end in range(2 if data[0] >> 4 in (0xA, 0xC, 0xE) else 5, len(data)):
        # What the size counts is there, but it belongs to others.
        with pytest.raises(
            DecodeError, match=f"^value claims {len(data)} bytes, {end} are left at offset 0$"
        ):
            skip_value(data, 0, end)


@pytest.mark.fault("A4")
def test_the_last_of_several_values_is_whole() -> None:
    assert decode_all(b"\x41\x42") == [True, False]
    with pytest.raises(DecodeError, match="the data ends inside a value at offset 1"):
        decode_all(b"\x41" + CUT)


def nested(around: Callable[[Any], Any], levels: int, inside: Any = 1) -> Any:
    value = inside
    for _ in range(levels):
        value = around(value)
    return value


NESTED: dict[str, Callable[[int], Any]] = {
    "lists": lambda levels: nested(lambda value: [value], levels),
    "values of maps": lambda levels: nested(lambda value: {"x": value}, levels),
    "keys of maps": lambda levels: nested(lambda value: Map([(value, 1)]), levels),
    "no pairs": lambda levels: nested(lambda value: {"x": value}, levels - 1, {}),
    "arrays": lambda levels: nested(lambda value: Array("array", [value]), levels - 1, Array("uint", [])),
    "arrays of lists": lambda levels: Array("list", [nested(lambda value: [value], levels - 1)]),
    "arrays of maps": lambda levels: Array("map", [nested(lambda value: {"x": value}, levels - 1)]),
    "described values": lambda levels: nested(lambda value: Described(Symbol("x"), value), levels),
    "descriptors": lambda levels: nested(lambda value: Described(value, 1), levels),
    "descriptors of elements": lambda levels: Array(int, [1], descriptors=[Symbol("x")] * (levels - 1)),
}


@pytest.mark.fault("A7")
@pytest.mark.parametrize("kind", NESTED)
def test_the_last_level_that_is_read(kind: str) -> None:
    for levels in (2, 5, 63):
        data = encode_value(NESTED[kind](levels))
        assert encode_value(decode_value(data, Limits(depth=levels))) == data
        with pytest.raises(DecodeError, match="nested deeper than the limit at offset"):
            decode_value(data, Limits(depth=levels - 1))


@pytest.mark.fault("A7")
@pytest.mark.parametrize("kind", NESTED)
def test_the_last_level_that_is_written(kind: str) -> None:
    data = encode_value(NESTED[kind](64))
    assert encode_value(decode_value(data)) == data
    with pytest.raises(EncodeError, match=r"nested deeper than the limit$"):
        encode_value(NESTED[kind](65))


@pytest.mark.fault("A7")
def test_the_last_level_of_a_list_that_may_be_written() -> None:
    assert write_list([1], 1) == b"\xc0\x03\x01\x54\x01"
    assert write_list([], 0) == b"\x45"
    with pytest.raises(EncodeError, match="deeper"):
        write_list([1], 0)
