"""Writers of values whose type is open, and what every generated writer shares.

A writer returns the whole encoding, constructor first. Nothing is handed out before the whole value is written, so a
value that has no encoding costs no byte.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar, cast

from .classes import Record
from .errors import EncodeError
from .limits import DEFAULT_LIMITS
from .values import Char, Composite, Described, Timestamp

Scalar: TypeAlias = Callable[[Any], bytes]
Compound: TypeAlias = Callable[[Any, int], bytes]

# What a wrong value can make Python raise while it is written; only EncodeError gets out.
WRITE_FAULTS = (
    EncodeError,
    TypeError,
    ValueError,
    AttributeError,
    LookupError,
    OverflowError,
    RuntimeError,  # of a mapping that changes meanwhile; a RecursionError is one too
    struct.error,
)

# The same bound as for reading, so that what is written can be read by our kind.
DEPTH = DEFAULT_LIMITS.depth

NULL = b"\x40"

# Class of a value -> its writer. Filled by the module primitives, and by the registry with the composites.
SCALARS: dict[type, Scalar] = {}
COMPOUNDS: dict[type, Compound] = {}

# The same for keys of fields (2.8.13: a str is a symbol), of annotations (3.2.10: and an int is a ulong) and of
# application-properties (3.2.5: strings alone). Under `object` is what refuses any other key.
FIELD_KEYS: dict[type, Scalar] = {}
ANNOTATION_KEYS: dict[type, Scalar] = {}
PROPERTY_KEYS: dict[type, Scalar] = {}


def fault(error: Exception) -> EncodeError:
    """Return what a writer raised as an EncodeError; Python's own exceptions are put in words."""
    if isinstance(error, EncodeError):
        return error
    if isinstance(error, UnicodeEncodeError):
        kind = "UTF-8" if error.encoding == "utf-8" else "ASCII"
        return EncodeError(f"text is not {kind}: {error.reason} at character {error.start}")
    if isinstance(error, RecursionError):
        return EncodeError("nested deeper than the stack of this thread allows, or inside itself")
    return EncodeError(str(error))


def expected(kind: str, value: object) -> EncodeError:
    """Return the fault of a value of another type."""
    return EncodeError(f"expected {kind}, got {type(value).__name__} {_shown(value)}".rstrip())


def out_of_range(kind: str, value: int, lowest: int, highest: int) -> EncodeError:
    """Return the fault of a number that the type cannot hold."""
    return EncodeError(f"{_shown(value)} is out of range for {kind}: {lowest} to {highest}")


def _shown(value: object) -> str:
    """Return a short text of a scalar; what contains others is not shown."""
    if value is None:
        return ""
    if isinstance(value, int) and value.bit_length() > 128:
        return f"of {value.bit_length()} bits"
    if isinstance(value, str | bytes | int | float):
        text = repr(value[:40] if isinstance(value, str | bytes) else value)
        return text if len(text) <= 60 else text[:60] + "..."
    return ""


def whole(kind: str, value: object) -> int:
    """Return an integer of a subclass of int as one; a bool is not a number here (1.6.2)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    raise expected(kind, value)


K = TypeVar("K")


def instance(kind: type[K], name: str, value: object) -> K:
    """Return a value of a class or of one derived from it."""
    if isinstance(value, kind):
        return value
    raise expected(f"{name} ({kind.__name__})", value)


def text(kind: str, value: object) -> str:
    """Return text of a class derived from str."""
    if isinstance(value, str):
        return value
    raise expected(f"{kind} (str)", value)


def is_octets(value: object) -> bool:
    """Say whether a value is bytes-like."""
    return isinstance(value, bytes | bytearray | memoryview)


def octets(value: object) -> bytes:
    """Return anything bytes-like as bytes."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(cast("bytes", value))
    raise expected("binary (bytes)", value)


def write_value(value: object, depth: int = DEPTH) -> bytes:
    """Write a value by its class."""
    kind = type(value)
    scalar = SCALARS.get(kind)
    if scalar is not None:
        return scalar(value)
    compound = COMPOUNDS.get(kind)
    if compound is not None:
        return compound(value, depth)
    return _write_by_base(value, depth)


def _write_by_base(value: object, depth: int) -> bytes:
    for base in type(value).__mro__[:-1]:
        if base in SCALARS:
            return SCALARS[base](value)
        if base in COMPOUNDS:
            return COMPOUNDS[base](value, depth)
        if "AMQP_TYPE" in vars(base) or ("_GENERATED" in vars(base) and base is not Record):
            # Its symbols would be written as strings, its ulongs as ints.
            raise EncodeError(
                f"{type(value).__name__} comes from {base.__module__.rpartition('.')[0]}, which was generated with values "
                "of its own: make it again, with `python -m codegen --base amqp_spec`"
            )
    if is_map(value):
        return COMPOUNDS[dict](value, depth)
    if isinstance(value, Decimal):
        # Only the caller knows how many digits count.
        raise expected("Decimal128.from_decimal(...), Decimal64 or Decimal32", value)
    raise expected("a value of an AMQP type", value)


def items_of(items: Iterable[object], depth: int) -> list[bytes]:
    """Write the items of a list."""
    if depth <= 0 and items:
        raise EncodeError("nested deeper than the limit")
    depth -= 1
    parts: list[bytes] = []
    append = parts.append
    writers = SCALARS
    try:
        for item in items:
            scalar = writers.get(type(item))
            append(scalar(item) if scalar is not None else write_value(item, depth))
    except WRITE_FAULTS as error:
        raise fault(error).within(f"[{len(parts)}]") from None
    return parts


# Encodings of keys of class str, by what a str stands for: the same few come again and again.
STRING_KEYS: dict[str, bytes] = {}
SYMBOL_KEYS: dict[str, bytes] = {}
_KEYS_KEPT = 1024
_KEPT_BYTES = 256

# Pairs of a map whose keys are kept: those of a larger one seldom come again, and would push others out.
FEW_PAIRS = 32


def learn_key(key: str, keys: dict[type, Scalar], known: dict[str, bytes]) -> bytes:
    """Write a key of class str, and keep what was written."""
    encoded = keys[str](key)
    if len(encoded) <= _KEPT_BYTES:
        if len(known) >= _KEYS_KEPT:
            known.clear()
        known[key] = encoded
    return encoded


def write_key(key: object, depth: int, keys: dict[type, Scalar]) -> bytes:
    """Write a key that is a compound, or of a class derived from a scalar's."""
    for base in type(key).__mro__[1:-1]:
        if base in keys:
            return keys[base](key)
    refuse = keys.get(object)
    return write_value(key, depth) if refuse is None else refuse(key)


def keys_of(refuse: Scalar, writers: dict[type, Scalar]) -> dict[type, Scalar]:
    """Return the table of keys that have a writer; any other is refused, of a class derived from theirs too."""
    return {**dict.fromkeys(SCALARS, refuse), object: refuse, **writers}


def no_field_key(key: object) -> bytes:
    """Refuse a key of fields."""
    raise expected("a symbol as key (2.8.14: a str, or Symbol)", key)


def no_annotation_key(key: object) -> bytes:
    """Refuse a key of annotations."""
    raise expected("a symbol or ulong as key (3.2.10: a str, an int from 0, Symbol or ULong)", key)


def no_property_key(key: object) -> bytes:
    """Refuse a key of application-properties."""
    raise expected("a string as key (3.2.5: a str)", key)


def write_simple(value: object, depth: int) -> bytes:
    """Write a value of a class derived from a scalar's; any other is refused."""
    for base in type(value).__mro__[1:-1]:
        if base in SCALARS:
            return SCALARS[base](value)
    raise EncodeError(
        f"expected a simple value (3.2.5), got {type(value).__name__}: what holds others goes into the body"
    )


def is_list(value: object) -> bool:
    """Say whether a value is written as a list."""
    return isinstance(value, list | tuple)


def is_map(value: object) -> bool:
    """Say whether a value is written as a map."""
    return isinstance(value, Mapping)


def pairs_in(pairs: Mapping[Any, Any]) -> Iterable[tuple[Any, Any]]:
    """Return the keys and values of what is to be written as a map."""
    kind = type(pairs)
    if kind is not dict and not is_map(pairs):
        raise expected("a map (Map or dict)", pairs)
    return pairs.items()


def write_fault(error: Exception, composite: str, field: str) -> EncodeError:
    """Return the fault with the field in front of its path; the name of a composite inside gives way to the field's."""
    found = fault(error)
    inner = found.path
    if inner and not inner.startswith("["):
        cut = min((at for at in (inner.find("."), inner.find("[")) if at >= 0), default=len(inner))
        inner = inner[cut:]
    found.path = f"{composite}.{field}{inner}"
    return found


def too_large(kind: str, size: int) -> EncodeError:
    """Return the fault of a value that no encoding of its type can hold."""
    return EncodeError(f"{kind} of {size} bytes is too large")


def real(kind: str, value: object) -> float:
    """Return a number as a float; a bool is not a number here (1.6.2)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise expected(kind, value)


def character(value: Any) -> int:
    """Return the code point of a char."""
    if not isinstance(value, str):
        raise expected("char (Char)", value)
    return ord(value if type(value) is Char else Char(value))


def milliseconds(value: Any) -> int:
    """Return a timestamp as milliseconds since the epoch."""
    if isinstance(value, datetime):
        return int(Timestamp.from_datetime(value))
    number = whole("timestamp (an int of milliseconds since 1970, or an aware datetime)", value)
    if not Timestamp.MIN <= number <= Timestamp.MAX:
        raise out_of_range("timestamp", number, Timestamp.MIN, Timestamp.MAX)
    return number


def write_described(value: Described, depth: int) -> bytes:
    """Write a described value."""
    if depth <= 0:
        raise EncodeError("nested deeper than the limit")
    return b"\x00" + write_value(value.descriptor, depth - 1) + write_value(value.value, depth - 1)


def write_composite(value: Composite, depth: int) -> bytes:
    """Write a value of a generated class."""
    return value.encode()


def not_a_choice(kind: str, value: object, choices: Iterable[object]) -> EncodeError:
    """Return the fault of a value that is none of the choices of its type (1.3.5)."""
    return EncodeError(
        f"{_shown(value)} is not a choice of {kind}: {', '.join(str(choice) for choice in choices)}"
    )


def write_value_or_null(value: Any, depth: int = DEPTH) -> bytes:
    """Write a value by its class; None is null."""
    return write_value(value, depth)
