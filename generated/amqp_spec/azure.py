# Generated from amqp-1.0-xml/extensions/azure.xml
#   sha256 7aa47b04a1ed530722fa34536ceaf20d45616d0648fc01005152381b8dfe904b
# Do not edit: change the source and run `python -m codegen`.

"""3.5.8: Names of Azure Service Bus and Event Hubs: a filter, error conditions, and symbols of links and
annotations.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar, Final, TypeVar

from .classes import Record, new, section
from .codec import decode_composite
from .primitives import (
    read_symbol,
    read_symbol_or,
    write_symbol,
)
from .reading import (
    CONTENT,
    Scope,
    read_value,
    unlisted,
)
from .values import Symbol, Value
from .writing import (
    NULL,
    WRITE_FAULTS,
    fault,
    not_a_choice,
    write_value,
)

D = TypeVar("D")

AZURE_BATCH_FORMAT: Final = 2147563264
"""2.8.11: The message-format of a batch: each of its data sections is an encoded message."""


class AzureLinkProperty(Symbol, Enum):
    """2.7.3: Keys in the properties of an attach."""

    EPOCH = "com.microsoft:epoch"
    """2.7.3: A long: of two receivers the one with the higher epoch takes the partition, the other's link
    is stolen.
    """

    RECEIVER_NAME = "com.microsoft:receiver-name"
    """2.7.3: A string by which Event Hubs names the receiver in its errors."""

    TIMEOUT = "com.microsoft:timeout"
    """2.7.3: A uint, milliseconds: how long the server may work on what the link asks."""

    LOCKED_UNTIL_UTC = "com.microsoft:locked-until-utc"
    """2.7.3: A long in the answer: until when the session is locked, in units of 100 ns since the year 1."""

    MAX_MESSAGE_BATCH_SIZE = "com.microsoft:max-message-batch-size"
    """2.7.3: In the answer: how many octets a batch may have."""

    __str__ = str.__str__


_AzureLinkProperty_MEMBERS: dict[str, AzureLinkProperty] = {
    "com.microsoft:epoch": AzureLinkProperty.EPOCH,
    "com.microsoft:receiver-name": AzureLinkProperty.RECEIVER_NAME,
    "com.microsoft:timeout": AzureLinkProperty.TIMEOUT,
    "com.microsoft:locked-until-utc": AzureLinkProperty.LOCKED_UNTIL_UTC,
    "com.microsoft:max-message-batch-size": AzureLinkProperty.MAX_MESSAGE_BATCH_SIZE,
}


def read_azure_link_property(data: bytes, at: int) -> tuple[AzureLinkProperty, int]:
    """Read a choice of azure-link-property."""
    value, after = read_symbol(data, at)
    member = _AzureLinkProperty_MEMBERS.get(value)
    if member is None:
        raise unlisted("azure-link-property", value, at)
    return member, after


def read_azure_link_property_or(data: bytes, at: int, default: D) -> tuple[AzureLinkProperty | D, int]:
    """Read a choice of azure-link-property; null is the default."""
    value, after = read_symbol_or(data, at, None)
    if value is None:
        return default, after
    member = _AzureLinkProperty_MEMBERS.get(value)
    if member is None:
        raise unlisted("azure-link-property", value, at)
    return member, after


def write_azure_link_property(value: str) -> bytes:
    """Write a choice of azure-link-property."""
    encoded = write_symbol(value)
    if value not in _AzureLinkProperty_MEMBERS:
        raise not_a_choice("azure-link-property", value, _AzureLinkProperty_MEMBERS)
    return encoded


def write_azure_link_property_or_null(value: str | None) -> bytes:
    """Write a choice of azure-link-property or null."""
    return NULL if value is None else write_azure_link_property(value)


class AzureCapability(Symbol, Enum):
    """2.7.3: Capabilities that a link can desire."""

    RECEIVER_RUNTIME_METRIC = "com.microsoft:enable-receiver-runtime-metric"
    """2.7.3: Deliveries of Event Hubs tell about the last message of the partition."""

    GEOREPLICATION = "com.microsoft:georeplication"
    """2.7.3: The link knows offsets of replicated Event Hubs."""

    __str__ = str.__str__


_AzureCapability_MEMBERS: dict[str, AzureCapability] = {
    "com.microsoft:enable-receiver-runtime-metric": AzureCapability.RECEIVER_RUNTIME_METRIC,
    "com.microsoft:georeplication": AzureCapability.GEOREPLICATION,
}


def read_azure_capability(data: bytes, at: int) -> tuple[AzureCapability, int]:
    """Read a choice of azure-capability."""
    value, after = read_symbol(data, at)
    member = _AzureCapability_MEMBERS.get(value)
    if member is None:
        raise unlisted("azure-capability", value, at)
    return member, after


def read_azure_capability_or(data: bytes, at: int, default: D) -> tuple[AzureCapability | D, int]:
    """Read a choice of azure-capability; null is the default."""
    value, after = read_symbol_or(data, at, None)
    if value is None:
        return default, after
    member = _AzureCapability_MEMBERS.get(value)
    if member is None:
        raise unlisted("azure-capability", value, at)
    return member, after


def write_azure_capability(value: str) -> bytes:
    """Write a choice of azure-capability."""
    encoded = write_symbol(value)
    if value not in _AzureCapability_MEMBERS:
        raise not_a_choice("azure-capability", value, _AzureCapability_MEMBERS)
    return encoded


def write_azure_capability_or_null(value: str | None) -> bytes:
    """Write a choice of azure-capability or null."""
    return NULL if value is None else write_azure_capability(value)


class AzureAnnotation(Symbol, Enum):
    """3.2.3: Keys in the message-annotations."""

    ENQUEUED_TIME = "x-opt-enqueued-time"
    """3.2.3: A timestamp: when the server took the message."""

    SEQUENCE_NUMBER = "x-opt-sequence-number"
    """3.2.3: A long: the number that the server gave to the message."""

    ENQUEUE_SEQUENCE_NUMBER = "x-opt-enqueue-sequence-number"
    """3.2.3: A long: the number that the message had where it was first taken."""

    OFFSET = "x-opt-offset"
    """3.2.3: A string: where in its partition the message stands."""

    LOCKED_UNTIL = "x-opt-locked-until"
    """3.2.3: A timestamp: until when the receiver has the message to itself."""

    LOCK = "x-opt-lock-token"
    """3.2.3: A uuid that names the lock."""

    PARTITION_ID = "x-opt-partition-id"
    """3.2.3: The partition of the message."""

    PARTITION_KEY = "x-opt-partition-key"
    """3.2.3: A string: messages of one key go to one partition."""

    VIA_PARTITION_KEY = "x-opt-via-partition-key"
    """3.2.3: The same for the entity through which a transfer goes."""

    SCHEDULED_ENQUEUE_TIME = "x-opt-scheduled-enqueue-time"
    """3.2.3: A timestamp: the message is not there before."""

    DEADLETTER_SOURCE = "x-opt-deadletter-source"
    """3.2.3: A string: the entity from which the message came to the dead letters."""

    MESSAGE_STATE = "x-opt-message-state"
    """3.2.3: An int: active 0, deferred 1, scheduled 2."""

    __str__ = str.__str__


_AzureAnnotation_MEMBERS: dict[str, AzureAnnotation] = {
    "x-opt-enqueued-time": AzureAnnotation.ENQUEUED_TIME,
    "x-opt-sequence-number": AzureAnnotation.SEQUENCE_NUMBER,
    "x-opt-enqueue-sequence-number": AzureAnnotation.ENQUEUE_SEQUENCE_NUMBER,
    "x-opt-offset": AzureAnnotation.OFFSET,
    "x-opt-locked-until": AzureAnnotation.LOCKED_UNTIL,
    "x-opt-lock-token": AzureAnnotation.LOCK,
    "x-opt-partition-id": AzureAnnotation.PARTITION_ID,
    "x-opt-partition-key": AzureAnnotation.PARTITION_KEY,
    "x-opt-via-partition-key": AzureAnnotation.VIA_PARTITION_KEY,
    "x-opt-scheduled-enqueue-time": AzureAnnotation.SCHEDULED_ENQUEUE_TIME,
    "x-opt-deadletter-source": AzureAnnotation.DEADLETTER_SOURCE,
    "x-opt-message-state": AzureAnnotation.MESSAGE_STATE,
}


def read_azure_annotation(data: bytes, at: int) -> tuple[AzureAnnotation, int]:
    """Read a choice of azure-annotation."""
    value, after = read_symbol(data, at)
    member = _AzureAnnotation_MEMBERS.get(value)
    if member is None:
        raise unlisted("azure-annotation", value, at)
    return member, after


def read_azure_annotation_or(data: bytes, at: int, default: D) -> tuple[AzureAnnotation | D, int]:
    """Read a choice of azure-annotation; null is the default."""
    value, after = read_symbol_or(data, at, None)
    if value is None:
        return default, after
    member = _AzureAnnotation_MEMBERS.get(value)
    if member is None:
        raise unlisted("azure-annotation", value, at)
    return member, after


def write_azure_annotation(value: str) -> bytes:
    """Write a choice of azure-annotation."""
    encoded = write_symbol(value)
    if value not in _AzureAnnotation_MEMBERS:
        raise not_a_choice("azure-annotation", value, _AzureAnnotation_MEMBERS)
    return encoded


def write_azure_annotation_or_null(value: str | None) -> bytes:
    """Write a choice of azure-annotation or null."""
    return NULL if value is None else write_azure_annotation(value)


class AzureErrorCondition(Symbol, Enum):
    """2.8.14: Error conditions of Service Bus and Event Hubs, and the one with which a receiver rejects to
    the dead letters.
    """

    TIMEOUT = "com.microsoft:timeout"
    """2.8.14: The operation took longer than it may; try again after a little."""

    SERVER_BUSY = "com.microsoft:server-busy"
    """2.8.14: The server has too much to do; try again after some seconds."""

    AUTH_FAILED = "com.microsoft:auth-failed"
    """2.8.14: The token was missing, bad or out of date."""

    MESSAGE_LOCK_LOST = "com.microsoft:message-lock-lost"
    """2.8.14: The lock ran out before the message was settled; it may be delivered again."""

    SESSION_LOCK_LOST = "com.microsoft:session-lock-lost"
    """2.8.14: The session belongs to somebody else by now."""

    MESSAGE_NOT_FOUND = "com.microsoft:message-not-found"
    """2.8.14: There is no message of that number."""

    SESSION_NOT_FOUND = "com.microsoft:session-not-found"
    """2.8.14: There is no session of that id."""

    SESSION_CANNOT_BE_LOCKED = "com.microsoft:session-cannot-be-locked"
    """2.8.14: Another receiver has the session."""

    ARGUMENT_ERROR = "com.microsoft:argument-error"
    """2.8.14: The request has a value that the server does not take."""

    ARGUMENT_OUT_OF_RANGE = "com.microsoft:argument-out-of-range"
    """2.8.14: The request has a value that is too small or too large, such as an offset that is gone."""

    ENTITY_DISABLED = "com.microsoft:entity-disabled"
    """2.8.14: The entity is there and does not work at present."""

    ENTITY_ALREADY_EXISTS = "com.microsoft:entity-already-exists"
    """2.8.14: There is an entity, or a rule, of that name."""

    PRECONDITION_FAILED = "com.microsoft:precondition-failed"
    """2.8.14: What the request takes for granted does not hold."""

    OPERATION_CANCELLED = "com.microsoft:operation-cancelled"
    """2.8.14: The server gave the operation up, often because it is closing something; try again."""

    CONTAINER_CLOSE = "com.microsoft:container-close"
    """2.8.14: The part of the server that had the link closes; attach again."""

    DEAD_LETTER = "com.microsoft:dead-letter"
    """2.8.14: In rejected: put the message aside; info has DeadLetterReason and DeadLetterErrorDescription."""

    __str__ = str.__str__


_AzureErrorCondition_MEMBERS: dict[str, AzureErrorCondition] = {
    "com.microsoft:timeout": AzureErrorCondition.TIMEOUT,
    "com.microsoft:server-busy": AzureErrorCondition.SERVER_BUSY,
    "com.microsoft:auth-failed": AzureErrorCondition.AUTH_FAILED,
    "com.microsoft:message-lock-lost": AzureErrorCondition.MESSAGE_LOCK_LOST,
    "com.microsoft:session-lock-lost": AzureErrorCondition.SESSION_LOCK_LOST,
    "com.microsoft:message-not-found": AzureErrorCondition.MESSAGE_NOT_FOUND,
    "com.microsoft:session-not-found": AzureErrorCondition.SESSION_NOT_FOUND,
    "com.microsoft:session-cannot-be-locked": AzureErrorCondition.SESSION_CANNOT_BE_LOCKED,
    "com.microsoft:argument-error": AzureErrorCondition.ARGUMENT_ERROR,
    "com.microsoft:argument-out-of-range": AzureErrorCondition.ARGUMENT_OUT_OF_RANGE,
    "com.microsoft:entity-disabled": AzureErrorCondition.ENTITY_DISABLED,
    "com.microsoft:entity-already-exists": AzureErrorCondition.ENTITY_ALREADY_EXISTS,
    "com.microsoft:precondition-failed": AzureErrorCondition.PRECONDITION_FAILED,
    "com.microsoft:operation-cancelled": AzureErrorCondition.OPERATION_CANCELLED,
    "com.microsoft:container-close": AzureErrorCondition.CONTAINER_CLOSE,
    "com.microsoft:dead-letter": AzureErrorCondition.DEAD_LETTER,
}


def read_azure_error(data: bytes, at: int) -> tuple[AzureErrorCondition, int]:
    """Read a choice of azure-error."""
    value, after = read_symbol(data, at)
    member = _AzureErrorCondition_MEMBERS.get(value)
    if member is None:
        raise unlisted("azure-error", value, at)
    return member, after


def read_azure_error_or(data: bytes, at: int, default: D) -> tuple[AzureErrorCondition | D, int]:
    """Read a choice of azure-error; null is the default."""
    value, after = read_symbol_or(data, at, None)
    if value is None:
        return default, after
    member = _AzureErrorCondition_MEMBERS.get(value)
    if member is None:
        raise unlisted("azure-error", value, at)
    return member, after


def write_azure_error(value: str) -> bytes:
    """Write a choice of azure-error."""
    encoded = write_symbol(value)
    if value not in _AzureErrorCondition_MEMBERS:
        raise not_a_choice("azure-error", value, _AzureErrorCondition_MEMBERS)
    return encoded


def write_azure_error_or_null(value: str | None) -> bytes:
    """Write a choice of azure-error or null."""
    return NULL if value is None else write_azure_error(value)


@section
class SessionFilter(Record):
    """3.5.8: Messages of one session: its id, or null for the next that is free; the answer names the one
    granted. ``com.microsoft:session-filter``, 0x137000000c.
    """

    DESCRIPTOR: ClassVar[int] = 0x137000000C
    SYMBOL: ClassVar[str] = "com.microsoft:session-filter"
    NAME: ClassVar[str] = "session-filter"
    value: Value

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_session_filter(self.value)

    @classmethod
    def decode(cls, data: bytes) -> SessionFilter:
        """Return the session-filter that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, SessionFilter, decode_session_filter, CONTENT)


def decode_session_filter(data: bytes, at: int, depth: int, scope: Scope) -> tuple[SessionFilter, int]:
    """Read the value of a session-filter; `at` is behind its descriptor."""
    self: Any = new(SessionFilter)
    self.value, at = read_value(data, at, depth, scope)
    return self, at


def encode_session_filter(value: Value) -> bytes:
    """Return the session-filter of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x80\x00\x00\x00\x13\x70\x00\x00\x0c" + write_value(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("session-filter") from None
