"""Values to bytes and back, where the type is open."""

from __future__ import annotations

from typing import Any, TypeVar

from . import reading, writing
from .errors import DecodeError
from .limits import DEFAULT_LIMITS, Limits
from .reading import CONTENT, FAULTS, READERS, Reader, Scope, unexpected, wrong_descriptor
from .registration import DEFAULT_REGISTRY, Registry
from .skipping import skip_value
from .values import Named, Symbol, ULong, Value
from .writing import COMPOUNDS, WRITE_FAULTS, write_value

__all__ = ["Encoded", "decode_all", "decode_value", "encode_value", "skip_value"]


def encode_value(value: Value) -> bytes:
    """Return the encoding of a value, constructor first.

    Raises EncodeError for a value that is of no AMQP type, out of range or nested too deep.
    """
    try:
        return write_value(value)
    except WRITE_FAULTS as error:
        raise writing.fault(error) from None


def decode_value(data: bytes, limits: Limits = DEFAULT_LIMITS, registry: Registry = DEFAULT_REGISTRY) -> Any:
    """Return the one value that the data is; described values come as `Described`, or as their registered class.

    Raises DecodeError for anything that is not exactly one legal encoding.
    """
    value, after = _decode(data, 0, limits, registry.content)
    if after != len(data):
        raise _remainder(data, after)
    return value


def decode_all(
    data: bytes, limits: Limits = DEFAULT_LIMITS, registry: Registry = DEFAULT_REGISTRY
) -> list[Any]:
    """Return the values that the data is a row of. Raises DecodeError."""
    values: list[Any] = []
    at = 0
    while at < len(data):
        value, at = _decode(data, at, limits, registry.content)
        values.append(value)
    return values


class Encoded:
    """A value as its octets: wherever a value may stand it is written as they are, so nothing of it is lost.

    A value that is decoded and encoded comes back as the same value, in the form that this library chooses. Where the
    form counts too, such as under a signature, carry the octets: ``Encoded(data)`` for ``decode_value(data)``.

    Raises DecodeError for octets that are not one value from end to end; what is inside a list, map or array is
    looked at by `decode` only.
    """

    __slots__ = ("octets",)

    octets: bytes
    """The whole encoding, constructor first."""

    def __init__(self, octets: bytes | bytearray | memoryview) -> None:
        data = bytes(octets)
        after = skip_value(data, 0, len(data))
        if after != len(data):
            raise _remainder(data, after)
        self.octets = data

    def decode(self, limits: Limits = DEFAULT_LIMITS, registry: Registry = DEFAULT_REGISTRY) -> Any:
        """Return the value, as `decode_value` does."""
        return decode_value(self.octets, limits, registry)

    def __eq__(self, other: object) -> bool:
        return self.octets == other.octets if isinstance(other, Encoded) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.octets)

    def __repr__(self) -> str:
        return f"Encoded({self.octets!r})"


def _write_encoded(value: Encoded, depth: int) -> bytes:
    return value.octets


COMPOUNDS[Encoded] = _write_encoded


def _decode(data: bytes, at: int, limits: Limits, scope: Scope) -> tuple[Any, int]:
    try:
        value, after = READERS[data[at]](data, at + 1, limits.depth, scope)
    except FAULTS as error:
        raise reading.fault(error, at) from None
    if after > len(data):
        raise DecodeError("the data ends inside a value", offset=at)
    return value, after


N = TypeVar("N", bound=Named)


def decode_composite(data: bytes, kind: type[N], reader: Reader, scope: Scope) -> N:
    """Return the value of a generated class that the whole of the data is. Raises DecodeError."""
    at = 0
    try:
        if data[0] != 0x00:
            raise unexpected(f"a described value ({kind.NAME})", data, 0)
        descriptor, at = READERS[data[1]](data, 2, 1, CONTENT)
        if descriptor not in (kind.DESCRIPTOR, kind.SYMBOL) or type(descriptor) not in (ULong, Symbol):
            raise wrong_descriptor(kind.NAME, descriptor, 1)
        value, after = reader(data, at, DEFAULT_LIMITS.depth, scope)
    except FAULTS as error:
        raise reading.fault(error, at).within(kind.NAME) from None
    if after != len(data):
        raise _remainder(data, after)
    made: N = value
    return made


def _remainder(data: bytes, after: int) -> DecodeError:
    if after > len(data):
        return DecodeError("the data ends inside a value", offset=len(data))
    return DecodeError(f"{len(data) - after} bytes follow the value", offset=after)
