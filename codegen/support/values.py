"""The value model: what AMQP's types (part 1 of the standard) are in Python.

========== =========================== ==============================================================
AMQP       Python                      where the type is not given by a field, and beyond
========== =========================== ==============================================================
null       None
boolean    bool
ubyte ...  int                         `UByte` `UShort` `UInt` `ULong` `Byte` `Short` `Long`
int        int                         an ``int`` beyond 32 bits is written as long
float      float                       `Float`; ``float`` is a double
decimal    `Decimal32` and so on       ``to_decimal()`` gives a decimal.Decimal
char       `Char`
timestamp  int                         `Timestamp`; an aware datetime when writing
uuid       uuid.UUID
binary     bytes                       bytearray and memoryview when writing
string     str
symbol     str                         `Symbol`
list       list                        any tuple when writing
map        `Map`                       any dict when writing
array      `Array`
described  a generated class           `Described` when the descriptor is not known
========== =========================== ==============================================================
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeAlias

from .arrays import Array, Repeat
from .decimals import Decimal32, Decimal64, Decimal128
from .described import Described
from .identity import identical
from .mapping import Map
from .scalars import (
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

__all__ = [
    "Array",
    "Byte",
    "Char",
    "Composite",
    "Decimal32",
    "Decimal64",
    "Decimal128",
    "Described",
    "Float",
    "Long",
    "Map",
    "Repeat",
    "Short",
    "Symbol",
    "Timestamp",
    "UByte",
    "UInt",
    "ULong",
    "UShort",
    "Value",
    "float_bits",
    "float_from_bits",
    "identical",
]


class Composite(Protocol):
    """A class of described values: a generated one, or one of the user's."""

    # A number, or the symbol where there is no number; Any, because a protocol takes no narrower type than it names.
    DESCRIPTOR: ClassVar[Any]

    def encode(self) -> bytes:
        """The whole described value."""
        ...


class Octets(Protocol):
    """An encoding that is written as it is: `Encoded`."""

    octets: bytes


class Named(Composite, Protocol):
    """A generated class."""

    SYMBOL: ClassVar[str]
    NAME: ClassVar[str]


Value: TypeAlias = (
    bool
    | int
    | float
    | str
    | bytes
    | bytearray
    | memoryview
    | uuid.UUID
    | datetime
    | Decimal32
    | Decimal64
    | Decimal128
    | Described
    | Array
    | Composite
    | Octets
    | Sequence["Value"]
    | Mapping[Any, "Value"]
    | None
)
"""Anything that can be encoded; the wrappers are subclasses of what stands here."""
