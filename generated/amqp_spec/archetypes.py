# Generated from amqp-1.0-xml/messaging.xml
#   sha256 c66a822c8c336da150512ac80f93981cb6295858eded11c0c20ebc69e8937ad8
# Generated from amqp-1.0-xml/security.xml
#   sha256 69fc9e8072e0ea60eeca2b99b1983c81cfee809e5bb511c709dc277f2114f326
# Generated from amqp-1.0-xml/transactions.xml
#   sha256 b23333d77a43cc54ad46279629d8a875b6501c80933ce6f8557a2112400d5c5c
# Generated from amqp-1.0-xml/transport.xml
#   sha256 51eab4e3ab50f95f628d4abe0a2f42ea387a12ba35f46b57e7c4e31e941d1bc8
# Generated from amqp-1.0-xml/types.xml
#   sha256 26e05e264666e5ca370945fd9702e2df96d4c26ab0419d235048c47a4583bcd1
# Generated from amqp-1.0-xml/extensions/azure.xml
#   sha256 7aa47b04a1ed530722fa34536ceaf20d45616d0648fc01005152381b8dfe904b
# Generated from amqp-1.0-xml/extensions/filters.xml
#   sha256 3ea8a097fb1c09305de614f81ed8778e93854d9489abca6bfc8fe44ebf872b62
# Generated from amqp-1.0-xml/extensions/rabbitmq.xml
#   sha256 65a2942f5c1a19ce2f436db55b72fca90893ac8f8e3f2012d8d981b71f512195
# Do not edit: change the source and run `python -m codegen`.

"""Readers and writers of fields that hold one of several types (1.3.2: `requires`), or a composite.

The tables of readers are filled by the module registry, so that the parts may refer to each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from .errors import DecodeError
from .primitives import (
    read_binary,
    read_descriptor,
    read_string,
    read_ulong,
    read_uuid,
    write_binary,
    write_string,
    write_ulong,
    write_uuid,
)
from .reading import DESCRIPTORS, Reader, Scope, unexpected, wrong_descriptor
from .writing import NULL, expected, is_octets, octets

if TYPE_CHECKING:
    from collections.abc import Callable

    from .registry import Address, AnySource, AnyTarget, DeliveryState, MessageId, Outcome, TxnId
    from .transport import Error

D = TypeVar("D")


def _read(
    kind: str, table: dict[int | str, Reader], data: bytes, at: int, depth: int, scope: Scope
) -> tuple[Any, int]:
    """Read a described value whose descriptor the table knows."""
    if data[at] != 0x00:
        raise unexpected(kind, data, at)
    if depth <= 0:
        raise DecodeError("nested deeper than the limit", offset=at)
    descriptor, after = read_descriptor(data, at + 1)
    reader = table.get(descriptor if isinstance(descriptor, int) else DESCRIPTORS.get(descriptor, descriptor))
    if reader is None:
        raise wrong_descriptor(kind, descriptor, at)
    return reader(data, after, depth - 1, scope)


# _EMPTY: octets -> the value of a type without fields, such as accepted, which cannot change: one is enough.
ERROR_READERS: dict[int | str, Reader] = {}
ERROR_EMPTY: dict[bytes, Any] = {}
ERROR_WRITERS: dict[type, Callable[[Any], bytes]] = {}
OUTCOME_READERS: dict[int | str, Reader] = {}
OUTCOME_EMPTY: dict[bytes, Any] = {}
OUTCOME_WRITERS: dict[type, Callable[[Any], bytes]] = {}
ANY_SOURCE_READERS: dict[int | str, Reader] = {}
ANY_SOURCE_EMPTY: dict[bytes, Any] = {}
ANY_SOURCE_WRITERS: dict[type, Callable[[Any], bytes]] = {}
ANY_TARGET_READERS: dict[int | str, Reader] = {}
ANY_TARGET_EMPTY: dict[bytes, Any] = {}
ANY_TARGET_WRITERS: dict[type, Callable[[Any], bytes]] = {}
DELIVERY_STATE_READERS: dict[int | str, Reader] = {}
DELIVERY_STATE_EMPTY: dict[bytes, Any] = {}
DELIVERY_STATE_WRITERS: dict[type, Callable[[Any], bytes]] = {}


def read_message_id(data: bytes, at: int) -> tuple[MessageId, int]:
    """Read a message-id."""
    code = data[at]
    if code in (0x80, 0x53, 0x44):
        return read_ulong(data, at)
    if code == 0x98:
        return read_uuid(data, at)
    if code in (0xA0, 0xB0):
        return read_binary(data, at)
    if code in (0xA1, 0xB1):
        return read_string(data, at)
    raise unexpected("message-id", data, at)


def read_message_id_or(data: bytes, at: int, default: D) -> tuple[MessageId | D, int]:
    """Read a message-id; null is the default."""
    if data[at] == 0x40:
        return default, at + 1
    return read_message_id(data, at)


def write_message_id(value: object) -> bytes:
    """Write a message-id."""
    if isinstance(value, int):
        return write_ulong(value)
    if isinstance(value, UUID):
        return write_uuid(value)
    if is_octets(value):
        return write_binary(octets(value))
    if isinstance(value, str):
        return write_string(value)
    raise expected("message-id", value)


def write_message_id_or_null(value: object) -> bytes:
    """Write a message-id or null."""
    return NULL if value is None else write_message_id(value)


def read_address(data: bytes, at: int) -> tuple[Address, int]:
    """Read a address."""
    code = data[at]
    if code in (0xA1, 0xB1):
        return read_string(data, at)
    raise unexpected("address", data, at)


def read_address_or(data: bytes, at: int, default: D) -> tuple[Address | D, int]:
    """Read a address; null is the default."""
    if data[at] == 0x40:
        return default, at + 1
    return read_address(data, at)


def write_address(value: object) -> bytes:
    """Write a address."""
    if isinstance(value, str):
        return write_string(value)
    raise expected("address", value)


def write_address_or_null(value: object) -> bytes:
    """Write a address or null."""
    return NULL if value is None else write_address(value)


def read_error(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Error, int]:
    """Read a error."""
    return _read("error", ERROR_READERS, data, at, depth, scope)


def read_error_or(data: bytes, at: int, depth: int, scope: Scope, default: D) -> tuple[Error | D, int]:
    """Read a error; null is the default."""
    if data[at] == 0x40:
        return default, at + 1
    return read_error(data, at, depth, scope)


def write_error(value: object) -> bytes:
    """Write a error."""
    encode = ERROR_WRITERS.get(type(value))
    if encode is not None:
        return encode(value)
    raise expected("error", value)


def write_error_or_null(value: object) -> bytes:
    """Write a error or null."""
    return NULL if value is None else write_error(value)


def read_outcome(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Outcome, int]:
    """Read a outcome."""
    return _read("outcome", OUTCOME_READERS, data, at, depth, scope)


def read_outcome_or(data: bytes, at: int, depth: int, scope: Scope, default: D) -> tuple[Outcome | D, int]:
    """Read a outcome; null is the default."""
    if data[at] == 0x40:
        return default, at + 1
    return read_outcome(data, at, depth, scope)


def write_outcome(value: object) -> bytes:
    """Write a outcome."""
    encode = OUTCOME_WRITERS.get(type(value))
    if encode is not None:
        return encode(value)
    raise expected("outcome", value)


def write_outcome_or_null(value: object) -> bytes:
    """Write a outcome or null."""
    return NULL if value is None else write_outcome(value)


def read_txn_id(data: bytes, at: int) -> tuple[TxnId, int]:
    """Read a txn-id."""
    code = data[at]
    if code in (0xA0, 0xB0):
        return read_binary(data, at)
    raise unexpected("txn-id", data, at)


def read_txn_id_or(data: bytes, at: int, default: D) -> tuple[TxnId | D, int]:
    """Read a txn-id; null is the default."""
    if data[at] == 0x40:
        return default, at + 1
    return read_txn_id(data, at)


def write_txn_id(value: object) -> bytes:
    """Write a txn-id."""
    if is_octets(value):
        return write_binary(octets(value))
    raise expected("txn-id", value)


def write_txn_id_or_null(value: object) -> bytes:
    """Write a txn-id or null."""
    return NULL if value is None else write_txn_id(value)


def read_any_source(data: bytes, at: int, depth: int, scope: Scope) -> tuple[AnySource, int]:
    """Read a source."""
    return _read("source", ANY_SOURCE_READERS, data, at, depth, scope)


def read_any_source_or(
    data: bytes, at: int, depth: int, scope: Scope, default: D
) -> tuple[AnySource | D, int]:
    """Read a source; null is the default."""
    if data[at] == 0x40:
        return default, at + 1
    return read_any_source(data, at, depth, scope)


def write_any_source(value: object) -> bytes:
    """Write a source."""
    encode = ANY_SOURCE_WRITERS.get(type(value))
    if encode is not None:
        return encode(value)
    raise expected("source", value)


def write_any_source_or_null(value: object) -> bytes:
    """Write a source or null."""
    return NULL if value is None else write_any_source(value)


def read_any_target(data: bytes, at: int, depth: int, scope: Scope) -> tuple[AnyTarget, int]:
    """Read a target."""
    return _read("target", ANY_TARGET_READERS, data, at, depth, scope)


def read_any_target_or(
    data: bytes, at: int, depth: int, scope: Scope, default: D
) -> tuple[AnyTarget | D, int]:
    """Read a target; null is the default."""
    if data[at] == 0x40:
        return default, at + 1
    return read_any_target(data, at, depth, scope)


def write_any_target(value: object) -> bytes:
    """Write a target."""
    encode = ANY_TARGET_WRITERS.get(type(value))
    if encode is not None:
        return encode(value)
    raise expected("target", value)


def write_any_target_or_null(value: object) -> bytes:
    """Write a target or null."""
    return NULL if value is None else write_any_target(value)


def read_delivery_state(data: bytes, at: int, depth: int, scope: Scope) -> tuple[DeliveryState, int]:
    """Read a delivery-state."""
    return _read("delivery-state", DELIVERY_STATE_READERS, data, at, depth, scope)


def read_delivery_state_or(
    data: bytes, at: int, depth: int, scope: Scope, default: D
) -> tuple[DeliveryState | D, int]:
    """Read a delivery-state; null is the default."""
    if data[at] == 0x40:
        return default, at + 1
    return read_delivery_state(data, at, depth, scope)


def write_delivery_state(value: object) -> bytes:
    """Write a delivery-state."""
    encode = DELIVERY_STATE_WRITERS.get(type(value))
    if encode is not None:
        return encode(value)
    raise expected("delivery-state", value)


def write_delivery_state_or_null(value: object) -> bytes:
    """Write a delivery-state or null."""
    return NULL if value is None else write_delivery_state(value)
