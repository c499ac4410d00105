# Generated from codegen/support/reading.py
#   sha256 f4ad43755b6a7778f500640523dc997c3019fc3fe5afcb58255a0ed6e94a2cbe
# Do not edit: change the source and run `python -m codegen`.

"""Readers of values whose type is open, and what every generated reader shares.

A reader takes the buffer, the offset behind the constructor, the levels of nesting left and the scope; it returns the
value and the offset behind it. Readers do not compare each value with the end of what encloses it: a cursor only moves
forward, so one comparison at the end of each compound finds every child that crossed its parent's end.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from .errors import DecodeError
from .limits import DEFAULT_LIMITS
from .values import Described, Named, Symbol, ULong

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

D = TypeVar("D")

Reader: TypeAlias = "Callable[[bytes, int, int, Scope], tuple[Any, int]]"

# What reading hostile bytes can raise. Readers raise the first, Python the others; nothing else gets out.
FAULTS = (
    DecodeError,
    IndexError,
    struct.error,
    UnicodeDecodeError,
    ValueError,
    OverflowError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a value stands: which described types become classes there, and how strict its maps are."""

    types: Mapping[int | str, Reader] = field(default_factory=dict[int | str, Reader])
    # 2.7 and 3.5: a map of a performative is small and names each key once; in content the last of equal keys wins.
    strict: bool = False
    map_nodes: int = DEFAULT_LIMITS.map_nodes


# Message content: every described value stays Described, but for what is in the default registry.
CONTENT_TYPES: dict[int | str, Reader] = {}
CONTENT = Scope(types=CONTENT_TYPES)

# Generated class -> reader of what follows its descriptor. Filled by the registry, as the tables below.
CLASSES: dict[type[Named], Reader] = {}

# Descriptor -> the same, under the number and under the symbol.
TYPES: dict[int | str, Reader] = {}

# Descriptor -> class, the same. What a user registers does not come here.
KINDS: dict[int | str, type[Named]] = {}

# Inside performatives, described values that are known become their classes.
PERFORMATIVE = Scope(types=TYPES, strict=True)

# Symbolic descriptor -> numeric descriptor, of every type that has both.
DESCRIPTORS: dict[str, int] = {}

_unpack_head32 = struct.Struct(">II").unpack_from


def unknown(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Any, int]:
    """Refuse a constructor that no type has."""
    raise DecodeError(f"unknown constructor 0x{data[at - 1]:02x}", offset=at - 1)


# Constructor -> reader. Filled by the module primitives from the XML's table of encodings.
READERS: list[Reader] = [unknown] * 256


def fault(error: Exception, offset: int) -> DecodeError:
    """Return what a reader raised as a DecodeError; Python's own exceptions are put in words."""
    if isinstance(error, DecodeError):
        if error.offset is None:
            error.offset = offset
        return error
    if isinstance(error, IndexError | struct.error):
        what = "the data ends inside a value"
    elif isinstance(error, UnicodeDecodeError):
        kind = "UTF-8" if error.encoding == "utf-8" else "ASCII"
        what = f"text is not {kind} ({error.reason})"
    elif isinstance(error, RecursionError):
        what = "nested deeper than the stack of this thread allows"
    else:
        what = str(error)
    return DecodeError(what, offset=offset)


def inside(error: Exception, offset: int, segment: str) -> DecodeError:
    """Return the fault with one more step put in front of its path."""
    return fault(error, offset).within(segment)


def truncated(kind: str, offset: int, needed: int, there: int) -> DecodeError:
    """Return the fault of a value that claims more bytes than there are."""
    return DecodeError(f"{kind} claims {needed} bytes, {max(there, 0)} are left", offset=offset)


def too_many(kind: str, count: int, room: int, offset: int) -> DecodeError:
    """Return the fault of a compound whose count does not fit its size: each item takes a byte."""
    return DecodeError(f"{kind} claims {count} items in {max(room, 0)} bytes", offset=offset)


def found_at(data: bytes, at: int) -> str:
    """Say which constructor stands at an offset."""
    return "found null" if data[at] == 0x40 else f"found constructor 0x{data[at]:02x}"


def unexpected(kind: str, data: bytes, at: int) -> DecodeError:
    """Return the fault of a value of another type."""
    return DecodeError(f"expected {kind}, {found_at(data, at)}", offset=at)


def read_value(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Any, int]:
    """Read a value of any type; `at` is its constructor."""
    return READERS[data[at]](data, at + 1, depth, scope)


def read_value_or(data: bytes, at: int, depth: int, scope: Scope, default: D) -> tuple[Any | D, int]:
    """Read a value of any type, the default for a null."""
    value, after = READERS[data[at]](data, at + 1, depth, scope)
    return (default if value is None else value), after


def refused(kind: str, data: bytes, at: int, end: int, count: int) -> DecodeError:
    """Return the fault of a compound's head; `at` is behind it. Called when there is one."""
    if end > len(data):
        return truncated(kind, at, end - at, len(data) - at)
    if count > end - at:
        return too_many(kind, count, end - at, at)
    if kind == "map" and count & 1:
        return DecodeError(f"map claims {count} items, which is odd", offset=at)
    return DecodeError("nested deeper than the limit", offset=at)


def misfit(kind: str, at: int, end: int) -> DecodeError:
    """Return the fault of a compound whose size is not that of its items."""
    return DecodeError(f"{kind} ends at offset {end} by its size, at {at} by its items", offset=end)


def list0(data: bytes, at: int, depth: int, scope: Scope) -> tuple[list[Any], int]:
    """Read the list without items."""
    return [], at


def list8(data: bytes, at: int, depth: int, scope: Scope) -> tuple[list[Any], int]:
    """Read a list with one byte each of size and count."""
    return list_items(data, at + 2, at + 1 + data[at], data[at + 1], depth, scope)


def list32(data: bytes, at: int, depth: int, scope: Scope) -> tuple[list[Any], int]:
    """Read a list with four bytes each of size and count."""
    size, count = _unpack_head32(data, at)
    return list_items(data, at + 8, at + 4 + size, count, depth, scope)


def list_items(data: bytes, at: int, end: int, count: int, depth: int, scope: Scope) -> tuple[list[Any], int]:
    """Read the items of a list, whose head has been read."""
    # An empty list needs no level: its encoding of one octet (1.6.22) is not counted either.
    if end > len(data) or count > end - at or (depth <= 0 and count):
        raise refused("list", data, at, end, count)
    depth -= 1
    items: list[Any] = []
    append = items.append
    readers = READERS
    try:
        for _ in range(count):
            item, at = readers[data[at]](data, at + 1, depth, scope)
            append(item)
    except FAULTS as error:
        raise inside(error, at, f"[{len(items)}]") from None
    if at != end:
        raise misfit("list", at, end)
    return items, end


def symbol_of(octets: bytes) -> Symbol:
    """Return a symbol of a wire's octets."""
    return str.__new__(Symbol, octets, "ascii")


class Known(dict[bytes, Any]):
    """Keys of maps by their encoding, as many as a bound says: the same few come again and again.

    Keys of one constructor, whose size takes one octet; for anything else the look-up raises DecodeError. So what is
    found is a whole key, and needs no other test.
    """

    __slots__ = ("_code", "_read")

    def __init__(self, code: int, read: Callable[[bytes], str]) -> None:
        super().__init__()
        self._code = code
        self._read = read

    def __missing__(self, octets: bytes) -> str:
        if octets[0] != self._code or len(octets) != 2 + octets[1]:
            raise DecodeError("no key of this constructor, or not all of it")
        key = self._read(octets[2:])
        if len(self) >= KNOWN_KEYS:
            self.clear()
        self[octets] = key
        return key


KNOWN_KEYS = 1024

# Items of a map whose keys are kept: those of a larger one seldom come again, and would push others out.
FEW_ITEMS = 64


def key_in_path(key: Any) -> str:
    """Return a key as the path shows it, cut short."""
    text = f'"{key}"' if isinstance(key, str) else repr(key) if isinstance(key, int) else type(key).__name__
    return f"[{text[:64]}]"


def described(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Any, int]:
    """Read a described value; `at` is behind the 0x00, at the constructor of the descriptor."""
    if depth <= 0:
        raise DecodeError("nested deeper than the limit", offset=at)
    depth -= 1
    descriptor, at = READERS[data[at]](data, at + 1, depth, scope)
    reader = class_reader(descriptor, scope)
    if reader is not None:
        return reader(data, at, depth, scope)
    value, at = READERS[data[at]](data, at + 1, depth, scope)
    return Described(descriptor, value), at


def class_reader(descriptor: Any, scope: Scope) -> Reader | None:
    """Return the reader that the scope has for a descriptor: its number, or its exact name."""
    if scope.types and (type(descriptor) is ULong or type(descriptor) is Symbol):
        return scope.types.get(descriptor)
    return None


READERS[0x00] = described


def boolean(data: bytes, at: int) -> bool:
    """Read the octet of a boolean: 1.6.2 knows 0x00 and 0x01 only."""
    octet = data[at]
    if octet > 1:
        raise DecodeError(f"boolean is 0x{octet:02x}, neither 0x00 nor 0x01", offset=at)
    return octet == 1


def scalar_value(number: int) -> str:
    """Return the character of a code point; 1.6.16: surrogates and what is beyond Unicode are none."""
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise DecodeError(f"char 0x{number:08x} is not a Unicode scalar value")
    return chr(number)


def unlisted(kind: str, value: object, offset: int) -> DecodeError:
    """Return the fault of a value that is none of the choices of its type (1.3.5)."""
    return DecodeError(f"{value!r} is not a choice of {kind}", offset=offset)


def wrong_descriptor(kind: str, descriptor: object, offset: int) -> DecodeError:
    """Return the fault of a described value of another type."""
    text = f"0x{descriptor:02x}" if isinstance(descriptor, int) else repr(descriptor)[:80]
    return DecodeError(f"expected {kind}, found descriptor {text}", offset=offset)


def missing(names: Sequence[str], mandatory: Sequence[int], count: int) -> DecodeError:
    """Return the fault of a list that ends before its last mandatory field."""
    name = next(names[position] for position in mandatory if position >= count)
    return DecodeError("mandatory field is missing", path=name)


def excess(count: int, known: int, offset: int) -> DecodeError:
    """Return the fault of a list with more items than the type has fields."""
    return DecodeError(f"list has {count} fields, the type has {known}", offset=offset)
