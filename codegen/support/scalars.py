"""Wrappers for the scalar types of AMQP that Python's own types cannot tell apart (section 1.6)."""

from __future__ import annotations

import math
import struct
from datetime import UTC, datetime, timedelta
from operator import index
from typing import ClassVar, Self, SupportsFloat, SupportsIndex

_DOUBLE = struct.Struct(">d")
_DOUBLE_BITS = struct.Struct(">Q")
_FLOAT = struct.Struct(">f")
_FLOAT_BITS = struct.Struct(">I")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

# binary32 and binary64 differ by 29 bits of fraction; a NaN's payload stands at the upper end of it.
_FRACTION_SHIFT = 29
_FLOAT_FRACTION = 0x7FFFFF
_FLOAT_EXPONENT = 0x7F800000
_FLOAT_QUIET = 0x400000
_DOUBLE_EXPONENT = 0x7FF << 52


class Symbol(str):
    """1.6.21 ``symbol``: a name from a constrained domain, ASCII only (ValueError otherwise).

    It is a ``str`` and equal to one of the same letters; only its type says that it travels as a symbol.
    """

    __slots__ = ()
    AMQP_TYPE: ClassVar[str] = "symbol"

    def __new__(cls, text: str = "", /) -> Self:
        """A symbol of these letters."""
        if not text.isascii():
            raise ValueError(f"a symbol takes ASCII characters only, not {text!r}")
        return super().__new__(cls, text)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({super().__repr__()})"


class _Bounded(int):
    """An integer of a stated width."""

    __slots__ = ()
    AMQP_TYPE: ClassVar[str]
    MIN: ClassVar[int]
    MAX: ClassVar[int]

    def __new__(cls, value: SupportsIndex = 0, /) -> Self:
        number = index(value)
        if not cls.MIN <= number <= cls.MAX:
            raise ValueError(f"{number} is out of range for {cls.AMQP_TYPE}: {cls.MIN} to {cls.MAX}")
        return super().__new__(cls, number)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int(self)})"

    def __str__(self) -> str:
        return int.__repr__(self)


class UByte(_Bounded):
    """1.6.3 ``ubyte``: 0 to 255; ValueError outside of it, like all of its kind."""

    __slots__ = ()
    AMQP_TYPE = "ubyte"
    MIN = 0
    MAX = 0xFF


class UShort(_Bounded):
    """1.6.4 ``ushort``: 0 to 65,535."""

    __slots__ = ()
    AMQP_TYPE = "ushort"
    MIN = 0
    MAX = 0xFFFF


class UInt(_Bounded):
    """1.6.5 ``uint``: 0 to 2**32 - 1."""

    __slots__ = ()
    AMQP_TYPE = "uint"
    MIN = 0
    MAX = 0xFFFF_FFFF


class ULong(_Bounded):
    """1.6.6 ``ulong``: 0 to 2**64 - 1."""

    __slots__ = ()
    AMQP_TYPE = "ulong"
    MIN = 0
    MAX = 0xFFFF_FFFF_FFFF_FFFF


class Byte(_Bounded):
    """1.6.7 ``byte``: -128 to 127."""

    __slots__ = ()
    AMQP_TYPE = "byte"
    MIN = -0x80
    MAX = 0x7F


class Short(_Bounded):
    """1.6.8 ``short``: -32,768 to 32,767."""

    __slots__ = ()
    AMQP_TYPE = "short"
    MIN = -0x8000
    MAX = 0x7FFF


class Long(_Bounded):
    """1.6.10 ``long``: -2**63 to 2**63 - 1. (1.6.9 ``int`` is Python's ``int``.)"""

    __slots__ = ()
    AMQP_TYPE = "long"
    MIN = -(1 << 63)
    MAX = (1 << 63) - 1


class Timestamp(_Bounded):
    """1.6.17 ``timestamp``: milliseconds since 1970-01-01T00:00:00Z, any 64-bit signed number."""

    __slots__ = ()
    AMQP_TYPE = "timestamp"
    MIN = -(1 << 63)
    MAX = (1 << 63) - 1

    @classmethod
    def from_datetime(cls, moment: datetime) -> Self:
        """The timestamp of an aware datetime, cut to the millisecond below; ValueError when it is naive."""
        if moment.utcoffset() is None:
            raise ValueError(
                "a datetime without a time zone names no moment: give it a tzinfo, such as datetime.UTC"
            )
        return cls((moment - _EPOCH) // _MILLISECOND)

    def to_datetime(self) -> datetime:
        """The moment as an aware datetime in UTC; OverflowError outside of the years 1 to 9999."""
        return _EPOCH + timedelta(milliseconds=int(self))


def float_from_bits(bits: int) -> float:
    """The value of a binary32 bit pattern (0 to 2**32 - 1); a NaN keeps sign, payload and signalling bit.

    Converting a NaN with ``struct`` may set its quiet bit, so its fields are moved by hand.
    """
    if not 0 <= bits <= 0xFFFF_FFFF:
        raise ValueError(f"{bits} is out of range for the bits of a float: 0 to 2**32 - 1")
    if bits & _FLOAT_EXPONENT != _FLOAT_EXPONENT or not bits & _FLOAT_FRACTION:
        value: float = _FLOAT.unpack(_FLOAT_BITS.pack(bits))[0]
        return value
    wide = (bits >> 31 << 63) | _DOUBLE_EXPONENT | (bits & _FLOAT_FRACTION) << _FRACTION_SHIFT
    nan: float = _DOUBLE.unpack(_DOUBLE_BITS.pack(wide))[0]
    return nan


def float_bits(value: float) -> int:
    """The binary32 bit pattern nearest to a value; ValueError when it is finite and too large.

    The inverse of `float_from_bits`, NaN included; of a NaN's payload the upper bits remain.
    """
    bits: int
    if math.isnan(value):
        wide: int = _DOUBLE_BITS.unpack(_DOUBLE.pack(value))[0]
        # A payload that has only lower bits would leave an infinity: such a NaN becomes the quiet one.
        fraction = (wide >> _FRACTION_SHIFT) & _FLOAT_FRACTION or _FLOAT_QUIET
        return (wide >> 63 << 31) | _FLOAT_EXPONENT | fraction
    try:
        bits = _FLOAT_BITS.unpack(_FLOAT.pack(value))[0]
    except OverflowError:
        raise ValueError(f"{value!r} is out of range for float: at most 3.4028235e+38 in magnitude") from None
    return bits


class Float(float):
    """1.6.11 ``float``: IEEE 754 binary32, rounded on construction (ValueError when too large).

    All 32 bits are kept, a NaN's payload and signalling bit too: they travel in the payload of the
    Python float. (1.6.12 ``double`` is Python's ``float``, whose NaN keeps its 64 bits likewise.)
    """

    __slots__ = ()
    AMQP_TYPE: ClassVar[str] = "float"

    def __new__(cls, value: SupportsFloat | str = 0.0, /) -> Self:
        """The float nearest to a number."""
        return super().__new__(cls, float_from_bits(float_bits(float(value))))

    @classmethod
    def from_bits(cls, bits: int) -> Self:
        """The float of a bit pattern, 0 to 2**32 - 1."""
        return super().__new__(cls, float_from_bits(bits))

    @property
    def bits(self) -> int:
        """The 32 bits as an unsigned number."""
        return float_bits(self)

    def __repr__(self) -> str:
        name = type(self).__name__
        if math.isnan(self) and self.bits != _FLOAT_EXPONENT | _FLOAT_QUIET:
            return f"{name}.from_bits(0x{self.bits:08x})"
        text = str(self)
        return f"{name}({text})" if math.isfinite(self) else f"{name}('{text}')"

    def __str__(self) -> str:
        # Nine digits always tell two floats apart; most need fewer.
        for digits in range(1, 9):
            text = f"{float(self):.{digits}g}"
            if _is_written(text, self.bits):
                break
        else:
            text = f"{float(self):.9g}"
        return float.__repr__(float(text))


def _is_written(text: str, bits: int) -> bool:
    try:
        return float_bits(float(text)) == bits
    except ValueError:
        # The largest floats, rounded up to few digits, are none any more.
        return False


class Char(str):
    """1.6.16 ``char``: one Unicode scalar value; ValueError for a surrogate or for more or less than one."""

    __slots__ = ()
    AMQP_TYPE: ClassVar[str] = "char"

    def __new__(cls, text: str, /) -> Self:
        """The char of a text of length one."""
        if len(text) != 1 or "\ud800" <= text <= "\udfff":
            raise ValueError(f"a char is one Unicode scalar value, not {text!r}")
        return super().__new__(cls, text)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({super().__repr__()})"
