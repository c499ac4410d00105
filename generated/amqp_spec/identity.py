# Generated from codegen/support/identity.py
#   sha256 1a69c1aacf9f10e9b7691f4a8562e363ccbf15d5aea890e2137298094b0585f4
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
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from .arrays import Array, Repeat
from .decimals import Decimal32, Decimal64, Decimal128
from .scalars import Byte, Char, Float, Long, Short, Symbol, Timestamp, UByte, UInt, ULong, UShort

if TYPE_CHECKING:
    from hashlib import blake2b

Token: TypeAlias = str | bytes
"""A small hashable stand-in for a value: equal tokens, identical values. Hashes are salted, whatever the type.

A string is its own; of the others a mark of the type and the content, or where that is long, a digest.
"""

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


# Marks of the kinds in tokens and digests, an octet each; a class beyond these is named in full.
_TAGS: dict[type, bytes] = {
    kind: bytes((number,)) for number, kind in enumerate(dict.fromkeys(_KINDS.values()))
}

# A token of octets is a tag and content of at most so many; or this mark, and a digest of as many.
_SHORT = 20
_DIGEST = b"\xff"

CELL = _SHORT + 2
"""Octets of a token that stands in a row: see `cell`."""


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
        """Keys and values, alternately, while `read_keys` is still to be called; then None."""

    @abstractmethod
    def read_keys(self) -> None:
        """Find out which keys are identical, and keep what tells them apart."""

    @abstractmethod
    def key_cells(self) -> Iterable[bytes] | None:
        """The tokens of the keys, in order, each as a `cell`; None when they are not kept. For a map that was read."""


def key_token(key: object) -> Token:
    """The token of a map's key. TypeError for what is no AMQP value, ValueError for one nested too deeply."""
    token = _scalar_token(key)
    return _fingerprint(key) if token is None else token


def _scalar_token(key: object) -> Token | None:
    kind = type(key)
    if kind is str:
        return cast("str", key)
    if kind is int or kind not in _CONTENT:
        kind = kind_of(key)
        if kind is str:
            return str.__str__(cast("str", key))
    content = _content(kind, key)
    return None if content is None else content_token(kind, content)


def content_token(kind: type, content: bytes) -> bytes:
    """The token of a scalar that is no string: of its class and its content."""
    tag = _TAGS.get(kind)
    if tag is not None and len(content) <= _SHORT:
        return tag + content
    digest = _new_digest()
    digest.update(b"%s:%s" % (_tag(kind), content))
    return _DIGEST + digest.digest()


def integer_token(kind: type, value: int) -> bytes:
    """The token of an integer of a class, whether it is in its range or not."""
    return content_token(kind, _integer_bytes(value))


def symbol_token(text: str) -> bytes:
    """The token of the symbol of a text; no key has it where the text is not ASCII."""
    return content_token(Symbol, _text_bytes(text))


def cell(token: Token) -> bytes:
    """A token in octets of one width, so that tokens can stand in a row."""
    octets = content_token(str, _text_bytes(token)) if isinstance(token, str) else token
    return bytes((len(octets),)) + octets.ljust(CELL - 1, b"\0")


class _Cell(bytes):
    """A token among the items to be digested."""

    __slots__ = ()


class _ContainerKey:
    """A key among the items to be digested, which counts as its token."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


def _new_digest() -> blake2b:
    # Seldom needed, and not free to import.
    from hashlib import blake2b

    # Two keys of one digest take some 2**80 attempts; whoever finds them has sent a key twice, no more.
    return blake2b(digest_size=_SHORT)


# What is being digested at one level: into what, what is left of it, and whether it is a key with a token of its own.
_Level: TypeAlias = "tuple[blake2b, Iterator[Any], bool]"


def _fingerprint(value: object) -> bytes:
    """The token of a container, from a digest of all that is in it.

    A container that is a key of a map in it counts as its token. A map of some keys keeps these, so however often keys
    are nested in keys, each is looked at once. Takes no stack, and memory for the levels alone.
    """
    _read_maps(value)
    levels: list[_Level] = [(_new_digest(), iter((value,)), True)]
    while True:
        digest, items, is_key = levels[-1]
        inner = next((level for item in items if (level := _digested(digest, item))), None)
        if inner is not None:
            _check_depth(len(levels))
            levels.append(inner)
            continue
        levels.pop()
        if is_key:
            token = _DIGEST + digest.digest()
            if not levels:
                return token
            levels[-1][0].update(cell(token))


def _digested(digest: blake2b, item: Any) -> _Level | None:
    """Digest a scalar, or the head of a container; then what is in it is returned."""
    if type(item) is _Cell:
        digest.update(item)
        return None
    if type(item) is _ContainerKey:
        return _new_digest(), iter((item.value,)), True
    kind = kind_of(item)
    content = _content(kind, item)
    if content is not None:
        digest.update(b"%s:%d:%s" % (_tag(kind), len(content), content))
        return None
    parts = _parts(kind, item)
    if parts is None:
        raise TypeError(f"{type(item).__name__} is not an AMQP type, so it cannot be in a map's key")
    digest.update(b"%s:%s:" % (_tag(kind), parts[0].encode()))
    return digest, _keys_and_values(item) if kind is Mapping else iter(parts[1]), False


def _tag(kind: type) -> bytes:
    return _TAGS.get(kind) or f"{kind.__module__}.{kind.__qualname__}".encode()


def _check_depth(levels: int) -> None:
    if levels > MAX_KEY_DEPTH:
        raise ValueError(f"a map's key is nested deeper than {MAX_KEY_DEPTH} containers")


def _keys_and_values(mapping: Mapping[Any, Any]) -> Iterator[Any]:
    # Through Any, as a Map is both and the checkers do not know it here.
    keyed: Any = mapping
    cells = keyed.key_cells() if isinstance(keyed, Keyed) else None
    if cells is not None:
        for octets, value in zip(cells, mapping.values(), strict=True):
            yield _Cell(octets)
            yield value
        return
    for key, value in mapping.items():
        token = _scalar_token(key)
        yield _ContainerKey(key) if token is None else _Cell(cell(token))
        yield value


def _read_maps(value: object) -> None:
    """Make the maps in a value read their keys, the inner ones first: else each would call for the next."""
    levels: list[tuple[Iterator[Any], Keyed | None]] = [(iter((value,)), None)]
    while levels:
        items, unread = levels[-1]
        inner = next((level for item in items if (level := _unread_in(item))), None)
        if inner is not None:
            _check_depth(len(levels))
            levels.append(inner)
            continue
        levels.pop()
        if unread is not None:
            unread.read_keys()


def _unread_in(item: Any) -> tuple[Iterator[Any], Keyed | None] | None:
    """What is in a container, as far as maps in it may not have read their keys; the map, when it is one of these."""
    if type(item) in _CONTENT:
        return None
    if isinstance(item, Keyed):
        unread = item.unread_items()
        if unread is not None:
            return iter(unread), item
        if item.key_cells() is not None:
            return iter(cast("Mapping[Any, Any]", item).values()), None
    parts = _parts(kind_of(item), item)
    return None if parts is None else (iter(parts[1]), None)
