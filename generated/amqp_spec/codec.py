# Generated from codegen/support/codec.py
#   sha256 bb7bfdf5622af6cacc519ff12301aec531a391a9b60517b46a1248722a201834
# Do not edit: change the source and run `python -m codegen`.

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
from .writing import WRITE_FAULTS, write_value

__all__ = ["decode_all", "decode_value", "encode_value", "skip_value"]


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
