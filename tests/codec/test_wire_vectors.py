"""Every encoding of 1.6: the vectors of tests/vectors/primitives.txt, plain Python values, and what is illegal."""

from datetime import UTC, datetime
from typing import Any

import pytest

from amqp_spec import (
    Accepted,
    Array,
    DecodeError,
    Described,
    EncodeError,
    Map,
    Repeat,
    Symbol,
    UByte,
    UInt,
    ULong,
    decode_all,
    decode_value,
    encode_value,
    identical,
    skip_value,
)
from tests.codec.vectors import Vector, load

PRIMITIVES = load("primitives")
CANONICAL = [vector for vector in PRIMITIVES if vector.is_canonical]
READ_ONLY = [vector for vector in PRIMITIVES if not vector.is_canonical]


def named(vector: Vector) -> str:
    return vector.name


@pytest.mark.requirement("types-1.2-02")
@pytest.mark.requirement("types-1.2-05")
@pytest.mark.requirement("types-1.2-06")
@pytest.mark.requirement("types-1.2.2-01")
@pytest.mark.requirement("types-1.2.2-02")
@pytest.mark.requirement("types-1.2.4-03")
@pytest.mark.requirement("types-1.5-02")
@pytest.mark.requirement("types-1.6.1-01")
@pytest.mark.requirement("types-1.6.3-01")
@pytest.mark.requirement("types-1.6.4-01")
@pytest.mark.requirement("types-1.6.7-01")
@pytest.mark.requirement("types-1.6.8-01")
@pytest.mark.requirement("types-1.6.9-01")
@pytest.mark.requirement("types-1.6.10-01")
@pytest.mark.requirement("types-1.6.11-01")
@pytest.mark.requirement("types-1.6.12-01")
@pytest.mark.requirement("types-1.6.13-01")
@pytest.mark.requirement("types-1.6.14-01")
@pytest.mark.requirement("types-1.6.15-01")
@pytest.mark.requirement("types-1.6.16-01")
@pytest.mark.requirement("types-1.6.17-01")
@pytest.mark.requirement("types-1.6.18-01")
@pytest.mark.requirement("types-1.6.19-01")
@pytest.mark.fault("A18")
@pytest.mark.parametrize("vector", CANONICAL, ids=named)
def test_read_and_written(vector: Vector) -> None:
    assert identical(decode_value(vector.octets), vector.value)
    assert encode_value(vector.value) == vector.octets


@pytest.mark.requirement("types-1.2-07")
@pytest.mark.requirement("types-1.2.4-04")
@pytest.mark.requirement("types-1.6.2-01")
@pytest.mark.requirement("types-1.6.5-01")
@pytest.mark.requirement("types-1.6.6-01")
@pytest.mark.requirement("types-1.6.21-02")
@pytest.mark.requirement("types-1.6.22-01")
@pytest.mark.requirement("types-1.6.24-01")
@pytest.mark.parametrize("vector", READ_ONLY, ids=named)
def test_read_only(vector: Vector) -> None:
    assert identical(decode_value(vector.octets), vector.value)
    again = encode_value(vector.value)
    assert again != vector.octets
    assert identical(decode_value(again), vector.value)


@pytest.mark.parametrize("vector", PRIMITIVES, ids=named)
def test_skipped_and_decoded_in_a_row(vector: Vector) -> None:
    data, value = vector.octets, vector.value
    assert skip_value(data + b"\x40", 0, len(data) + 1) == len(data)
    first, second = decode_all(data * 2)
    assert identical(first, value)
    assert identical(second, value)


@pytest.mark.requirement("types-1.2-04")
@pytest.mark.parametrize("vector", PRIMITIVES, ids=named)
def test_each_truncation_is_a_decode_error(vector: Vector) -> None:
    data = vector.octets
    for length in range(len(data)):
        with pytest.raises(DecodeError):
            decode_value(data[:length])


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (5, "54 05"),
        (2**31, "81 0000000080000000"),
        (-(2**31) - 1, "81 ffffffff7fffffff"),
        (2**63 - 1, "81 7fffffffffffffff"),
        ((1, 2), "c0 05 02 54 01 54 02"),
        ({"a": 1}, "c1 06 02 a1 01 61 54 01"),
        (bytearray(b"x"), "a0 01 78"),
        (memoryview(b"xy")[1:], "a0 01 79"),
        (datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), "83 00000000000003e8"),
        (Array(UInt, Repeat(0, 2)), "e0 0a 02 70 00000000 00000000"),
    ],
)
def test_plain_python_values(value: Any, octets: str) -> None:
    assert encode_value(value) == bytes.fromhex(octets)


@pytest.mark.requirement("types-1.2-01")
@pytest.mark.requirement("types-1.6.2-02")
@pytest.mark.requirement("types-1.6.20-02")
@pytest.mark.requirement("types-1.6.21-01")
@pytest.mark.requirement("types-1.2.4-02")
@pytest.mark.fault("B5")
@pytest.mark.parametrize(
    ("octets", "said"),
    [
        ("", "ends inside"),
        ("40 40", "1 bytes follow"),
        ("01", "unknown constructor 0x01"),
        ("3f", "unknown constructor 0x3f"),
        ("46", "unknown constructor 0x46"),
        ("5f 00", "unknown constructor 0x5f"),
        ("ff 00000000", "unknown constructor 0xff"),
        ("56 02", "neither 0x00 nor 0x01"),
        ("e0 03 01 56 02", "neither 0x00 nor 0x01"),
        ("73 00110000", "0x00110000 is not a Unicode scalar value"),
        ("73 ffffffff", "0xffffffff is not"),
        ("73 0000d800", "0x0000d800 is not"),
        ("73 0000dfff", "0x0000dfff is not"),
        ("e0 06 01 73 0000d800", "0x0000d800 is not"),
        ("a1 01 ff", "not UTF-8"),
        ("a1 02 c3 28", "not UTF-8"),
        ("a1 03 eda080", "not UTF-8"),
        ("a3 01 e9", "not ASCII"),
        ("b3 00000001 80", "not ASCII"),
        ("e0 04 01 a3 01 e9", "not ASCII"),
        ("e0 04 01 a1 01 ff", "not UTF-8"),
        ("b0 ffffffff 616263", "claims 4294967295 bytes"),
        ("a1 05 616263", "claims 5 bytes"),
        ("e0 01 00", "ends"),
        ("e0 02 01 99", "unknown constructor 0x99 of array elements"),
        ("e0 03 01 a1 05", "claims 5 bytes"),
    ],
)
@pytest.mark.fault("A14")
def test_illegal_values(octets: str, said: str) -> None:
    with pytest.raises(DecodeError, match=said):
        decode_value(bytes.fromhex(octets))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), "expected a value of an AMQP type, got object"),
        (2**63, "out of range for long"),
        (-(2**63) - 1, "out of range for long"),
        ("\ud800", "not UTF-8"),
        (["x", "\udfff"], r"\[1\]: text is not UTF-8"),
        ({"k": [1, {"j": object()}]}, r'\["k"\]\[1\]\["j"\]: expected'),
        ({1, 2}, "got set"),
        (1j, "got complex"),
        (datetime(2020, 1, 1), "time zone"),
        (Described(object(), 1), "got object"),
    ],
)
@pytest.mark.fault("B6")
def test_values_without_encoding(value: Any, said: str) -> None:
    with pytest.raises(EncodeError, match=said):
        encode_value(value)


@pytest.mark.requirement("types-1.2.2-03")
@pytest.mark.parametrize("size", [0, 1, 254, 255, 256, 257, 65_534, 65_535, 65_536, 65_537])
@pytest.mark.fault("A17")
def test_sizes_around_the_edges(size: int) -> None:
    narrow = size <= 255
    cases: list[tuple[Any, int, int]] = [
        (b"x" * size, 0xA0, 0xB0),
        ("x" * size, 0xA1, 0xB1),
        (Symbol("x" * size), 0xA3, 0xB3),
    ]
    for value, small, large in cases:
        data = encode_value(value)
        assert data[0] == (small if narrow else large)
        assert len(data) == size + (2 if narrow else 5)
        assert identical(decode_value(data), value)


@pytest.mark.requirement("types-1.6.22-02")
@pytest.mark.parametrize("count", [0, 1, 127, 128, 252, 253, 254, 255, 256, 257, 65_535, 65_536])
@pytest.mark.fault("A17")
def test_compounds_around_the_edges(count: int) -> None:
    items = [True] * count
    data = encode_value(items)
    assert data[0] == (0x45 if count == 0 else 0xC0 if count <= 254 else 0xD0)
    assert identical(decode_value(data), items)
    for array in (
        Array(UByte, [n & 0xFF for n in range(count)]),
        Array(bytes, [b"x"] * count),
        Array(Symbol, ["y" * (n % 3) for n in range(count)]),
    ):
        assert identical(decode_value(encode_value(array)), array)
    entries = Map((n, True) for n in range(count))
    assert identical(decode_value(encode_value(entries)), entries)


@pytest.mark.parametrize("size", [254, 255, 256])
def test_array_elements_take_one_width(size: int) -> None:
    array = Array(str, ["", "x" * size])
    data = encode_value(array)
    assert data[9 if data[0] == 0xF0 else 3] == (0xA1 if size <= 255 else 0xB1)
    assert identical(decode_value(data), array)


@pytest.mark.parametrize(
    "octets", ["e0 02 00 70", "e0 02 00 a1", "e0 02 00 45", "f0 00000005 00000000 d1", "e0 02 00 98"]
)
@pytest.mark.fault("A16")
def test_empty_array_is_read_to_its_end(octets: str) -> None:
    data = bytes.fromhex(octets)
    array, after = decode_all(data + b"\x41")
    assert len(array) == 0
    assert after is True


@pytest.mark.fault("B6")
def test_number_of_many_digits() -> None:
    with pytest.raises(EncodeError, match="of 100001 bits is out of range for long"):
        encode_value(1 << 100_000)


@pytest.mark.requirement("types-1.2-03")
def test_length_of_each_constructor() -> None:
    widths = {0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16}
    for code in range(1, 256):
        data = bytes((code, 0, 0, 0, 3)) + b"\x40" * 32
        half = code >> 4
        if half < 4:
            with pytest.raises(DecodeError, match="unknown constructor"):
                skip_value(data, 0, len(data))
        elif half <= 9:
            assert skip_value(data, 0, len(data)) == 1 + widths[half]
        elif half in (0xA, 0xC, 0xE):
            assert skip_value(bytes((code, 7)) + b"x" * 9, 0, 11) == 9
        else:
            assert skip_value(data, 0, len(data)) == 8


@pytest.mark.requirement("types-1.6.24-02")
def test_elements_take_the_widest_constructor() -> None:
    assert encode_value(Array(UInt, [0, 1, 300])) == bytes.fromhex("e0 0e 03 70 00000000 00000001 0000012c")


@pytest.mark.requirement("types-1.6.23-03")
@pytest.mark.requirement("types-1.6.23-04")
def test_map_keeps_order_and_kinds_of_keys() -> None:
    pairs: list[tuple[Any, Any]] = [
        ("z", 1),
        (Symbol("z"), 2),
        (UInt(1), 3),
        (ULong(1), 4),
        (None, 5),
        ([1], 6),
        ("a", 7),
    ]
    decoded = decode_value(encode_value(Map(pairs)))
    assert identical(decoded, Map(pairs))
    assert [value for _, value in decoded.items()] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.requirement("types-1.4-03")
@pytest.mark.parametrize("octets", ["45", "c0 01 00", "d0 00000004 00000000"])
def test_composite_without_fields(octets: str) -> None:
    assert Accepted.decode(bytes.fromhex("00 53 24" + octets)) == Accepted()
    assert Accepted().encode() == bytes.fromhex("00 53 24 45")


@pytest.mark.requirement("types-1.6.20-01")
def test_text_of_all_planes() -> None:
    for text in ("\0", "\0\U0001f600", "\ufeffx", "\U0010ffff"):
        assert decode_value(encode_value(text)) == text
