"""A small reader and writer of AMQP types (1.2 to 1.6), written for the tests alone.

It shares nothing with the generated codec: a fault of one shows up against the other instead of cancelling out. Values
are :class:`Typed`: the standard's name of the type, and what a value of it is, so that nothing gets lost.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

__all__ = ["ArrayValue", "Malformed", "Typed", "decode", "decode_all", "encode"]

_MAX_DEPTH: Final = 64
_MAX_EMPTY_ITEMS: Final = 65_536


class Malformed(ValueError):
    """Octets are no AMQP value, or a value has no octets; the text says what and where."""


class Typed(NamedTuple):
    """A value and the standard's name of its type: ``Typed("uint", 5)``, ``Typed("symbol", "x")``.

    A list holds a tuple of these, a map a tuple of pairs, an array an :class:`ArrayValue`, ``described`` a pair of
    descriptor and value, a decimal its octets (as a NaN does, when read), a timestamp its milliseconds, a char a str of
    one character.
    """

    type: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class ArrayValue:
    """What an array holds: the type of its items, the items, and the descriptors of their constructor, outermost first.

    One of nulls has no items but a number of them, for they take no octets and may be billions.
    """

    type: str
    items: tuple[Typed, ...] = ()
    descriptors: tuple[Typed, ...] = ()
    nulls: int = 0


# constructor: type, octets of the value, struct format (None: the octets themselves)
_FIXED: Final[dict[int, tuple[str, int, str | None]]] = {
    0x50: ("ubyte", 1, ">B"),
    0x60: ("ushort", 2, ">H"),
    0x70: ("uint", 4, ">I"),
    0x52: ("uint", 1, ">B"),
    0x80: ("ulong", 8, ">Q"),
    0x53: ("ulong", 1, ">B"),
    0x51: ("byte", 1, ">b"),
    0x61: ("short", 2, ">h"),
    0x71: ("int", 4, ">i"),
    0x54: ("int", 1, ">b"),
    0x81: ("long", 8, ">q"),
    0x55: ("long", 1, ">b"),
    0x72: ("float", 4, ">f"),
    0x82: ("double", 8, ">d"),
    0x74: ("decimal32", 4, None),
    0x84: ("decimal64", 8, None),
    0x94: ("decimal128", 16, None),
    0x83: ("timestamp", 8, ">q"),
}
_EMPTY: Final = {
    0x40: Typed("null"),
    0x41: Typed("boolean", True),
    0x42: Typed("boolean", False),
    0x43: Typed("uint", 0),
    0x44: Typed("ulong", 0),
    0x45: Typed("list", ()),
}
# constructor: type, octets of the size (and of the count)
_VARIABLE: Final = {
    0xA0: ("binary", 1),
    0xB0: ("binary", 4),
    0xA1: ("string", 1),
    0xB1: ("string", 4),
    0xA3: ("symbol", 1),
    0xB3: ("symbol", 4),
    0xC0: ("list", 1),
    0xD0: ("list", 4),
    0xC1: ("map", 1),
    0xD1: ("map", 4),
    0xE0: ("array", 1),
    0xF0: ("array", 4),
}
# type: its full-width constructor, which is what items of an array are written with
_WIDE: Final = {
    "boolean": 0x56,
    "char": 0x73,
    "uuid": 0x98,
    **{kind: code for code, (kind, _, _) in _FIXED.items() if code not in (0x52, 0x53, 0x54, 0x55)},
    **{kind: code for code, (kind, size) in _VARIABLE.items() if size == 4},
}
# type: constructor of one octet for values from .. to
_NARROW: Final = {
    "uint": (0x52, 0, 255),
    "ulong": (0x53, 0, 255),
    "int": (0x54, -128, 127),
    "long": (0x55, -128, 127),
}
_FORMATS: Final = {code: form for code, (_, _, form) in _FIXED.items()}


# -- reading


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at
        self.end = len(data)
        self.depth = 0

    def take(self, count: int) -> bytes:
        if count > self.end - self.at:
            raise Malformed(f"{count} octets are missing at offset {self.at}, {self.end - self.at} are left")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def value(self) -> Typed:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise Malformed(f"values are nested more than {_MAX_DEPTH} deep at offset {self.at}")
        code = self.number(1)
        if code == 0x00:
            descriptor = self.value()
            found = Typed("described", (descriptor, self.value()))
        else:
            found = self.behind(code)
        self.depth -= 1
        return found

    def behind(self, code: int) -> Typed:
        """Read the value behind the constructor *code*."""
        if code in _EMPTY:
            return _EMPTY[code]
        if code in _FIXED:
            kind, size, form = _FIXED[code]
            octets = self.take(size)
            value = octets if form is None else struct.unpack(form, octets)[0]
            # A NaN stays its octets: Python would make others of them, and it is not equal to itself.
            return Typed(kind, value if value == value else octets)
        if code in _VARIABLE:
            return self.variable(*_VARIABLE[code])
        return self.odd_one(code)

    def odd_one(self, code: int) -> Typed:
        at = self.at - 1
        if code == 0x56:
            octet = self.number(1)
            if octet > 1:
                raise Malformed(f"boolean 0x{octet:02x} at offset {at} is neither 0 nor 1")
            return Typed("boolean", bool(octet))
        if code == 0x73:
            point = self.number(4)
            if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
                raise Malformed(f"char 0x{point:x} at offset {at} is no character")
            return Typed("char", chr(point))
        if code == 0x98:
            return Typed("uuid", UUID(bytes=self.take(16)))
        raise Malformed(f"0x{code:02x} at offset {at} is no constructor")

    def variable(self, kind: str, width: int) -> Typed:
        at = self.at - 1
        size = self.number(width)
        if kind in ("binary", "string", "symbol"):
            octets = self.take(size)
            try:
                return Typed(
                    kind,
                    octets if kind == "binary" else octets.decode("utf-8" if kind == "string" else "ascii"),
                )
            except UnicodeDecodeError as error:
                raise Malformed(f"{kind} at offset {at}: {error}") from None
        end = self.at + size
        if end > self.end:
            raise Malformed(
                f"{kind} at offset {at} claims {size} octets, {self.end - self.at} are left"
            ) from None
        outer, self.end = self.end, end
        count = self.number(width)
        found = self.array(count) if kind == "array" else self.compound(kind, count)
        if self.at != end:
            raise Malformed(f"{kind} at offset {at} has {end - self.at} octets behind its last item")
        self.end = outer
        return found

    def compound(self, kind: str, count: int) -> Typed:
        if count > self.end - self.at:
            raise Malformed(f"{kind} at offset {self.at} claims {count} items in {self.end - self.at} octets")
        items = [self.value() for _ in range(count)]
        if kind == "list":
            return Typed("list", tuple(items))
        if count % 2:
            raise Malformed(f"map at offset {self.at} has a key without a value")
        return Typed("map", tuple(zip(items[::2], items[1::2], strict=True)))

    def array(self, count: int) -> Typed:
        descriptors: list[Typed] = []
        code = self.number(1)
        while code == 0x00:
            if len(descriptors) > _MAX_DEPTH:
                raise Malformed(f"descriptors are nested more than {_MAX_DEPTH} deep at offset {self.at}")
            descriptors.append(self.value())
            code = self.number(1)
        kind = _type_of(code, self.at - 1)
        if kind == "null":
            return Typed("array", ArrayValue(kind, (), tuple(descriptors), count))
        if count > (_MAX_EMPTY_ITEMS if code in _EMPTY else self.end - self.at):
            raise Malformed(f"array at offset {self.at} claims {count} items in {self.end - self.at} octets")
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise Malformed(f"values are nested more than {_MAX_DEPTH} deep at offset {self.at}")
        items = tuple([self.behind(code) for _ in range(count)])
        self.depth -= 1
        return Typed("array", ArrayValue(kind, items, tuple(descriptors)))


def _type_of(code: int, at: int) -> str:
    if code in _EMPTY:
        return _EMPTY[code].type
    if code in _FIXED:
        return _FIXED[code][0]
    if code in _VARIABLE:
        return _VARIABLE[code][0]
    odd = {0x56: "boolean", 0x73: "char", 0x98: "uuid"}
    if code not in odd:
        raise Malformed(f"0x{code:02x} at offset {at} is no constructor")
    return odd[code]


def decode(data: bytes, at: int = 0) -> tuple[Typed, int]:
    """Read the value at offset *at*; return it and the offset behind it.

    Raises:
        Malformed: there is none; the text says what is wrong, and where.
    """
    reader = _Reader(bytes(data), at)
    found = reader.value()
    return found, reader.at


def decode_all(data: bytes) -> list[Typed]:
    """Read values up to the end of *data*.

    Raises:
        Malformed: *data* is something else.
    """
    reader = _Reader(bytes(data), 0)
    found: list[Typed] = []
    while reader.at < reader.end:
        found.append(reader.value())
    return found


# -- writing


def encode(value: Typed, *, wide: bool = False) -> bytes:
    """Write a value in its shortest form, or with *wide* in its longest: both are legal everywhere (1.6).

    Raises:
        Malformed: *value* is not of its type.
    """
    kind, content = value
    if kind == "described":
        descriptor, inner = cast("tuple[Typed, Typed]", content)
        return b"\x00" + encode(descriptor, wide=wide) + encode(inner, wide=wide)
    if kind == "null":
        return b"\x40"
    if not wide:
        if kind == "boolean":
            return b"\x41" if content else b"\x42"
        if kind in ("uint", "ulong") and content == 0:
            return b"\x43" if kind == "uint" else b"\x44"
        if kind == "list" and not content:
            return b"\x45"
        if kind in _NARROW:
            code, least, most = _NARROW[kind]
            if isinstance(content, int) and least <= content <= most:
                return bytes((code, content & 0xFF))
    if kind not in _WIDE:
        raise Malformed(f"{kind!r} is no type of the standard")
    code = _WIDE[kind]
    body = _body(value, wide)
    return bytes((code,)) + body if wide or code not in _VARIABLE else _short(code, body)


def _short(code: int, body: bytes) -> bytes:
    """Write a value of variable size with one octet for its size (and its count) where that is enough."""
    if code in (0xB0, 0xB1, 0xB3):
        numbers = [len(body) - 4]
        rest = body[4:]
    else:
        # The size counts the count, which becomes three octets shorter.
        numbers = [len(body) - 7, int.from_bytes(body[4:8], "big")]
        rest = body[8:]
    if max(numbers) > 255:
        return bytes((code,)) + body
    return bytes((code - 0x10, *numbers)) + rest


def _body(value: Typed, wide: bool) -> bytes:
    """What stands behind the full-width constructor."""
    kind, content = value
    try:
        match kind:
            case "binary":
                return _sized(bytes(content))
            case "string":
                return _sized(content.encode())
            case "symbol":
                return _sized(content.encode("ascii"))
            case "boolean":
                return b"\x01" if content else b"\x00"
            case "char":
                return ord(content).to_bytes(4, "big")
            case "uuid":
                return bytes(content.bytes)
            case "list":
                items = cast("tuple[Typed, ...]", content)
                return _counted(len(items), b"".join(encode(item, wide=wide) for item in items))
            case "map":
                pairs = cast("tuple[tuple[Typed, Typed], ...]", content)
                octets = b"".join(encode(key, wide=wide) + encode(entry, wide=wide) for key, entry in pairs)
                return _counted(2 * len(pairs), octets)
            case "array":
                return _array(cast("ArrayValue", content), wide)
            case _:
                form = _FORMATS[_WIDE[kind]]
                return content if isinstance(content, bytes) else struct.pack(form or "", content)
    except (struct.error, OverflowError, UnicodeError, TypeError, AttributeError, ValueError) as error:
        raise Malformed(f"{content!r} is no {kind}: {error}") from error


def _array(array: ArrayValue, wide: bool) -> bytes:
    head = b"".join(b"\x00" + encode(descriptor, wide=wide) for descriptor in array.descriptors)
    if array.type == "null":
        return _counted(array.nulls, head + b"\x40")
    head += bytes((_WIDE[array.type],))
    return _counted(len(array.items), head + b"".join(_body(item, wide) for item in array.items))


def _sized(octets: bytes) -> bytes:
    return len(octets).to_bytes(4, "big") + octets


def _counted(count: int, octets: bytes) -> bytes:
    return (len(octets) + 4).to_bytes(4, "big") + count.to_bytes(4, "big") + octets
