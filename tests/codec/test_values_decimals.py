"""Decimals: bits worked out by hand from IEEE 754-2008 (binary integer decimal) against decimal.Decimal."""

import copy
import os
import pickle
import subprocess
import sys
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from amqp_spec.values import Decimal32, Decimal64, Decimal128

KINDS: list[Any] = [Decimal32, Decimal64, Decimal128]

# One row is a class, its bits and the number, in both directions.
VECTORS: list[Any] = [
    (Decimal32, 0x32800001, "1"),
    (Decimal32, 0xB2800001, "-1"),
    (Decimal32, 0x32800000, "0"),
    (Decimal32, 0xB2800000, "-0"),
    (Decimal32, 0x3200000A, "1.0"),
    (Decimal32, 0x31800064, "1.00"),
    (Decimal32, 0x3300000A, "1.0E+2"),
    (Decimal32, 0x327FFFFF, "838860.7"),
    (Decimal32, 0x6CA00000, "8388608"),
    (Decimal32, 0x6CB8967F, "9999999"),
    (Decimal32, 0x77F8967F, "9.999999E+96"),
    (Decimal32, 0x5F800001, "1E+90"),
    (Decimal32, 0x00000001, "1E-101"),
    (Decimal32, 0x00000000, "0E-101"),
    (Decimal32, 0x80000000, "-0E-101"),
    (Decimal32, 0x78000000, "Infinity"),
    (Decimal32, 0xF8000000, "-Infinity"),
    (Decimal32, 0x7C000000, "NaN"),
    (Decimal32, 0xFC000001, "-NaN1"),
    (Decimal32, 0x7E000000, "sNaN"),
    (Decimal32, 0x7C0F423F, "NaN999999"),
    (Decimal64, 0x31C0000000000001, "1"),
    (Decimal64, 0x31A000000000000B, "1.1"),
    (Decimal64, 0x77FB86F26FC0FFFF, "9.999999999999999E+384"),
    (Decimal64, 0x6C7386F26FC0FFFF, "9999999999999999"),
    (Decimal64, 0x0000000000000001, "1E-398"),
    (Decimal64, 0x7800000000000000, "Infinity"),
    (Decimal64, 0xFE00000000000000, "-sNaN"),
    (Decimal128, 0x3040_0000_0000_0000_0000_0000_0000_0001, "1"),
    (Decimal128, 0xB03E_0000_0000_0000_0000_0000_0000_000B, "-1.1"),
    (Decimal128, 0x3041_ED09_BEAD_87C0_378D_8E63_FFFF_FFFF, "9999999999999999999999999999999999"),
    (Decimal128, 0x5FFF_ED09_BEAD_87C0_378D_8E63_FFFF_FFFF, "9.999999999999999999999999999999999E+6144"),
    (Decimal128, 0x0000_0000_0000_0000_0000_0000_0000_0001, "1E-6176"),
    (Decimal128, 0x7800_0000_0000_0000_0000_0000_0000_0000, "Infinity"),
    (Decimal128, 0x7C00_0000_0000_0000_0000_0000_0000_0000, "NaN"),
]


@pytest.mark.parametrize(("kind", "bits", "text"), VECTORS)
def test_known_vectors_in_both_directions(kind: Any, bits: int, text: str) -> None:
    assert str(kind(bits).to_decimal()) == text
    assert kind.from_decimal(Decimal(text)).bits == bits
    assert kind.from_decimal(text) == kind(bits)


@pytest.mark.parametrize(
    ("kind", "bits", "text"),
    [
        # 3.5.2: a coefficient beyond the digits of the format, and a payload likewise, count as zero.
        (Decimal32, 0x6CB89680, "0"),
        (Decimal32, 0xECBFFFFF, "-0"),
        (Decimal64, 0x6C7386F26FC10000, "0"),
        (Decimal128, 0x3041_ED09_BEAD_87C0_378D_8E64_0000_0000, "0"),
        (Decimal128, 0x6C10_0000_0000_0000_0000_0000_0000_0001, "0"),
        (Decimal32, 0x7C0F4240, "NaN"),
        (Decimal32, 0x7C0FFFFF, "NaN"),
        # The bits between the kind of NaN and its payload, and those behind infinity, mean nothing.
        (Decimal32, 0x7DF00001, "NaN1"),
        (Decimal32, 0x7BFFFFFF, "Infinity"),
    ],
)
def test_patterns_that_nobody_should_send_have_a_value_and_keep_their_bits(
    kind: Any, bits: int, text: str
) -> None:
    value = kind(bits)
    assert str(value) == text
    assert value.bits == bits
    assert repr(value) == f"{kind.__name__}(0x{bits:0{kind.WIDTH // 4}x})"


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@pytest.mark.fault("A18")
def test_any_bits_have_a_value_and_canonical_ones_come_back(kind: Any, data: st.DataObject) -> None:
    value = kind(data.draw(st.integers(0, (1 << kind.WIDTH) - 1)))
    number = value.to_decimal()
    again = kind.from_decimal(number)
    assert again.to_decimal().as_tuple() == number.as_tuple()
    assert eval(repr(value), {kind.__name__: kind}) == value


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_number_that_fits_keeps_sign_digits_and_exponent(kind: Any, data: st.DataObject) -> None:
    digits = data.draw(
        st.integers(0, 10**kind.DIGITS - 1) | st.integers(0, 10**kind.DIGITS - 1).map(lambda n: n >> 40)
    )
    exponent = data.draw(st.integers(-kind.BIAS, kind.BIAS - 2 * kind.DIGITS + 3))
    sign = data.draw(st.sampled_from("+-"))
    number = Decimal(f"{sign}{digits}E{exponent}")
    assert kind.from_decimal(number).to_decimal().as_tuple() == number.as_tuple()


@pytest.mark.parametrize("kind", KINDS)
@given(number=st.decimals(allow_nan=False, allow_infinity=False))
@example(Decimal("1E-102"))
@example(Decimal("10E-102"))
@example(Decimal("1.0000000E96"))
@example(Decimal("1E+97"))
@example(Decimal(12345678))
@example(Decimal(12345670))
def test_a_number_is_kept_exactly_or_refused(kind: Any, number: Decimal) -> None:
    highest = kind.BIAS - kind.DIGITS + 2
    context = Context(prec=kind.DIGITS, Emin=1 - highest, Emax=highest, traps=[], clamp=1)
    rounded = context.create_decimal(number)
    fits = not context.flags[Inexact] and rounded.is_finite()
    try:
        value = kind.from_decimal(number)
    except ValueError:
        assert not fits
    else:
        assert fits
        assert value.to_decimal() == number
        assert value.to_decimal().is_signed() == number.is_signed()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("1.0000000000", "1.000000"),
        ("1E+96", "1.000000E+96"),
        ("1E+91", "1.0E+91"),
        ("10E-102", "1E-101"),
        ("0E+500", "0E+90"),
        ("-0E-500", "-0E-101"),
        ("1" + "0" * 60, "1.000000E+60"),
    ],
)
def test_another_member_of_the_cohort_is_taken_when_the_given_one_does_not_fit(text: str, kept: str) -> None:
    assert str(Decimal32.from_decimal(text)) == kept


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("1.2345678", "more digits than the 7 of decimal32"),
        ("1E-102", "smaller"),
        ("15E-102", "smaller"),
        ("1E-99999999", "smaller"),
        ("1E+97", "too large for decimal32"),
        ("1E+99999999", "too large"),
        ("9999999E+91", "too large"),
        ("1" + "0" * 5000, "too large"),
        ("NaN1000000", "at most 6 digits"),
        ("one", "not a decimal number"),
    ],
)
def test_nothing_is_rounded(number: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Decimal32.from_decimal(number)


def test_integers_are_taken() -> None:
    assert Decimal64.from_decimal(-7).to_decimal() == -7


def test_the_context_of_the_caller_does_not_matter() -> None:
    with localcontext(Context(prec=1, Emax=1, Emin=-1, traps=[Inexact, InvalidOperation])):
        number = Decimal128.from_decimal("1234567890.123456789E-30")
        assert str(number) == "1.234567890123456789E-21"


def test_equality_is_that_of_bits_and_class() -> None:
    assert Decimal32(0x32800001) == Decimal32.from_decimal(1)
    assert Decimal32.from_decimal("1.0") != Decimal32.from_decimal("1.00")
    assert Decimal32(1) != Decimal64(1)
    assert Decimal32(1) != 1
    assert Decimal32(0x7C000000) == Decimal32(0x7C000000)
    assert len({Decimal32(1), Decimal32(1), Decimal32(2), Decimal64(1)}) == 3


@pytest.mark.fault("B1")
def test_hashes_are_salted() -> None:
    program = "from amqp_spec.values import Decimal64; print(hash(Decimal64(1)))"
    hashes = set()
    for seed in "12":
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, check=True
        )
        hashes.add(run.stdout)
    assert len(hashes) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_bits_out_of_range_are_refused(kind: Any) -> None:
    assert kind((1 << kind.WIDTH) - 1).bits == (1 << kind.WIDTH) - 1
    for bits in (-1, 1 << kind.WIDTH):
        with pytest.raises(ValueError, match="out of range for the bits"):
            kind(bits)


def test_bits_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Decimal32(1).bits = 2  # type: ignore[misc]  # the point of the test


@pytest.mark.parametrize("kind", KINDS)
def test_pickle_copy_repr(kind: Any) -> None:
    value = kind.from_decimal("-1.50")
    for same in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert same == value
    assert repr(value) == f"{kind.__name__}.from_decimal('-1.50')"
    assert f"{value}" == "-1.50"
