# Generated from codegen/support/decimals.py
#   sha256 2a73a6c12d2569b1dd98df44c8bdc7d51e883be7d699ca0405ce2591aa159684
# Do not edit: change the source and run `python -m codegen`.

"""Decimal floating point as AMQP carries it (1.6.13 to 1.6.15): IEEE 754-2008, binary integer decimal."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import ClassVar, Self


class _DecimalBits:
    """The bits of an IEEE 754-2008 decimal in its binary integer encoding.

    Equal when class and bits are equal: 1.0 and 1.00 differ, as they do on the wire.
    """

    __slots__ = ("_bits",)
    AMQP_TYPE: ClassVar[str]
    WIDTH: ClassVar[int]
    """Size in bits."""
    DIGITS: ClassVar[int]
    """Precision in decimal digits."""
    BIAS: ClassVar[int]
    """What the exponent field counts from, so that 0 is the smallest exponent."""
    EXPONENT_BITS: ClassVar[int]
    """Width of the exponent field."""

    def __init__(self, bits: int, /) -> None:
        if not 0 <= bits < 1 << self.WIDTH:
            raise ValueError(
                f"{bits} is out of range for the bits of {self.AMQP_TYPE}: 0 to 2**{self.WIDTH} - 1"
            )
        self._bits = bits

    @property
    def bits(self) -> int:
        """The bits as an unsigned number."""
        return self._bits

    @classmethod
    def from_decimal(cls, value: Decimal | int | str, /) -> Self:
        """Encode a number exactly, keeping its exponent where the format has room for it.

        ValueError when digits or exponent do not fit; nothing is rounded. A zero's exponent is moved
        into range. Infinities and NaNs (with payload) are taken.
        """
        try:
            sign, digits, exponent = Decimal(value).as_tuple()
        except InvalidOperation:
            raise ValueError(f"{value!r} is not a decimal number") from None
        sign_bit = sign << (cls.WIDTH - 1)
        if exponent == "F":
            return cls(sign_bit | 0b11110 << (cls.WIDTH - 6))
        coefficient = "".join(map(str, digits)).lstrip("0")
        if not isinstance(exponent, int):
            return cls(sign_bit | cls._nan(coefficient, signalling=exponent == "N"))
        coefficient, exponent = cls._fit(coefficient, exponent)
        return cls(sign_bit | cls._finite(int(coefficient or "0"), exponent + cls.BIAS))

    @classmethod
    def _nan(cls, payload: str, *, signalling: bool) -> int:
        if len(payload) >= cls.DIGITS:
            raise ValueError(f"a NaN of {cls.AMQP_TYPE} takes at most {cls.DIGITS - 1} digits of payload")
        return (0b111111 if signalling else 0b111110) << (cls.WIDTH - 7) | int(payload or "0")

    @classmethod
    def _fit(cls, digits: str, exponent: int) -> tuple[str, int]:
        """Another member of the number's cohort when the given one does not fit."""
        lowest = -cls.BIAS
        highest = 3 * (1 << (cls.EXPONENT_BITS - 2)) - 1 - cls.BIAS
        if not digits:
            return digits, min(max(exponent, lowest), highest)
        if highest < exponent <= highest + cls.DIGITS - len(digits):
            return digits + "0" * (exponent - highest), highest
        surplus = max(len(digits) - cls.DIGITS, lowest - exponent)
        if surplus > 0:
            digits, lost = digits[:-surplus], digits[-surplus:]
            exponent += surplus
            if lost.strip("0"):
                raise ValueError(
                    f"the number has more digits than the {cls.DIGITS} of {cls.AMQP_TYPE}, or smaller ones"
                )
        if exponent > highest:
            raise ValueError(f"the number is too large for {cls.AMQP_TYPE}")
        return digits, exponent

    @classmethod
    def _finite(cls, coefficient: int, field: int) -> int:
        low_bits = cls.WIDTH - 1 - cls.EXPONENT_BITS
        if coefficient < 1 << low_bits:
            return field << low_bits | coefficient
        # A large coefficient leaves its leading 0b100 unwritten; two set bits in front say so.
        low_bits -= 2
        return 0b11 << (cls.WIDTH - 3) | field << low_bits | coefficient & ((1 << low_bits) - 1)

    def to_decimal(self) -> Decimal:
        """The number, exactly, with its exponent. A coefficient or payload beyond the format's digits is zero (IEEE 754-2008, 3.5.2)."""
        bits, width = self._bits, self.WIDTH
        sign = "-" if bits >> (width - 1) else ""
        leading = bits >> (width - 6) & 0b11111
        if leading == 0b11110:
            return Decimal(f"{sign}Infinity")
        if leading == 0b11111:
            return self._to_nan(sign)
        low_bits = width - 1 - self.EXPONENT_BITS
        if leading < 0b11000:
            coefficient = bits & ((1 << low_bits) - 1)
        else:
            low_bits -= 2
            coefficient = 0b100 << low_bits | bits & ((1 << low_bits) - 1)
        exponent = (bits >> low_bits & ((1 << self.EXPONENT_BITS) - 1)) - self.BIAS
        if coefficient >= 10**self.DIGITS:
            coefficient = 0
        return Decimal(f"{sign}{coefficient}E{exponent}")

    def _to_nan(self, sign: str) -> Decimal:
        bits, width = self._bits, self.WIDTH
        kind = "sNaN" if bits >> (width - 7) & 1 else "NaN"
        payload = bits & ((1 << (width - 4 - self.EXPONENT_BITS)) - 1)
        if payload >= 10 ** (self.DIGITS - 1):
            payload = 0
        return Decimal(f"{sign}{kind}{payload or ''}")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _DecimalBits):
            return type(self) is type(other) and self._bits == other._bits
        return NotImplemented

    def __hash__(self) -> int:
        # Through bytes, whose hash is salted: a peer cannot choose numbers that collide.
        return hash(self._bits.to_bytes(self.WIDTH // 8, "big"))

    def __repr__(self) -> str:
        name = type(self).__name__
        text = str(self)
        if type(self).from_decimal(text) == self:
            return f"{name}.from_decimal('{text}')"
        return f"{name}(0x{self._bits:0{self.WIDTH // 4}x})"

    def __str__(self) -> str:
        return str(self.to_decimal())


class Decimal32(_DecimalBits):
    """1.6.13 ``decimal32``: 7 digits."""

    __slots__ = ()
    AMQP_TYPE = "decimal32"
    WIDTH = 32
    DIGITS = 7
    BIAS = 101
    EXPONENT_BITS = 8


class Decimal64(_DecimalBits):
    """1.6.14 ``decimal64``: 16 digits."""

    __slots__ = ()
    AMQP_TYPE = "decimal64"
    WIDTH = 64
    DIGITS = 16
    BIAS = 398
    EXPONENT_BITS = 10


class Decimal128(_DecimalBits):
    """1.6.15 ``decimal128``: 34 digits."""

    __slots__ = ()
    AMQP_TYPE = "decimal128"
    WIDTH = 128
    DIGITS = 34
    BIAS = 6176
    EXPONENT_BITS = 14
