"""The scalar wrappers: ranges, bits, conversions, texts."""

import copy
import math
import pickle
import struct
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from amqp_spec.values import (
    Byte,
    Char,
    Float,
    Long,
    Short,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
    float_bits,
    float_from_bits,
)

RANGES: list[Any] = [
    (UByte, 0, 2**8 - 1),
    (UShort, 0, 2**16 - 1),
    (UInt, 0, 2**32 - 1),
    (ULong, 0, 2**64 - 1),
    (Byte, -(2**7), 2**7 - 1),
    (Short, -(2**15), 2**15 - 1),
    (Long, -(2**63), 2**63 - 1),
    (Timestamp, -(2**63), 2**63 - 1),
]


def double_bits(value: float) -> int:
    return int.from_bytes(struct.pack(">d", value))


def double_from_bits(bits: int) -> float:
    value: float = struct.unpack(">d", struct.pack(">Q", bits))[0]
    return value


class TestIntegers:
    @pytest.mark.parametrize(("kind", "low", "high"), RANGES)
    def test_the_range_of_the_type_and_no_more(self, kind: Any, low: int, high: int) -> None:
        assert (kind(low), kind(high)) == (low, high)
        for beyond in (low - 1, high + 1):
            with pytest.raises(
                ValueError, match=f"^{beyond} is out of range for {kind.AMQP_TYPE}: {low} to {high}$"
            ):
                kind(beyond)

    @pytest.mark.parametrize("wrong", ["5", 5.0, None])
    def test_only_integers_are_taken(self, wrong: Any) -> None:
        with pytest.raises(TypeError):
            UInt(wrong)

    def test_they_are_integers_that_know_their_width(self) -> None:
        assert UInt() == 0
        assert UInt(5) == 5 == Long(5)
        assert type(UInt(5) + 1) is int
        assert repr(UInt(5)) == "UInt(5)"
        assert f"{UInt(5)} {Byte(-5)!s} {ULong(255):#x}" == "5 -5 0xff"

    @pytest.mark.parametrize(("kind", "low", "high"), RANGES)
    def test_type_and_number_survive_pickling_and_copying(self, kind: Any, low: int, high: int) -> None:
        for number in (low, high):
            for same in (pickle.loads(pickle.dumps(kind(number))), copy.deepcopy(kind(number))):
                assert type(same) is kind
                assert same == number

    def test_they_carry_no_dictionary(self) -> None:
        for kind, *_ in RANGES:
            assert not hasattr(kind(0), "__dict__")


class TestSymbol:
    def test_it_is_its_text(self) -> None:
        symbol = Symbol("amqp:open:list")
        assert symbol == "amqp:open:list"
        assert hash(symbol) == hash("amqp:open:list")
        assert str(symbol) == f"{symbol}" == "amqp:open:list"
        assert repr(symbol) == "Symbol('amqp:open:list')"
        assert Symbol() == ""

    @pytest.mark.fault("B5")
    def test_only_ascii(self) -> None:
        assert Symbol("\x00\x7f") == "\x00\x7f"
        with pytest.raises(ValueError, match="ASCII"):
            Symbol("é")

    def test_the_type_survives_pickling(self) -> None:
        assert repr(pickle.loads(pickle.dumps(Symbol("x")))) == "Symbol('x')"

    def test_an_enumeration_of_symbols(self) -> None:
        class Policy(Symbol, Enum):
            NEVER = "never"

        assert Policy("never") is Policy.NEVER
        assert str.__str__(Policy.NEVER) == "never"
        assert isinstance(Policy.NEVER.value, str)


class TestFloat:
    def test_it_is_rounded_to_32_bits(self) -> None:
        assert Float(0.1) == struct.unpack(">f", struct.pack(">f", 0.1))[0] != 0.1
        assert Float() == 0.0
        assert Float(1) == 1.0
        assert Float("0.5") == 0.5

    @pytest.mark.parametrize("large", [3.5e38, -3.5e38, 1.7e308])
    def test_what_does_not_fit_is_refused(self, large: float) -> None:
        with pytest.raises(ValueError, match="out of range for float"):
            Float(large)

    @given(st.integers(0, 0xFFFF_FFFF))
    @example(0x7F80_0001)  # the smallest signalling NaN
    @example(0xFFFF_FFFF)
    @example(0x8000_0000)
    @example(0x7F80_0000)
    @pytest.mark.fault("A18")
    def test_every_bit_pattern_survives(self, bits: int) -> None:
        value = Float.from_bits(bits)
        assert type(value) is Float
        assert value.bits == bits
        assert math.isnan(value) == (bits & 0x7FFF_FFFF > 0x7F80_0000)
        assert Float(value).bits == bits
        assert pickle.loads(pickle.dumps(value)).bits == bits
        assert copy.deepcopy(value).bits == bits
        assert float_bits(float_from_bits(bits)) == bits
        assert eval(repr(value), {"Float": Float}).bits == bits

    @given(st.integers(0, 0xFFFF_FFFF))
    def test_the_value_is_that_of_struct(self, bits: int) -> None:
        expected = struct.unpack(">f", struct.pack(">I", bits))[0]
        value = Float.from_bits(bits)
        assert value == expected or (math.isnan(value) and math.isnan(expected))

    def test_a_nan_whose_payload_cannot_be_kept_stays_a_nan(self) -> None:
        assert Float(double_from_bits(0xFFF0_0000_0000_0001)).bits == 0xFFC0_0000
        assert Float(math.nan).bits == 0x7FC0_0000

    @pytest.mark.parametrize("bits", [-1, 1 << 32])
    def test_bits_out_of_range_are_refused(self, bits: int) -> None:
        with pytest.raises(ValueError, match="out of range"):
            Float.from_bits(bits)

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (Float(0.1), "Float(0.1)"),
            (Float(16777216.0), "Float(16777216.0)"),
            (Float(1.17549435e-38), "Float(1.1754944e-38)"),
            (Float(-0.0), "Float(-0.0)"),
            (Float(math.inf), "Float('inf')"),
            (Float(math.nan), "Float('nan')"),
            (Float.from_bits(0x7F800001), "Float.from_bits(0x7f800001)"),
        ],
    )
    def test_the_shortest_text_that_means_it(self, value: Float, text: str) -> None:
        assert repr(value) == text

    def test_str_and_format(self) -> None:
        assert f"{Float(0.1)} {Float(0.1):.3f} {Float.from_bits(0x7F800001)}" == "0.1 0.100 nan"


class TestDouble:
    @given(st.integers(0, (1 << 64) - 1))
    @example(0x7FF0_0000_0000_0001)  # signalling
    @example(0xFFF8_0000_0000_1234)
    def test_a_python_float_keeps_all_64_bits(self, bits: int) -> None:
        assert double_bits(double_from_bits(bits)) == bits


class TestChar:
    @pytest.mark.parametrize("text", ["\x00", "é", chr(0xD7FF), chr(0xE000), chr(0x10FFFF)])
    def test_any_scalar_value(self, text: str) -> None:
        char = Char(text)
        assert char == text
        assert ord(char) == ord(text)
        assert type(pickle.loads(pickle.dumps(char))) is Char

    @pytest.mark.parametrize("text", ["", "ab", chr(0xD800), chr(0xDFFF)])
    @pytest.mark.fault("A14")
    def test_nothing_else(self, text: str) -> None:
        with pytest.raises(ValueError, match="one Unicode scalar value"):
            Char(text)

    def test_repr(self) -> None:
        assert repr(Char("x")) == "Char('x')"


class TestTimestamp:
    def test_from_and_to_datetime(self) -> None:
        moment = datetime(2024, 2, 29, 12, 30, 15, 123_000, tzinfo=UTC)
        stamp = Timestamp.from_datetime(moment)
        assert stamp == 1709209815123
        assert stamp.to_datetime() == moment
        assert stamp.to_datetime().tzinfo is UTC
        assert Timestamp.from_datetime(moment.astimezone(timezone(timedelta(hours=9)))) == stamp
        assert repr(stamp) == "Timestamp(1709209815123)"

    def test_the_epoch_and_before(self) -> None:
        assert Timestamp(0).to_datetime() == datetime(1970, 1, 1, tzinfo=UTC)
        assert Timestamp(-1).to_datetime() == datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)

    def test_less_than_a_millisecond_is_cut_downwards(self) -> None:
        assert Timestamp.from_datetime(datetime(1970, 1, 1, 0, 0, 0, 1999, tzinfo=UTC)) == 1
        assert Timestamp.from_datetime(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1

    @given(st.datetimes(timezones=st.just(UTC)))
    def test_every_datetime_comes_back_to_the_millisecond(self, moment: datetime) -> None:
        assert (
            timedelta(0) <= moment - Timestamp.from_datetime(moment).to_datetime() < timedelta(milliseconds=1)
        )

    @pytest.mark.fault("B6")
    def test_a_naive_datetime_is_refused(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            Timestamp.from_datetime(datetime(2024, 1, 1))

    @pytest.mark.fault("B4")
    @pytest.mark.parametrize("number", [-(2**63), 2**63 - 1, 253402300800000, -62135596800001])
    def test_any_number_is_held_and_only_its_datetime_is_refused(self, number: int) -> None:
        stamp = Timestamp(number)
        assert stamp == number
        with pytest.raises(OverflowError):
            stamp.to_datetime()

    def test_the_sentinels_of_dotnet_are_datetimes(self) -> None:
        assert Timestamp(-62135596800000).to_datetime() == datetime.min.replace(tzinfo=UTC)
        assert Timestamp(253402300799999).to_datetime().year == 9999


@given(st.integers(0x7F7FF000, 0x7F7FFFFF), st.booleans())
@example(0x7F7FFFFF, False)
def test_the_largest_floats_have_a_repr_that_reads_back(bits: int, negative: bool) -> None:
    value = Float.from_bits(bits | negative << 31)
    assert eval(repr(value)).bits == value.bits
