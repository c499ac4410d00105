# Generated from codegen/support/identity.py
#   sha256 733d0d6715c5307c459f520980f51126ea86b2e6fd5a7e867a8ea141abe6bb8a
# Do not edit: change the source and run `python -m codegen`.

"""When two values are the same AMQP value: same type, same bits, same order.

Python's ``==`` says less (``True == 1 == 1.0``, ``0.0 == -0.0``) or more (a NaN differs from itself).
"""

from __future__ import annotations

import struct
import uuid
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from itertools import chain
from typing import Any, TypeAlias, cast

from .arrays import Array, Repeat
from .decimals import Decimal32, Decimal64, Decimal128
from .scalars import Byte, Char, Float, Long, Short, Symbol, Timestamp, UByte, UInt, ULong, UShort

Token: TypeAlias = str | tuple[type, str | bytes]
"""A small hashable stand-in for a value: equal tokens, identical values. Hashes are salted, whatever the type."""

MAX_KEY_DEPTH = 1000
"""Containers in a map key nested deeper than this are refused; a key that contains itself ends here too."""

_DOUBLE = struct.Struct(">d")
_NONE = type(None)

# The Python classes that stand for one AMQP type, by the class that represents it. Subclasses follow their base.
_KINDS: dict[type, type] = {
    **{
        kind: kind
        for kind in (
            *(_NONE, bool, int, float, str, bytes, uuid.UUID, list),
            *(Symbol, UByte, UShort, UInt, ULong, Byte, Short, Long, Float, Char, Timestamp),
            *(Decimal32, Decimal64, Decimal128, Array),
        )
    },
    bytearray: bytes,
    memoryview: bytes,
    tuple: list,
    dict: Mapping,
    Mapping: Mapping,
    datetime: Timestamp,
}


# Short names of the kinds in a fingerprint; a class beyond these is named in full.
_TAGS: dict[type, bytes] = {
    kind: b"%d" % number for number, kind in enumerate(dict.fromkeys(_KINDS.values()))
}


def _integer_bytes(value: int) -> bytes:
    return int(value).to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


def _timestamp_bytes(value: int | datetime) -> bytes:
    return _integer_bytes(Timestamp.from_datetime(value) if isinstance(value, datetime) else value)


def _text_bytes(value: str) -> bytes:
    return str.encode(value, "utf-8", "surrogatepass")


def _decimal_bytes(value: Decimal32 | Decimal64 | Decimal128) -> bytes:
    return value.bits.to_bytes(16, "big")


# The content of a scalar as bytes: equal for the same value of the same kind, and only then.
_CONTENT: dict[type, Callable[[Any], bytes]] = {
    _NONE: lambda _: b"",
    bool: lambda value: b"\1" if value else b"\0",
    **dict.fromkeys((int, UByte, UShort, UInt, ULong, Byte, Short, Long), _integer_bytes),
    Timestamp: _timestamp_bytes,
    float: _DOUBLE.pack,
    Float: _DOUBLE.pack,
    **dict.fromkeys((Decimal32, Decimal64, Decimal128), _decimal_bytes),
    **dict.fromkeys((str, Symbol, Char), _text_bytes),
    uuid.UUID: lambda value: value.bytes,
    bytes: bytes,
}


def kind_of(value: object) -> type:
    """The class that represents the AMQP type of a value; its own class when it is of none.

    Classes that the encoder takes for the same type count as one: a tuple is a list, a datetime a timestamp,
    an enumeration's member what it derives from, and an ``int`` beyond 32 bits is a long.
    """
    exact = type(value)
    kind = _KINDS.get(exact) or next((_KINDS[base] for base in exact.__mro__ if base in _KINDS), exact)
    if kind is int and not -(1 << 31) <= cast("int", value) < 1 << 31:
        return Long
    if kind is Timestamp and isinstance(value, datetime) and value.utcoffset() is None:
        return exact
    if kind is exact and isinstance(value, Mapping):
        return Mapping
    return kind


def _content(kind: type, value: Any) -> bytes | None:
    """The content of a scalar; None for a container. A hand-written described type counts as its encoding."""
    content = _CONTENT.get(kind)
    if content:
        return content(value)
    if hasattr(kind, "DESCRIPTOR") and not is_dataclass(kind):
        return cast("bytes", value.encode())
    return None


def _parts(kind: type, value: Any) -> tuple[str, Iterable[Any]] | None:
    """The shape of a container and what is in it; None for what is no container.

    Containers of equal shape have parts that correspond one to one.
    """
    if kind is list:
        return str(len(value)), value
    if kind is Mapping:
        return str(len(value)), chain.from_iterable(value.items())
    if kind is Array:
        elements = value.elements
        repeats = isinstance(elements, Repeat)
        shape = f"{value.element_type} {len(value.descriptors)} {len(value)} {repeats}"
        return shape, chain(value.descriptors, (elements.value,) if repeats else elements)
    if is_dataclass(kind):
        names = [field.name for field in fields(kind)]
        return str(len(names)), [getattr(value, name) for name in names]
    return None


def identical(a: object, b: object) -> bool:
    """Whether two values are the same AMQP value, through and through.

    The types must be the same (``1``, ``UInt(1)``, ``True`` and ``1.0`` are four values, a `Symbol` is no string),
    floating point must have the same bits (signs of zero, payloads of NaN), maps the same order (1.6.23).
    Composites must be of one class, with identical fields. Python's other spellings of one type count as that
    type: see `kind_of`. Any depth is taken, values that contain themselves too.
    """
    compared: set[tuple[int, int]] = set()
    pending = [(a, b)]
    while pending:
        a, b = pending.pop()
        if a is b:
            continue
        kind = kind_of(a)
        if kind is not kind_of(b):
            return False
        content = _content(kind, a)
        if content is not None:
            if content != _content(kind, b):
                return False
            continue
        pair = (id(a), id(b))
        if pair in compared:
            continue
        compared.add(pair)
        left, right = _parts(kind, a), _parts(kind, b)
        if left is None or right is None:
            if not bool(a == b):
                return False
        elif left[0] != right[0]:
            return False
        else:
            pending.extend(zip(left[1], right[1], strict=True))
    return True


class Keyed:
    """A mapping that knows the tokens of its keys, or finds them out when asked for the first time."""

    __slots__ = ()

    @abstractmethod
    def unread_items(self) -> list[Any] | None:
        """Keys and values, alternately, while the tokens are not known; then None."""

    @abstractmethod
    def key_tokens(self) -> Iterable[Token]:
        """The tokens of the keys, in order."""


def key_token(key: object) -> Token:
    """The token of a map's key. TypeError for what is no AMQP value, ValueError for one nested too deeply."""
    kind = type(key)
    if kind is str:
        return cast("str", key)
    if kind is Symbol:
        return Symbol, cast("str", key)
    scalar = _CONTENT.get(kind)
    if scalar and kind is not int:
        return kind, scalar(key)
    kind = kind_of(key)
    if kind is str or kind is Symbol:
        text = str.__str__(cast("str", key))
        return text if kind is str else (Symbol, text)
    content = _content(kind, key)
    return kind, _fingerprint(key) if content is None else content


def _fingerprint(value: object) -> bytes:
    """A container in 32 bytes, which nobody can make equal for two that differ."""
    # Seldom needed, and not free to import.
    from hashlib import blake2b

    _read_maps(value)
    digest = blake2b(digest_size=32)
    open_containers: list[Iterator[Any]] = [iter((value,))]
    while open_containers:
        for item in open_containers[-1]:
            kind = kind_of(item)
            content = _content(kind, item)
            if content is not None:
                digest.update(b"%s:%d:%s" % (_tag(kind), len(content), content))
                continue
            parts = _parts(kind, item)
            if parts is None:
                raise TypeError(f"{type(item).__name__} is not an AMQP type, so it cannot be in a map's key")
            if len(open_containers) > MAX_KEY_DEPTH:
                raise ValueError(f"a map's key is nested deeper than {MAX_KEY_DEPTH} containers")
            digest.update(b"%s:%s:" % (_tag(kind), parts[0].encode()))
            open_containers.append(iter(parts[1]) if kind is not Mapping else _tokens_and_values(item))
            break
        else:
            open_containers.pop()
    return digest.digest()


def _tag(kind: type) -> bytes:
    return _TAGS.get(kind) or f"{kind.__module__}.{kind.__qualname__}".encode()


def _tokens_and_values(mapping: Mapping[Any, Any]) -> Iterator[Any]:
    """A map with tokens for keys: however often keys are nested in keys, each is looked at once."""
    # Through Any, as a Map is both and the checkers do not know it here.
    keyed: Any = mapping
    tokens = keyed.key_tokens() if isinstance(keyed, Keyed) else map(key_token, mapping)
    for token, value in zip(tokens, mapping.values(), strict=True):
        kind, content = (str, token) if isinstance(token, str) else token
        yield _tag(kind) + (content if isinstance(content, bytes) else _text_bytes(content))
        yield value


def _read_maps(value: object) -> None:
    """Make the maps in a value find out their tokens, the inner ones first: else each would call for the next."""
    unread: list[Keyed] = []
    seen: set[int] = set()
    pending = [value]
    while pending:
        item = pending.pop()
        if type(item) in _CONTENT or id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, Keyed):
            content = item.unread_items()
            if content is not None:
                unread.append(item)
                pending.extend(content)
            continue
        parts = _parts(kind_of(item), item)
        if parts is not None:
            pending.extend(parts[1])
    for keyed in reversed(unread):
        keyed.key_tokens()
