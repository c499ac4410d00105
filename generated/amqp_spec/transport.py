# Generated from amqp-1.0-xml/transport.xml
#   sha256 51eab4e3ab50f95f628d4abe0a2f42ea387a12ba35f46b57e7c4e31e941d1bc8
# Do not edit: change the source and run `python -m codegen`.

"""2: Frames between two containers: connections, the sessions on them, the links in those, and transfers
over links.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from struct import Struct
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias, TypeVar

from .archetypes import (
    DELIVERY_STATE_EMPTY,
    read_any_source_or,
    read_any_target_or,
    read_delivery_state_or,
    read_error_or,
    write_any_source_or_null,
    write_any_target_or_null,
    write_delivery_state,
    write_delivery_state_or_null,
    write_error_or_null,
)
from .classes import Record, new, performative
from .codec import decode_composite
from .primitives import (
    BINARY_HEADS,
    UINT_BYTES,
    list_form,
    list_head,
    pack_u32,
    read_binary_or,
    read_boolean,
    read_boolean_or,
    read_map_or,
    read_multiple_or,
    read_string,
    read_string_or,
    read_symbol,
    read_symbol_or,
    read_ubyte,
    read_ubyte_or,
    read_uint,
    read_uint_or,
    read_ulong_or,
    read_ushort_or,
    unpack_u32,
    write_binary,
    write_binary_or_null,
    write_boolean,
    write_boolean_or_null,
    write_fields,
    write_fields_or_null,
    write_map_or_null,
    write_multiple_or_null,
    write_string,
    write_string_or_null,
    write_symbol,
    write_ubyte,
    write_uint,
    write_uint_or_null,
    write_ulong_or_null,
    write_ushort_or_null,
)
from .reading import (
    FAULTS,
    PERFORMATIVE,
    Scope,
    excess,
    misfit,
    missing,
    unlisted,
)
from .skipping import read_fault
from .values import Symbol
from .writing import (
    NULL,
    WRITE_FAULTS,
    not_a_choice,
    write_fault,
)

if TYPE_CHECKING:
    from .registry import AnySource, AnyTarget, DeliveryState

D = TypeVar("D")

PORT: Final = 5672
"""2.8.19: The TCP port registered for AMQP, plain or with TLS negotiated by a protocol header."""

SECURE_PORT: Final = 5671
"""2.8.19: The TCP port registered for AMQP inside TLS from the first octet."""

MAJOR: Final = 1
"""2.8.19: The major version in the AMQP protocol header."""

MINOR: Final = 0
"""2.8.19: The minor version in the AMQP protocol header."""

REVISION: Final = 0
"""2.8.19: The revision in the AMQP protocol header."""

MIN_MAX_FRAME_SIZE: Final = 512
"""2.8.19: The frame size, in octets, that every peer accepts: the least value of max-frame-size."""


Handle: TypeAlias = int
"""2.8.4: A number by which one side refers to a link in a session, from attach to detach."""

Seconds: TypeAlias = int
"""2.8.5: A length of time in seconds."""

Milliseconds: TypeAlias = int
"""2.8.6: A length of time in milliseconds."""

DeliveryTag: TypeAlias = bytes
"""2.8.7: A name for a delivery, 0 to 32 octets that the sender chooses."""

DeliveryNumber: TypeAlias = int
"""2.8.8: The number of a delivery in its session, which grows by one with every delivery."""

TransferNumber: TypeAlias = int
"""2.8.9: The number of a transfer frame in its session, which grows by one with every such frame and is not
sent.
"""

SequenceNo: TypeAlias = int
"""2.8.10: A number of 32 bits that starts over at 0 after 4294967295, added and compared as in RFC 1982."""

MessageFormat: TypeAlias = int
"""2.8.11: Says how a message is written: a format number in the upper three octets, its version in the
lowest.
"""

IetfLanguageTag: TypeAlias = str
"""2.8.12: A language tag as BCP 47 defines it, such as en-US."""

Fields: TypeAlias = Mapping[Any, Any]
"""2.8.13: A map whose keys are symbols, null not among them, and whose values are of any type."""


class Role:
    """2.8.1: The side of a link that an endpoint takes."""

    SENDER: Final = False
    """2.8.1: The side that sends messages."""

    RECEIVER: Final = True
    """2.8.1: The side that receives messages."""


class SenderSettleMode(IntEnum):
    """2.8.2: Whether the sending side of a link settles its deliveries before the receiver has answered."""

    UNSETTLED = 0
    """2.8.2: Every delivery is sent unsettled, and the sender waits for its state."""

    SETTLED = 1
    """2.8.2: Every delivery is sent settled, and the sender learns nothing of its fate."""

    MIXED = 2
    """2.8.2: The sender decides for each delivery."""


_SenderSettleMode_MEMBERS: dict[int, SenderSettleMode] = {
    0: SenderSettleMode.UNSETTLED,
    1: SenderSettleMode.SETTLED,
    2: SenderSettleMode.MIXED,
}


def read_sender_settle_mode(data: bytes, at: int) -> tuple[SenderSettleMode, int]:
    """Read a choice of sender-settle-mode."""
    value, after = read_ubyte(data, at)
    member = _SenderSettleMode_MEMBERS.get(value)
    if member is None:
        raise unlisted("sender-settle-mode", value, at)
    return member, after


def read_sender_settle_mode_or(data: bytes, at: int, default: D) -> tuple[SenderSettleMode | D, int]:
    """Read a choice of sender-settle-mode; null is the default."""
    value, after = read_ubyte_or(data, at, None)
    if value is None:
        return default, after
    member = _SenderSettleMode_MEMBERS.get(value)
    if member is None:
        raise unlisted("sender-settle-mode", value, at)
    return member, after


def write_sender_settle_mode(value: int) -> bytes:
    """Write a choice of sender-settle-mode."""
    encoded = write_ubyte(value)
    if value not in _SenderSettleMode_MEMBERS:
        raise not_a_choice("sender-settle-mode", value, _SenderSettleMode_MEMBERS)
    return encoded


def write_sender_settle_mode_or_null(value: int | None) -> bytes:
    """Write a choice of sender-settle-mode or null."""
    return NULL if value is None else write_sender_settle_mode(value)


class ReceiverSettleMode(IntEnum):
    """2.8.3: Whether the receiving side of a link settles a delivery before or after the sender has."""

    FIRST = 0
    """2.8.3: The receiver settles a delivery as soon as it has a final state for it."""

    SECOND = 1
    """2.8.3: The receiver sends the final state and settles only when the sender has settled."""


_ReceiverSettleMode_MEMBERS: dict[int, ReceiverSettleMode] = {
    0: ReceiverSettleMode.FIRST,
    1: ReceiverSettleMode.SECOND,
}


def read_receiver_settle_mode(data: bytes, at: int) -> tuple[ReceiverSettleMode, int]:
    """Read a choice of receiver-settle-mode."""
    value, after = read_ubyte(data, at)
    member = _ReceiverSettleMode_MEMBERS.get(value)
    if member is None:
        raise unlisted("receiver-settle-mode", value, at)
    return member, after


def read_receiver_settle_mode_or(data: bytes, at: int, default: D) -> tuple[ReceiverSettleMode | D, int]:
    """Read a choice of receiver-settle-mode; null is the default."""
    value, after = read_ubyte_or(data, at, None)
    if value is None:
        return default, after
    member = _ReceiverSettleMode_MEMBERS.get(value)
    if member is None:
        raise unlisted("receiver-settle-mode", value, at)
    return member, after


def write_receiver_settle_mode(value: int) -> bytes:
    """Write a choice of receiver-settle-mode."""
    encoded = write_ubyte(value)
    if value not in _ReceiverSettleMode_MEMBERS:
        raise not_a_choice("receiver-settle-mode", value, _ReceiverSettleMode_MEMBERS)
    return encoded


def write_receiver_settle_mode_or_null(value: int | None) -> bytes:
    """Write a choice of receiver-settle-mode or null."""
    return NULL if value is None else write_receiver_settle_mode(value)


class AmqpErrorCondition(Symbol, Enum):
    """2.8.15: Error conditions that may end a connection, a session or a link, or refuse a message."""

    INTERNAL_ERROR = "amqp:internal-error"
    """2.8.15: The peer failed through a fault of its own, which may need somebody to look after it."""

    NOT_FOUND = "amqp:not-found"
    """2.8.15: What was asked for, such as the node of an address, does not exist."""

    UNAUTHORIZED_ACCESS = "amqp:unauthorized-access"
    """2.8.15: The user lacks a permission that the request needs."""

    DECODE_ERROR = "amqp:decode-error"
    """2.8.15: What arrived does not decode: bad octets, sizes or types."""

    RESOURCE_LIMIT_EXCEEDED = "amqp:resource-limit-exceeded"
    """2.8.15: The peer asked for more of something than it is allowed to have."""

    NOT_ALLOWED = "amqp:not-allowed"
    """2.8.15: A frame or a request breaks a rule of the protocol or of the thing it is about."""

    INVALID_FIELD = "amqp:invalid-field"
    """2.8.15: A field held a value that is not valid there, or no value where one is due."""

    NOT_IMPLEMENTED = "amqp:not-implemented"
    """2.8.15: A feature was asked for that the partner lacks."""

    RESOURCE_LOCKED = "amqp:resource-locked"
    """2.8.15: Another party holds, alone, what the peer asked for."""

    PRECONDITION_FAILED = "amqp:precondition-failed"
    """2.8.15: Something that has to hold for the request does not hold."""

    RESOURCE_DELETED = "amqp:resource-deleted"
    """2.8.15: Something in use, such as the node of a link, has been removed."""

    ILLEGAL_STATE = "amqp:illegal-state"
    """2.8.15: A frame came that the state of its connection, session or link does not admit."""

    FRAME_SIZE_TOO_SMALL = "amqp:frame-size-too-small"
    """2.8.15: The partner's max-frame-size leaves no room for a frame that has to be sent."""

    __str__ = str.__str__


_AmqpErrorCondition_MEMBERS: dict[str, AmqpErrorCondition] = {
    "amqp:internal-error": AmqpErrorCondition.INTERNAL_ERROR,
    "amqp:not-found": AmqpErrorCondition.NOT_FOUND,
    "amqp:unauthorized-access": AmqpErrorCondition.UNAUTHORIZED_ACCESS,
    "amqp:decode-error": AmqpErrorCondition.DECODE_ERROR,
    "amqp:resource-limit-exceeded": AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED,
    "amqp:not-allowed": AmqpErrorCondition.NOT_ALLOWED,
    "amqp:invalid-field": AmqpErrorCondition.INVALID_FIELD,
    "amqp:not-implemented": AmqpErrorCondition.NOT_IMPLEMENTED,
    "amqp:resource-locked": AmqpErrorCondition.RESOURCE_LOCKED,
    "amqp:precondition-failed": AmqpErrorCondition.PRECONDITION_FAILED,
    "amqp:resource-deleted": AmqpErrorCondition.RESOURCE_DELETED,
    "amqp:illegal-state": AmqpErrorCondition.ILLEGAL_STATE,
    "amqp:frame-size-too-small": AmqpErrorCondition.FRAME_SIZE_TOO_SMALL,
}


def read_amqp_error(data: bytes, at: int) -> tuple[AmqpErrorCondition, int]:
    """Read a choice of amqp-error."""
    value, after = read_symbol(data, at)
    member = _AmqpErrorCondition_MEMBERS.get(value)
    if member is None:
        raise unlisted("amqp-error", value, at)
    return member, after


def read_amqp_error_or(data: bytes, at: int, default: D) -> tuple[AmqpErrorCondition | D, int]:
    """Read a choice of amqp-error; null is the default."""
    value, after = read_symbol_or(data, at, None)
    if value is None:
        return default, after
    member = _AmqpErrorCondition_MEMBERS.get(value)
    if member is None:
        raise unlisted("amqp-error", value, at)
    return member, after


def write_amqp_error(value: str) -> bytes:
    """Write a choice of amqp-error."""
    encoded = write_symbol(value)
    if value not in _AmqpErrorCondition_MEMBERS:
        raise not_a_choice("amqp-error", value, _AmqpErrorCondition_MEMBERS)
    return encoded


def write_amqp_error_or_null(value: str | None) -> bytes:
    """Write a choice of amqp-error or null."""
    return NULL if value is None else write_amqp_error(value)


class ConnectionErrorCondition(Symbol, Enum):
    """2.8.16: Error conditions that close a connection."""

    CONNECTION_FORCED = "amqp:connection:forced"
    """2.8.16: Closed from outside, by an administrator or for maintenance; connecting again later may well
    succeed.
    """

    FRAMING_ERROR = "amqp:connection:framing-error"
    """2.8.16: A frame had an impossible header: size, offset, type or channel."""

    REDIRECT = "amqp:connection:redirect"
    """2.8.16: The container is reached elsewhere: info holds hostname, network-host and port."""

    __str__ = str.__str__


_ConnectionErrorCondition_MEMBERS: dict[str, ConnectionErrorCondition] = {
    "amqp:connection:forced": ConnectionErrorCondition.CONNECTION_FORCED,
    "amqp:connection:framing-error": ConnectionErrorCondition.FRAMING_ERROR,
    "amqp:connection:redirect": ConnectionErrorCondition.REDIRECT,
}


def read_connection_error(data: bytes, at: int) -> tuple[ConnectionErrorCondition, int]:
    """Read a choice of connection-error."""
    value, after = read_symbol(data, at)
    member = _ConnectionErrorCondition_MEMBERS.get(value)
    if member is None:
        raise unlisted("connection-error", value, at)
    return member, after


def read_connection_error_or(data: bytes, at: int, default: D) -> tuple[ConnectionErrorCondition | D, int]:
    """Read a choice of connection-error; null is the default."""
    value, after = read_symbol_or(data, at, None)
    if value is None:
        return default, after
    member = _ConnectionErrorCondition_MEMBERS.get(value)
    if member is None:
        raise unlisted("connection-error", value, at)
    return member, after


def write_connection_error(value: str) -> bytes:
    """Write a choice of connection-error."""
    encoded = write_symbol(value)
    if value not in _ConnectionErrorCondition_MEMBERS:
        raise not_a_choice("connection-error", value, _ConnectionErrorCondition_MEMBERS)
    return encoded


def write_connection_error_or_null(value: str | None) -> bytes:
    """Write a choice of connection-error or null."""
    return NULL if value is None else write_connection_error(value)


class SessionErrorCondition(Symbol, Enum):
    """2.8.17: Error conditions that end a session."""

    WINDOW_VIOLATION = "amqp:session:window-violation"
    """2.8.17: More transfer frames came than the incoming window had room for."""

    ERRANT_LINK = "amqp:session:errant-link"
    """2.8.17: Frames kept coming for a link after the peer had been told of its error."""

    HANDLE_IN_USE = "amqp:session:handle-in-use"
    """2.8.17: An attach took a handle that another attached link still holds."""

    UNATTACHED_HANDLE = "amqp:session:unattached-handle"
    """2.8.17: No link is attached to the handle that a flow, transfer or detach names."""

    __str__ = str.__str__


_SessionErrorCondition_MEMBERS: dict[str, SessionErrorCondition] = {
    "amqp:session:window-violation": SessionErrorCondition.WINDOW_VIOLATION,
    "amqp:session:errant-link": SessionErrorCondition.ERRANT_LINK,
    "amqp:session:handle-in-use": SessionErrorCondition.HANDLE_IN_USE,
    "amqp:session:unattached-handle": SessionErrorCondition.UNATTACHED_HANDLE,
}


def read_session_error(data: bytes, at: int) -> tuple[SessionErrorCondition, int]:
    """Read a choice of session-error."""
    value, after = read_symbol(data, at)
    member = _SessionErrorCondition_MEMBERS.get(value)
    if member is None:
        raise unlisted("session-error", value, at)
    return member, after


def read_session_error_or(data: bytes, at: int, default: D) -> tuple[SessionErrorCondition | D, int]:
    """Read a choice of session-error; null is the default."""
    value, after = read_symbol_or(data, at, None)
    if value is None:
        return default, after
    member = _SessionErrorCondition_MEMBERS.get(value)
    if member is None:
        raise unlisted("session-error", value, at)
    return member, after


def write_session_error(value: str) -> bytes:
    """Write a choice of session-error."""
    encoded = write_symbol(value)
    if value not in _SessionErrorCondition_MEMBERS:
        raise not_a_choice("session-error", value, _SessionErrorCondition_MEMBERS)
    return encoded


def write_session_error_or_null(value: str | None) -> bytes:
    """Write a choice of session-error or null."""
    return NULL if value is None else write_session_error(value)


class LinkErrorCondition(Symbol, Enum):
    """2.8.18: Error conditions that detach a link."""

    DETACH_FORCED = "amqp:link:detach-forced"
    """2.8.18: Detached from outside, by an administrator or for maintenance."""

    TRANSFER_LIMIT_EXCEEDED = "amqp:link:transfer-limit-exceeded"
    """2.8.18: Deliveries came for which the link had no credit."""

    MESSAGE_SIZE_EXCEEDED = "amqp:link:message-size-exceeded"
    """2.8.18: A message was larger than the link's max-message-size."""

    REDIRECT = "amqp:link:redirect"
    """2.8.18: The address is reached elsewhere: info holds hostname, network-host, port and address."""

    STOLEN = "amqp:link:stolen"
    """2.8.18: The link has been attached from elsewhere, which ended this attachment."""

    __str__ = str.__str__


_LinkErrorCondition_MEMBERS: dict[str, LinkErrorCondition] = {
    "amqp:link:detach-forced": LinkErrorCondition.DETACH_FORCED,
    "amqp:link:transfer-limit-exceeded": LinkErrorCondition.TRANSFER_LIMIT_EXCEEDED,
    "amqp:link:message-size-exceeded": LinkErrorCondition.MESSAGE_SIZE_EXCEEDED,
    "amqp:link:redirect": LinkErrorCondition.REDIRECT,
    "amqp:link:stolen": LinkErrorCondition.STOLEN,
}


def read_link_error(data: bytes, at: int) -> tuple[LinkErrorCondition, int]:
    """Read a choice of link-error."""
    value, after = read_symbol(data, at)
    member = _LinkErrorCondition_MEMBERS.get(value)
    if member is None:
        raise unlisted("link-error", value, at)
    return member, after


def read_link_error_or(data: bytes, at: int, default: D) -> tuple[LinkErrorCondition | D, int]:
    """Read a choice of link-error; null is the default."""
    value, after = read_symbol_or(data, at, None)
    if value is None:
        return default, after
    member = _LinkErrorCondition_MEMBERS.get(value)
    if member is None:
        raise unlisted("link-error", value, at)
    return member, after


def write_link_error(value: str) -> bytes:
    """Write a choice of link-error."""
    encoded = write_symbol(value)
    if value not in _LinkErrorCondition_MEMBERS:
        raise not_a_choice("link-error", value, _LinkErrorCondition_MEMBERS)
    return encoded


def write_link_error_or_null(value: str | None) -> bytes:
    """Write a choice of link-error or null."""
    return NULL if value is None else write_link_error(value)


@performative
class Open(Record):
    """2.7.1: Says who the sender is and what it accepts on the connection; each peer sends it once, first,
    on channel 0. ``amqp:open:list``, 0x10.
    """

    DESCRIPTOR: ClassVar[int] = 0x10
    SYMBOL: ClassVar[str] = "amqp:open:list"
    NAME: ClassVar[str] = "open"
    container_id: str
    """2.7.1: Names the container that sends this open; links are told apart by it, so keep it to find them
    again later.
    """

    hostname: str | None = None
    """2.7.1: The host or virtual host that the sender wants to reach; when absent the receiver picks its
    default.
    """

    max_frame_size: int = 4294967295
    """2.7.1: The largest frame, in octets, that the sender of this open will accept: at least 512, by
    default 4294967295.
    """

    channel_max: int = 65535
    """2.7.1: The highest channel number the partner may use, 0 to 65535; one more than this many sessions
    can be open.
    """

    idle_time_out: int | None = None
    """2.7.1: Milliseconds within which the sender wants to see a frame, best half of its real limit; 0 or
    absent is no limit.
    """

    outgoing_locales: tuple[str, ...] | None = None
    """2.7.1: Languages in which the sender can write texts for people, the preferred first; en-US is always
    one of them.
    """

    incoming_locales: tuple[str, ...] | None = None
    """2.7.1: Languages in which the sender likes to get texts for people, the preferred first; en-US when
    none is known.
    """

    offered_capabilities: tuple[str, ...] | None = None
    """2.7.1: Extensions that the sender supports on this connection; a peer that needs one which is absent
    closes.
    """

    desired_capabilities: tuple[str, ...] | None = None
    """2.7.1: Extensions that the sender may use if the partner offers them; it uses none that it did not
    list here.
    """

    properties: Mapping[Any, Any] | None = None
    """2.7.1: What else the sender says of itself and the connection, such as product and version; absent
    means nothing.
    """

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = (
            10
            if self.properties is not None
            else 9
            if self.desired_capabilities is not None
            else 8
            if self.offered_capabilities is not None
            else 7
            if self.incoming_locales is not None
            else 6
            if self.outgoing_locales is not None
            else 5
            if self.idle_time_out is not None
            else 4
            if self.channel_max != 65535
            else 3
            if self.max_frame_size != 4294967295
            else 2
            if self.hostname is not None
            else 1
        )
        parts: list[bytes] = []
        try:
            parts.append(write_string(self.container_id))
            if count > 1:
                parts.append(write_string_or_null(self.hostname))
            if count > 2:
                parts.append(
                    NULL if self.max_frame_size == 4294967295 else write_uint_or_null(self.max_frame_size)
                )
            if count > 3:
                parts.append(NULL if self.channel_max == 65535 else write_ushort_or_null(self.channel_max))
            if count > 4:
                parts.append(write_uint_or_null(self.idle_time_out))
            if count > 5:
                parts.append(write_multiple_or_null("symbol", self.outgoing_locales))
            if count > 6:
                parts.append(write_multiple_or_null("symbol", self.incoming_locales))
            if count > 7:
                parts.append(write_multiple_or_null("symbol", self.offered_capabilities))
            if count > 8:
                parts.append(write_multiple_or_null("symbol", self.desired_capabilities))
            if count > 9:
                parts.append(write_fields_or_null(self.properties))
        except WRITE_FAULTS as error:
            raise write_fault(error, "open", _Open_FIELDS[len(parts)]) from None
        return b"\x00\x53\x10" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Open:
        """Return the open that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Open, decode_open, PERFORMATIVE)


_Open_FIELDS = (
    "container-id",
    "hostname",
    "max-frame-size",
    "channel-max",
    "idle-time-out",
    "outgoing-locales",
    "incoming-locales",
    "offered-capabilities",
    "desired-capabilities",
    "properties",
)


def decode_open(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Open, int]:
    """Read the list of a open; `at` is behind its descriptor."""
    self: Any = new(Open)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 1:
            raise missing(_Open_FIELDS, (0,), count)
        self.container_id, at = read_string(data, at)
        if count > 1:
            self.hostname, at = read_string_or(data, at, None)
        else:
            self.hostname = None
        if count > 2:
            self.max_frame_size, at = read_uint_or(data, at, 4294967295)
        else:
            self.max_frame_size = 4294967295
        if count > 3:
            self.channel_max, at = read_ushort_or(data, at, 65535)
        else:
            self.channel_max = 65535
        if count > 4:
            self.idle_time_out, at = read_uint_or(data, at, None)
        else:
            self.idle_time_out = None
        if count > 5:
            self.outgoing_locales, at = read_multiple_or(
                data, at, depth, scope, "symbol", read_symbol, None, None
            )
        else:
            self.outgoing_locales = None
        if count > 6:
            self.incoming_locales, at = read_multiple_or(
                data, at, depth, scope, "symbol", read_symbol, None, None
            )
        else:
            self.incoming_locales = None
        if count > 7:
            self.offered_capabilities, at = read_multiple_or(
                data, at, depth, scope, "symbol", read_symbol, None, None
            )
        else:
            self.offered_capabilities = None
        if count > 8:
            self.desired_capabilities, at = read_multiple_or(
                data, at, depth, scope, "symbol", read_symbol, None, None
            )
        else:
            self.desired_capabilities = None
        if count > 9:
            self.properties, at = read_map_or(data, at, depth, scope, None)
        else:
            self.properties = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Open_FIELDS) from None
    if count > 10:
        raise excess(count, 10, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Begin(Record):
    """2.7.2: Starts a session on the channel it is sent on, or answers a begin of the partner.
    ``amqp:begin:list``, 0x11.
    """

    DESCRIPTOR: ClassVar[int] = 0x11
    SYMBOL: ClassVar[str] = "amqp:begin:list"
    NAME: ClassVar[str] = "begin"
    remote_channel: int | None = None
    """2.7.2: The partner's channel whose begin this one answers; absent when the sender starts the session."""

    next_outgoing_id: int
    """2.7.2: The transfer-id of the first transfer frame that the sender will send in this session."""

    incoming_window: int
    """2.7.2: How many transfer frames the sender of this begin will take in before it widens the window by
    a flow.
    """

    outgoing_window: int
    """2.7.2: How many transfer frames the sender of this begin could send now if the partner's window let
    it, from next-outgoing-id on.
    """

    handle_max: int = 4294967295
    """2.7.2: The highest link handle that the partner may use in this session, by default 4294967295."""

    offered_capabilities: tuple[str, ...] | None = None
    """2.7.2: Extensions that the sender supports in this session; a peer that needs one which is absent
    ends it.
    """

    desired_capabilities: tuple[str, ...] | None = None
    """2.7.2: Extensions that the sender may use if the partner offers them; it uses none that it did not
    list here.
    """

    properties: Mapping[Any, Any] | None = None
    """2.7.2: What else the sender says of the session; absent means nothing."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = (
            8
            if self.properties is not None
            else 7
            if self.desired_capabilities is not None
            else 6
            if self.offered_capabilities is not None
            else 5
            if self.handle_max != 4294967295
            else 4
        )
        parts: list[bytes] = []
        try:
            parts.append(write_ushort_or_null(self.remote_channel))
            parts.append(write_uint(self.next_outgoing_id))
            parts.append(write_uint(self.incoming_window))
            parts.append(write_uint(self.outgoing_window))
            if count > 4:
                parts.append(NULL if self.handle_max == 4294967295 else write_uint_or_null(self.handle_max))
            if count > 5:
                parts.append(write_multiple_or_null("symbol", self.offered_capabilities))
            if count > 6:
                parts.append(write_multiple_or_null("symbol", self.desired_capabilities))
            if count > 7:
                parts.append(write_fields_or_null(self.properties))
        except WRITE_FAULTS as error:
            raise write_fault(error, "begin", _Begin_FIELDS[len(parts)]) from None
        return b"\x00\x53\x11" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Begin:
        """Return the begin that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Begin, decode_begin, PERFORMATIVE)


_Begin_FIELDS = (
    "remote-channel",
    "next-outgoing-id",
    "incoming-window",
    "outgoing-window",
    "handle-max",
    "offered-capabilities",
    "desired-capabilities",
    "properties",
)


def decode_begin(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Begin, int]:
    """Read the list of a begin; `at` is behind its descriptor."""
    self: Any = new(Begin)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 4:
            raise missing(
                _Begin_FIELDS,
                (
                    1,
                    2,
                    3,
                ),
                count,
            )
        self.remote_channel, at = read_ushort_or(data, at, None)
        self.next_outgoing_id, at = read_uint(data, at)
        self.incoming_window, at = read_uint(data, at)
        self.outgoing_window, at = read_uint(data, at)
        if count > 4:
            self.handle_max, at = read_uint_or(data, at, 4294967295)
        else:
            self.handle_max = 4294967295
        if count > 5:
            self.offered_capabilities, at = read_multiple_or(
                data, at, depth, scope, "symbol", read_symbol, None, None
            )
        else:
            self.offered_capabilities = None
        if count > 6:
            self.desired_capabilities, at = read_multiple_or(
                data, at, depth, scope, "symbol", read_symbol, None, None
            )
        else:
            self.desired_capabilities = None
        if count > 7:
            self.properties, at = read_map_or(data, at, depth, scope, None)
        else:
            self.properties = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Begin_FIELDS) from None
    if count > 8:
        raise excess(count, 8, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Attach(Record):
    """2.7.3: Attaches a link to the session, new or known by its name, or answers an attach of the partner.
    ``amqp:attach:list``, 0x12.
    """

    DESCRIPTOR: ClassVar[int] = 0x12
    SYMBOL: ClassVar[str] = "amqp:attach:list"
    NAME: ClassVar[str] = "attach"
    name: str
    """2.7.3: Names the link; unique among the links of one direction between the two containers."""

    handle: int
    """2.7.3: The number by which the sender of this attach refers to the link in this session, until it
    detaches.
    """

    role: bool
    """2.7.3: The side of the link that the sender of this attach takes: false sends messages, true receives
    them.
    """

    snd_settle_mode: SenderSettleMode = SenderSettleMode.MIXED
    """2.7.3: How the sending side settles deliveries: its word if it speaks, a wish if the receiving side
    does; mixed by default.
    """

    rcv_settle_mode: ReceiverSettleMode = ReceiverSettleMode.FIRST
    """2.7.3: How the receiving side settles deliveries: its word if it speaks, a wish if the sending side
    does; first by default.
    """

    source: AnySource | None = None
    """2.7.3: The terminus that messages come from; null from the sending side says that there is none: a
    refusal.
    """

    target: AnyTarget | None = None
    """2.7.3: The terminus that messages go to; null from the receiving side says that there is none: a
    refusal.
    """

    unsettled: Mapping[Any, Any] | None = None
    """2.7.3: When resuming, the deliveries not settled here, by delivery-tag, each with its state or null;
    null for a new link.
    """

    incomplete_unsettled: bool = False
    """2.7.3: True when the unsettled map was cut to fit a frame, so a tag missing from it need not be
    settled; false by default.
    """

    initial_delivery_count: int | None = None
    """2.7.3: The value from which the sending side counts its deliveries; it must give one, from the
    receiving side it is ignored.
    """

    max_message_size: int | None = None
    """2.7.3: The largest message, in octets, that this end of the link supports; 0 or absent is no limit."""

    offered_capabilities: tuple[str, ...] | None = None
    """2.7.3: Extensions that the sender supports on this link; a peer that needs one which is absent
    detaches it.
    """

    desired_capabilities: tuple[str, ...] | None = None
    """2.7.3: Extensions that the sender may use if the partner offers them; it uses none that it did not
    list here.
    """

    properties: Mapping[Any, Any] | None = None
    """2.7.3: What else the sender says of the link; absent means nothing."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = (
            14
            if self.properties is not None
            else 13
            if self.desired_capabilities is not None
            else 12
            if self.offered_capabilities is not None
            else 11
            if self.max_message_size is not None
            else 10
            if self.initial_delivery_count is not None
            else 9
            if self.incomplete_unsettled
            else 8
            if self.unsettled is not None
            else 7
            if self.target is not None
            else 6
            if self.source is not None
            else 5
            if self.rcv_settle_mode != ReceiverSettleMode.FIRST
            else 4
            if self.snd_settle_mode != SenderSettleMode.MIXED
            else 3
        )
        parts: list[bytes] = []
        try:
            parts.append(write_string(self.name))
            parts.append(write_uint(self.handle))
            parts.append(write_boolean(self.role))
            if count > 3:
                parts.append(
                    NULL
                    if self.snd_settle_mode == SenderSettleMode.MIXED
                    else write_sender_settle_mode_or_null(self.snd_settle_mode)
                )
            if count > 4:
                parts.append(
                    NULL
                    if self.rcv_settle_mode == ReceiverSettleMode.FIRST
                    else write_receiver_settle_mode_or_null(self.rcv_settle_mode)
                )
            if count > 5:
                parts.append(write_any_source_or_null(self.source))
            if count > 6:
                parts.append(write_any_target_or_null(self.target))
            if count > 7:
                parts.append(write_map_or_null(self.unsettled))
            if count > 8:
                parts.append(write_boolean_or_null(self.incomplete_unsettled))
            if count > 9:
                parts.append(write_uint_or_null(self.initial_delivery_count))
            if count > 10:
                parts.append(write_ulong_or_null(self.max_message_size))
            if count > 11:
                parts.append(write_multiple_or_null("symbol", self.offered_capabilities))
            if count > 12:
                parts.append(write_multiple_or_null("symbol", self.desired_capabilities))
            if count > 13:
                parts.append(write_fields_or_null(self.properties))
        except WRITE_FAULTS as error:
            raise write_fault(error, "attach", _Attach_FIELDS[len(parts)]) from None
        return b"\x00\x53\x12" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Attach:
        """Return the attach that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Attach, decode_attach, PERFORMATIVE)


_Attach_FIELDS = (
    "name",
    "handle",
    "role",
    "snd-settle-mode",
    "rcv-settle-mode",
    "source",
    "target",
    "unsettled",
    "incomplete-unsettled",
    "initial-delivery-count",
    "max-message-size",
    "offered-capabilities",
    "desired-capabilities",
    "properties",
)


def decode_attach(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Attach, int]:
    """Read the list of a attach; `at` is behind its descriptor."""
    self: Any = new(Attach)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 3:
            raise missing(
                _Attach_FIELDS,
                (
                    0,
                    1,
                    2,
                ),
                count,
            )
        self.name, at = read_string(data, at)
        self.handle, at = read_uint(data, at)
        self.role, at = read_boolean(data, at)
        if count > 3:
            self.snd_settle_mode, at = read_sender_settle_mode_or(data, at, SenderSettleMode.MIXED)
        else:
            self.snd_settle_mode = SenderSettleMode.MIXED
        if count > 4:
            self.rcv_settle_mode, at = read_receiver_settle_mode_or(data, at, ReceiverSettleMode.FIRST)
        else:
            self.rcv_settle_mode = ReceiverSettleMode.FIRST
        if count > 5:
            self.source, at = read_any_source_or(data, at, depth, scope, None)
        else:
            self.source = None
        if count > 6:
            self.target, at = read_any_target_or(data, at, depth, scope, None)
        else:
            self.target = None
        if count > 7:
            self.unsettled, at = read_map_or(data, at, depth, scope, None)
        else:
            self.unsettled = None
        if count > 8:
            self.incomplete_unsettled, at = read_boolean_or(data, at, False)
        else:
            self.incomplete_unsettled = False
        if count > 9:
            self.initial_delivery_count, at = read_uint_or(data, at, None)
        else:
            self.initial_delivery_count = None
        if count > 10:
            self.max_message_size, at = read_ulong_or(data, at, None)
        else:
            self.max_message_size = None
        if count > 11:
            self.offered_capabilities, at = read_multiple_or(
                data, at, depth, scope, "symbol", read_symbol, None, None
            )
        else:
            self.offered_capabilities = None
        if count > 12:
            self.desired_capabilities, at = read_multiple_or(
                data, at, depth, scope, "symbol", read_symbol, None, None
            )
        else:
            self.desired_capabilities = None
        if count > 13:
            self.properties, at = read_map_or(data, at, depth, scope, None)
        else:
            self.properties = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Attach_FIELDS) from None
    if count > 14:
        raise excess(count, 14, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Flow(Record):
    """2.7.4: Tells the partner the sender's view of the session's windows and, when it has a handle, of one
    link's credit. ``amqp:flow:list``, 0x13.
    """

    DESCRIPTOR: ClassVar[int] = 0x13
    SYMBOL: ClassVar[str] = "amqp:flow:list"
    NAME: ClassVar[str] = "flow"
    next_incoming_id: int | None = None
    """2.7.4: The transfer-id that the sender expects next; absent only while it has not seen the partner's
    begin.
    """

    incoming_window: int
    """2.7.4: How many transfer frames the sender of this flow will take in, counted from next-incoming-id."""

    next_outgoing_id: int
    """2.7.4: The transfer-id that the sender's next transfer frame will have."""

    outgoing_window: int
    """2.7.4: How many transfer frames the sender of this flow could send now if the partner's window let
    it, from next-outgoing-id on.
    """

    handle: int | None = None
    """2.7.4: The sender's handle of the link that the following fields are about; when absent they are
    absent too.
    """

    delivery_count: int | None = None
    """2.7.4: The sending side's count of deliveries, as it stands or as the receiving side knows it; absent
    if not known yet.
    """

    link_credit: int | None = None
    """2.7.4: How many more deliveries the link may carry, counted from delivery-count; replaces what was
    granted before.
    """

    available: int | None = None
    """2.7.4: How many messages the sending side could send at once, given credit; a hint, and absent when
    not known.
    """

    drain: bool = False
    """2.7.4: True asks the sending side to use its credit now and give up what it cannot use; false by
    default.
    """

    echo: bool = False
    """2.7.4: True asks the partner to answer with its own view as soon as it can; false by default."""

    properties: Mapping[Any, Any] | None = None
    """2.7.4: What else the sender says of the link's state, such as the transaction that acquires; absent
    means nothing.
    """

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        try:
            count = (
                11
                if self.properties is not None
                else 10
                if self.echo
                else 9
                if self.drain
                else 8
                if self.available is not None
                else 7
                if self.link_credit is not None
                else 6
                if self.delivery_count is not None
                else 5
                if self.handle is not None
                else 4
            )
            next_incoming_id = self.next_incoming_id
            incoming_window = self.incoming_window
            next_outgoing_id = self.next_outgoing_id
            outgoing_window = self.outgoing_window
            parts: list[bytes] = [
                NULL
                if next_incoming_id is None
                else (
                    UINT_BYTES[next_incoming_id]
                    if 0 <= next_incoming_id < 256
                    else pack_u32(0x70, next_incoming_id)
                )
                if type(next_incoming_id) is int
                else write_uint(next_incoming_id),
                (
                    UINT_BYTES[incoming_window]
                    if 0 <= incoming_window < 256
                    else pack_u32(0x70, incoming_window)
                )
                if type(incoming_window) is int
                else write_uint(incoming_window),
                (
                    UINT_BYTES[next_outgoing_id]
                    if 0 <= next_outgoing_id < 256
                    else pack_u32(0x70, next_outgoing_id)
                )
                if type(next_outgoing_id) is int
                else write_uint(next_outgoing_id),
                (
                    UINT_BYTES[outgoing_window]
                    if 0 <= outgoing_window < 256
                    else pack_u32(0x70, outgoing_window)
                )
                if type(outgoing_window) is int
                else write_uint(outgoing_window),
            ]
            append = parts.append
            if count > 4:
                handle = self.handle
                append(
                    NULL
                    if handle is None
                    else (UINT_BYTES[handle] if 0 <= handle < 256 else pack_u32(0x70, handle))
                    if type(handle) is int
                    else write_uint(handle)
                )
            if count > 5:
                delivery_count = self.delivery_count
                append(
                    NULL
                    if delivery_count is None
                    else (
                        UINT_BYTES[delivery_count]
                        if 0 <= delivery_count < 256
                        else pack_u32(0x70, delivery_count)
                    )
                    if type(delivery_count) is int
                    else write_uint(delivery_count)
                )
            if count > 6:
                link_credit = self.link_credit
                append(
                    NULL
                    if link_credit is None
                    else (UINT_BYTES[link_credit] if 0 <= link_credit < 256 else pack_u32(0x70, link_credit))
                    if type(link_credit) is int
                    else write_uint(link_credit)
                )
            if count > 7:
                available = self.available
                append(
                    NULL
                    if available is None
                    else (UINT_BYTES[available] if 0 <= available < 256 else pack_u32(0x70, available))
                    if type(available) is int
                    else write_uint(available)
                )
            if count > 8:
                drain = self.drain
                append(b"\x41" if drain is True else b"\x42" if drain is False else write_boolean(drain))
            if count > 9:
                echo = self.echo
                append(b"\x41" if echo is True else b"\x42" if echo is False else write_boolean(echo))
            if count > 10:
                properties = self.properties
                append(NULL if properties is None else write_fields(properties))
            body = b"".join(parts)
            if len(body) < 0xFF:
                return b"%b%c%c%b" % (b"\x00\x53\x13\xc0", len(body) + 1, count, body)
            return b"\x00\x53\x13" + list_form(count, parts)
        except WRITE_FAULTS:
            pass
        return self.encode_plainly()

    def encode_plainly(self) -> bytes:
        """Return the same, for values that are rare, large or wrong."""
        count = (
            11
            if self.properties is not None
            else 10
            if self.echo
            else 9
            if self.drain
            else 8
            if self.available is not None
            else 7
            if self.link_credit is not None
            else 6
            if self.delivery_count is not None
            else 5
            if self.handle is not None
            else 4
        )
        parts: list[bytes] = []
        try:
            parts.append(write_uint_or_null(self.next_incoming_id))
            parts.append(write_uint(self.incoming_window))
            parts.append(write_uint(self.next_outgoing_id))
            parts.append(write_uint(self.outgoing_window))
            if count > 4:
                parts.append(write_uint_or_null(self.handle))
            if count > 5:
                parts.append(write_uint_or_null(self.delivery_count))
            if count > 6:
                parts.append(write_uint_or_null(self.link_credit))
            if count > 7:
                parts.append(write_uint_or_null(self.available))
            if count > 8:
                parts.append(write_boolean_or_null(self.drain))
            if count > 9:
                parts.append(write_boolean_or_null(self.echo))
            if count > 10:
                parts.append(write_fields_or_null(self.properties))
        except WRITE_FAULTS as error:
            raise write_fault(error, "flow", _Flow_FIELDS[len(parts)]) from None
        return b"\x00\x53\x13" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Flow:
        """Return the flow that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Flow, decode_flow, PERFORMATIVE)


_Flow_FIELDS = (
    "next-incoming-id",
    "incoming-window",
    "next-outgoing-id",
    "outgoing-window",
    "handle",
    "delivery-count",
    "link-credit",
    "available",
    "drain",
    "echo",
    "properties",
)


def decode_flow(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Flow, int]:
    """Read the list of a flow; `at` is behind its descriptor."""
    self: Any = new(Flow)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 4:
            raise missing(
                _Flow_FIELDS,
                (
                    1,
                    2,
                    3,
                ),
                count,
            )
        self.next_incoming_id, at = read_uint_or(data, at, None)
        self.incoming_window, at = read_uint(data, at)
        self.next_outgoing_id, at = read_uint(data, at)
        self.outgoing_window, at = read_uint(data, at)
        if count > 4:
            self.handle, at = read_uint_or(data, at, None)
        else:
            self.handle = None
        if count > 5:
            self.delivery_count, at = read_uint_or(data, at, None)
        else:
            self.delivery_count = None
        if count > 6:
            self.link_credit, at = read_uint_or(data, at, None)
        else:
            self.link_credit = None
        if count > 7:
            self.available, at = read_uint_or(data, at, None)
        else:
            self.available = None
        if count > 8:
            self.drain, at = read_boolean_or(data, at, False)
        else:
            self.drain = False
        if count > 9:
            self.echo, at = read_boolean_or(data, at, False)
        else:
            self.echo = False
        if count > 10:
            self.properties, at = read_map_or(data, at, depth, scope, None)
        else:
            self.properties = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Flow_FIELDS) from None
    if count > 11:
        raise excess(count, 11, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


# The first fields, when each takes four octets behind its constructor.
_unpack_flow = Struct(">BIBIBIBI").unpack_from


def decode_short_flow(
    data: bytes, at: int, end: int, count: int, depth: int, scope: Scope
) -> tuple[Flow, int]:
    """Read the fields of a flow in a short list, in line; the first of them is at `at`.

    What is wrong is left to `decode_flow` to tell. For the outermost value alone: with others inside others, to
    try each twice would double the cost with every level.
    """
    begin = at - 3
    if count < 4 or count > 11 or end > len(data):
        return decode_flow(data, begin, depth, scope)
    try:
        self: Any = new(Flow)
        if end - at >= 20:
            (
                code_0,
                value_0,
                code_1,
                value_1,
                code_2,
                value_2,
                code_3,
                value_3,
            ) = _unpack_flow(data, at)
        else:
            code_0 = value_0 = code_1 = value_1 = code_2 = value_2 = code_3 = value_3 = 0
        if code_0 == code_1 == code_2 == code_3 == 0x70:
            self.next_incoming_id = value_0
            self.incoming_window = value_1
            self.next_outgoing_id = value_2
            self.outgoing_window = value_3
            at += 20
        else:
            code = data[at]
            if code == 0x52:
                self.next_incoming_id = data[at + 1]
                at += 2
            elif code == 0x70:
                self.next_incoming_id = unpack_u32(data, at + 1)[0]
                at += 5
            elif code == 0x43:
                self.next_incoming_id = 0
                at += 1
            elif code == 0x40:
                self.next_incoming_id = None
                at += 1
            else:
                self.next_incoming_id, at = read_uint_or(data, at, None)
            code = data[at]
            if code == 0x52:
                self.incoming_window = data[at + 1]
                at += 2
            elif code == 0x70:
                self.incoming_window = unpack_u32(data, at + 1)[0]
                at += 5
            elif code == 0x43:
                self.incoming_window = 0
                at += 1
            else:
                self.incoming_window, at = read_uint(data, at)
            code = data[at]
            if code == 0x52:
                self.next_outgoing_id = data[at + 1]
                at += 2
            elif code == 0x70:
                self.next_outgoing_id = unpack_u32(data, at + 1)[0]
                at += 5
            elif code == 0x43:
                self.next_outgoing_id = 0
                at += 1
            else:
                self.next_outgoing_id, at = read_uint(data, at)
            code = data[at]
            if code == 0x52:
                self.outgoing_window = data[at + 1]
                at += 2
            elif code == 0x70:
                self.outgoing_window = unpack_u32(data, at + 1)[0]
                at += 5
            elif code == 0x43:
                self.outgoing_window = 0
                at += 1
            else:
                self.outgoing_window, at = read_uint(data, at)
        if count > 4:
            code = data[at]
            if code == 0x52:
                self.handle = data[at + 1]
                at += 2
            elif code == 0x70:
                self.handle = unpack_u32(data, at + 1)[0]
                at += 5
            elif code == 0x43:
                self.handle = 0
                at += 1
            elif code == 0x40:
                self.handle = None
                at += 1
            else:
                self.handle, at = read_uint_or(data, at, None)
        else:
            self.handle = None
        if count > 5:
            code = data[at]
            if code == 0x52:
                self.delivery_count = data[at + 1]
                at += 2
            elif code == 0x70:
                self.delivery_count = unpack_u32(data, at + 1)[0]
                at += 5
            elif code == 0x43:
                self.delivery_count = 0
                at += 1
            elif code == 0x40:
                self.delivery_count = None
                at += 1
            else:
                self.delivery_count, at = read_uint_or(data, at, None)
        else:
            self.delivery_count = None
        if count > 6:
            code = data[at]
            if code == 0x52:
                self.link_credit = data[at + 1]
                at += 2
            elif code == 0x70:
                self.link_credit = unpack_u32(data, at + 1)[0]
                at += 5
            elif code == 0x43:
                self.link_credit = 0
                at += 1
            elif code == 0x40:
                self.link_credit = None
                at += 1
            else:
                self.link_credit, at = read_uint_or(data, at, None)
        else:
            self.link_credit = None
        if count > 7:
            code = data[at]
            if code == 0x52:
                self.available = data[at + 1]
                at += 2
            elif code == 0x70:
                self.available = unpack_u32(data, at + 1)[0]
                at += 5
            elif code == 0x43:
                self.available = 0
                at += 1
            elif code == 0x40:
                self.available = None
                at += 1
            else:
                self.available, at = read_uint_or(data, at, None)
            if count > 8:
                code = data[at]
                if code == 0x41:
                    self.drain = True
                    at += 1
                elif code in (0x42, 0x40):
                    self.drain = False
                    at += 1
                else:
                    self.drain, at = read_boolean_or(data, at, False)
            else:
                self.drain = False
            if count > 9:
                code = data[at]
                if code == 0x41:
                    self.echo = True
                    at += 1
                elif code in (0x42, 0x40):
                    self.echo = False
                    at += 1
                else:
                    self.echo, at = read_boolean_or(data, at, False)
            else:
                self.echo = False
            if count > 10:
                code = data[at]
                if code == 0x40:
                    self.properties = None
                    at += 1
                else:
                    self.properties, at = read_map_or(data, at, depth, scope, None)
            else:
                self.properties = None
        else:
            self.drain = self.echo = False
            self.available = self.properties = None
        if at == end:
            return self, end
    except FAULTS:
        pass
    return decode_flow(data, begin, depth, scope)


def write_flow_plainly(value: Flow, depth: int) -> bytes:
    """Write one inside another value: with others inside others, to try each twice would double the cost."""
    return value.encode_plainly()


@performative
class Transfer(Record):
    """2.7.5: Carries a message over a link, or one part of it when it spans several frames; its octets
    follow as payload. ``amqp:transfer:list``, 0x14.
    """

    DESCRIPTOR: ClassVar[int] = 0x14
    SYMBOL: ClassVar[str] = "amqp:transfer:list"
    NAME: ClassVar[str] = "transfer"
    handle: int
    """2.7.5: The sender's handle of the link that carries the message."""

    delivery_id: int | None = None
    """2.7.5: Numbers the delivery within the session; given on its first transfer, and then the same or
    absent.
    """

    delivery_tag: bytes | None = None
    """2.7.5: Names the delivery on its link until it is settled; given on its first transfer, and then the
    same or absent.
    """

    message_format: int | None = None
    """2.7.5: The format of the payload, 0 for AMQP's own; given on the first transfer, and then the same or
    absent.
    """

    settled: bool | None = None
    """2.7.5: True when the sender counts the delivery as settled; absent is false at first, then what was
    said before.
    """

    more: bool = False
    """2.7.5: True when more transfers of this delivery follow; false by default, and of no effect when
    aborted.
    """

    rcv_settle_mode: ReceiverSettleMode | None = None
    """2.7.5: How the receiver settles this delivery; absent is the mode of the link, and second needs a
    link of mode second.
    """

    state: DeliveryState | None = None
    """2.7.5: The state of the delivery at the sender, for a resumed or transactional one; absent says
    nothing.
    """

    resume: bool = False
    """2.7.5: True when this resumes a delivery left unsettled by an earlier attachment of the link; false
    by default.
    """

    aborted: bool = False
    """2.7.5: True when the sender gives the delivery up: the receiver drops all of it and it is settled;
    false by default.
    """

    batchable: bool = False
    """2.7.5: True when the sender is in no hurry for the state of this delivery, so it may be sent in bulk;
    false by default.
    """

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        try:
            count = (
                11
                if self.batchable
                else 10
                if self.aborted
                else 9
                if self.resume
                else 8
                if self.state is not None
                else 7
                if self.rcv_settle_mode is not None
                else 6
                if self.more
                else 5
                if self.settled is not None
                else 4
                if self.message_format is not None
                else 3
                if self.delivery_tag is not None
                else 2
                if self.delivery_id is not None
                else 1
            )
            handle = self.handle
            parts: list[bytes] = [
                (UINT_BYTES[handle] if 0 <= handle < 256 else pack_u32(0x70, handle))
                if type(handle) is int
                else write_uint(handle),
            ]
            append = parts.append
            if count > 1:
                delivery_id = self.delivery_id
                append(
                    NULL
                    if delivery_id is None
                    else (UINT_BYTES[delivery_id] if 0 <= delivery_id < 256 else pack_u32(0x70, delivery_id))
                    if type(delivery_id) is int
                    else write_uint(delivery_id)
                )
            if count > 2:
                delivery_tag = self.delivery_tag
                append(
                    NULL
                    if delivery_tag is None
                    else BINARY_HEADS[len(delivery_tag)] + delivery_tag
                    if type(delivery_tag) is bytes
                    else write_binary(delivery_tag)
                )
            if count > 3:
                message_format = self.message_format
                append(
                    NULL
                    if message_format is None
                    else (
                        UINT_BYTES[message_format]
                        if 0 <= message_format < 256
                        else pack_u32(0x70, message_format)
                    )
                    if type(message_format) is int
                    else write_uint(message_format)
                )
            if count > 4:
                settled = self.settled
                append(
                    NULL
                    if settled is None
                    else b"\x41"
                    if settled is True
                    else b"\x42"
                    if settled is False
                    else write_boolean(settled)
                )
            if count > 5:
                more = self.more
                append(b"\x41" if more is True else b"\x42" if more is False else write_boolean(more))
            if count > 6:
                rcv_settle_mode = self.rcv_settle_mode
                append(NULL if rcv_settle_mode is None else write_receiver_settle_mode(rcv_settle_mode))
            if count > 7:
                state = self.state
                append(NULL if state is None else write_delivery_state(state))
            if count > 8:
                resume = self.resume
                append(b"\x41" if resume is True else b"\x42" if resume is False else write_boolean(resume))
            if count > 9:
                aborted = self.aborted
                append(
                    b"\x41" if aborted is True else b"\x42" if aborted is False else write_boolean(aborted)
                )
            if count > 10:
                batchable = self.batchable
                append(
                    b"\x41"
                    if batchable is True
                    else b"\x42"
                    if batchable is False
                    else write_boolean(batchable)
                )
            body = b"".join(parts)
            if len(body) < 0xFF:
                return b"%b%c%c%b" % (b"\x00\x53\x14\xc0", len(body) + 1, count, body)
            return b"\x00\x53\x14" + list_form(count, parts)
        except WRITE_FAULTS:
            pass
        return self.encode_plainly()

    def encode_plainly(self) -> bytes:
        """Return the same, for values that are rare, large or wrong."""
        count = (
            11
            if self.batchable
            else 10
            if self.aborted
            else 9
            if self.resume
            else 8
            if self.state is not None
            else 7
            if self.rcv_settle_mode is not None
            else 6
            if self.more
            else 5
            if self.settled is not None
            else 4
            if self.message_format is not None
            else 3
            if self.delivery_tag is not None
            else 2
            if self.delivery_id is not None
            else 1
        )
        parts: list[bytes] = []
        try:
            parts.append(write_uint(self.handle))
            if count > 1:
                parts.append(write_uint_or_null(self.delivery_id))
            if count > 2:
                parts.append(write_binary_or_null(self.delivery_tag))
            if count > 3:
                parts.append(write_uint_or_null(self.message_format))
            if count > 4:
                parts.append(write_boolean_or_null(self.settled))
            if count > 5:
                parts.append(write_boolean_or_null(self.more))
            if count > 6:
                parts.append(write_receiver_settle_mode_or_null(self.rcv_settle_mode))
            if count > 7:
                parts.append(write_delivery_state_or_null(self.state))
            if count > 8:
                parts.append(write_boolean_or_null(self.resume))
            if count > 9:
                parts.append(write_boolean_or_null(self.aborted))
            if count > 10:
                parts.append(write_boolean_or_null(self.batchable))
        except WRITE_FAULTS as error:
            raise write_fault(error, "transfer", _Transfer_FIELDS[len(parts)]) from None
        return b"\x00\x53\x14" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Transfer:
        """Return the transfer that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Transfer, decode_transfer, PERFORMATIVE)


_Transfer_FIELDS = (
    "handle",
    "delivery-id",
    "delivery-tag",
    "message-format",
    "settled",
    "more",
    "rcv-settle-mode",
    "state",
    "resume",
    "aborted",
    "batchable",
)


def decode_transfer(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Transfer, int]:
    """Read the list of a transfer; `at` is behind its descriptor."""
    self: Any = new(Transfer)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 1:
            raise missing(_Transfer_FIELDS, (0,), count)
        self.handle, at = read_uint(data, at)
        if count > 1:
            self.delivery_id, at = read_uint_or(data, at, None)
        else:
            self.delivery_id = None
        if count > 2:
            self.delivery_tag, at = read_binary_or(data, at, None)
        else:
            self.delivery_tag = None
        if count > 3:
            self.message_format, at = read_uint_or(data, at, None)
        else:
            self.message_format = None
        if count > 4:
            self.settled, at = read_boolean_or(data, at, None)
        else:
            self.settled = None
        if count > 5:
            self.more, at = read_boolean_or(data, at, False)
        else:
            self.more = False
        if count > 6:
            self.rcv_settle_mode, at = read_receiver_settle_mode_or(data, at, None)
        else:
            self.rcv_settle_mode = None
        if count > 7:
            self.state, at = read_delivery_state_or(data, at, depth, scope, None)
        else:
            self.state = None
        if count > 8:
            self.resume, at = read_boolean_or(data, at, False)
        else:
            self.resume = False
        if count > 9:
            self.aborted, at = read_boolean_or(data, at, False)
        else:
            self.aborted = False
        if count > 10:
            self.batchable, at = read_boolean_or(data, at, False)
        else:
            self.batchable = False
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Transfer_FIELDS) from None
    if count > 11:
        raise excess(count, 11, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


# Fields in a row whose layout depends on the size of their octets alone.
_unpack_transfer = tuple(Struct(f">xIBx{size}sBB").unpack_from for size in range(33))


def decode_short_transfer(
    data: bytes, at: int, end: int, count: int, depth: int, scope: Scope
) -> tuple[Transfer, int]:
    """Read the fields of a transfer in a short list, in line; the first of them is at `at`.

    What is wrong is left to `decode_transfer` to tell. For the outermost value alone: with others inside others, to
    try each twice would double the cost with every level.
    """
    begin = at - 3
    if count < 1 or count > 11 or end > len(data):
        return decode_transfer(data, begin, depth, scope)
    try:
        self: Any = new(Transfer)
        code = data[at]
        if code == 0x52:
            self.handle = data[at + 1]
            at += 2
        elif code == 0x70:
            self.handle = unpack_u32(data, at + 1)[0]
            at += 5
        elif code == 0x43:
            self.handle = 0
            at += 1
        else:
            self.handle, at = read_uint(data, at)
        if count >= 5 and data[at] == 0x70 and (size := data[at + 6]) <= 32:
            (
                number,
                code,
                octets,
                code_0,
                code_1,
            ) = _unpack_transfer[size](data, at)
        else:
            size = number = code = code_0 = code_1 = 0
            octets = b""
        if code == 0xA0 and code_0 == 0x43 and code_1 in (0x42, 0x41):
            self.delivery_id = number
            self.delivery_tag = octets
            self.message_format = 0
            self.settled = code_1 == 0x41
            at += 9 + size
        else:
            if count > 1:
                code = data[at]
                if code == 0x52:
                    self.delivery_id = data[at + 1]
                    at += 2
                elif code == 0x70:
                    self.delivery_id = unpack_u32(data, at + 1)[0]
                    at += 5
                elif code == 0x43:
                    self.delivery_id = 0
                    at += 1
                elif code == 0x40:
                    self.delivery_id = None
                    at += 1
                else:
                    self.delivery_id, at = read_uint_or(data, at, None)
            else:
                self.delivery_id = None
            if count > 2:
                code = data[at]
                if code == 0xA0:
                    start = at + 2
                    at = start + data[at + 1]
                    self.delivery_tag = data[start:at]
                elif code == 0x40:
                    self.delivery_tag = None
                    at += 1
                else:
                    self.delivery_tag, at = read_binary_or(data, at, None)
            else:
                self.delivery_tag = None
            if count > 3:
                code = data[at]
                if code == 0x52:
                    self.message_format = data[at + 1]
                    at += 2
                elif code == 0x70:
                    self.message_format = unpack_u32(data, at + 1)[0]
                    at += 5
                elif code == 0x43:
                    self.message_format = 0
                    at += 1
                elif code == 0x40:
                    self.message_format = None
                    at += 1
                else:
                    self.message_format, at = read_uint_or(data, at, None)
            else:
                self.message_format = None
            if count > 4:
                code = data[at]
                if code == 0x41:
                    self.settled = True
                    at += 1
                elif code == 0x42:
                    self.settled = False
                    at += 1
                elif code == 0x40:
                    self.settled = None
                    at += 1
                else:
                    self.settled, at = read_boolean_or(data, at, None)
            else:
                self.settled = None

        if count > 5:
            code = data[at]
            if code == 0x41:
                self.more = True
                at += 1
            elif code in (0x42, 0x40):
                self.more = False
                at += 1
            else:
                self.more, at = read_boolean_or(data, at, False)
            if count > 6:
                code = data[at]
                if code == 0x40:
                    self.rcv_settle_mode = None
                    at += 1
                else:
                    self.rcv_settle_mode, at = read_receiver_settle_mode_or(data, at, None)
            else:
                self.rcv_settle_mode = None
            if count > 7:
                code = data[at]
                if code == 0x40:
                    self.state = None
                    at += 1
                elif (empty := DELIVERY_STATE_EMPTY.get(data[at : at + 4])) is not None:
                    self.state = empty
                    at += 4
                else:
                    self.state, at = read_delivery_state_or(data, at, depth, scope, None)
            else:
                self.state = None
            if count > 8:
                code = data[at]
                if code == 0x41:
                    self.resume = True
                    at += 1
                elif code in (0x42, 0x40):
                    self.resume = False
                    at += 1
                else:
                    self.resume, at = read_boolean_or(data, at, False)
            else:
                self.resume = False
            if count > 9:
                code = data[at]
                if code == 0x41:
                    self.aborted = True
                    at += 1
                elif code in (0x42, 0x40):
                    self.aborted = False
                    at += 1
                else:
                    self.aborted, at = read_boolean_or(data, at, False)
            else:
                self.aborted = False
            if count > 10:
                code = data[at]
                if code == 0x41:
                    self.batchable = True
                    at += 1
                elif code in (0x42, 0x40):
                    self.batchable = False
                    at += 1
                else:
                    self.batchable, at = read_boolean_or(data, at, False)
            else:
                self.batchable = False
        else:
            self.more = self.resume = self.aborted = self.batchable = False
            self.rcv_settle_mode = self.state = None
        if at == end:
            return self, end
    except FAULTS:
        pass
    return decode_transfer(data, begin, depth, scope)


def write_transfer_plainly(value: Transfer, depth: int) -> bytes:
    """Write one inside another value: with others inside others, to try each twice would double the cost."""
    return value.encode_plainly()


@performative
class Disposition(Record):
    """2.7.6: Tells the partner of a new state, or of the settlement, of one delivery or a range, whatever
    link they came by. ``amqp:disposition:list``, 0x15.
    """

    DESCRIPTOR: ClassVar[int] = 0x15
    SYMBOL: ClassVar[str] = "amqp:disposition:list"
    NAME: ClassVar[str] = "disposition"
    role: bool
    """2.7.6: Whose deliveries are meant: false those the sender of this disposition sent, true those it
    received.
    """

    first: int
    """2.7.6: The delivery-id at which the range begins."""

    last: int | None = None
    """2.7.6: The delivery-id at which the range ends, itself included; absent means first."""

    settled: bool = False
    """2.7.6: True when the sender of this disposition has settled the deliveries and forgets them; false by
    default.
    """

    state: DeliveryState | None = None
    """2.7.6: The state of the deliveries as the sender of this disposition sees it; absent says nothing of
    it.
    """

    batchable: bool = False
    """2.7.6: True when the sender is in no hurry for the answer to this disposition; false by default."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        try:
            count = (
                6
                if self.batchable
                else 5
                if self.state is not None
                else 4
                if self.settled
                else 3
                if self.last is not None
                else 2
            )
            role = self.role
            first = self.first
            parts: list[bytes] = [
                b"\x41" if role is True else b"\x42" if role is False else write_boolean(role),
                (UINT_BYTES[first] if 0 <= first < 256 else pack_u32(0x70, first))
                if type(first) is int
                else write_uint(first),
            ]
            append = parts.append
            if count > 2:
                last = self.last
                append(
                    NULL
                    if last is None
                    else (UINT_BYTES[last] if 0 <= last < 256 else pack_u32(0x70, last))
                    if type(last) is int
                    else write_uint(last)
                )
            if count > 3:
                settled = self.settled
                append(
                    b"\x41" if settled is True else b"\x42" if settled is False else write_boolean(settled)
                )
            if count > 4:
                state = self.state
                append(NULL if state is None else write_delivery_state(state))
            if count > 5:
                batchable = self.batchable
                append(
                    b"\x41"
                    if batchable is True
                    else b"\x42"
                    if batchable is False
                    else write_boolean(batchable)
                )
            body = b"".join(parts)
            if len(body) < 0xFF:
                return b"%b%c%c%b" % (b"\x00\x53\x15\xc0", len(body) + 1, count, body)
            return b"\x00\x53\x15" + list_form(count, parts)
        except WRITE_FAULTS:
            pass
        return self.encode_plainly()

    def encode_plainly(self) -> bytes:
        """Return the same, for values that are rare, large or wrong."""
        count = (
            6
            if self.batchable
            else 5
            if self.state is not None
            else 4
            if self.settled
            else 3
            if self.last is not None
            else 2
        )
        parts: list[bytes] = []
        try:
            parts.append(write_boolean(self.role))
            parts.append(write_uint(self.first))
            if count > 2:
                parts.append(write_uint_or_null(self.last))
            if count > 3:
                parts.append(write_boolean_or_null(self.settled))
            if count > 4:
                parts.append(write_delivery_state_or_null(self.state))
            if count > 5:
                parts.append(write_boolean_or_null(self.batchable))
        except WRITE_FAULTS as error:
            raise write_fault(error, "disposition", _Disposition_FIELDS[len(parts)]) from None
        return b"\x00\x53\x15" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Disposition:
        """Return the disposition that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Disposition, decode_disposition, PERFORMATIVE)


_Disposition_FIELDS = (
    "role",
    "first",
    "last",
    "settled",
    "state",
    "batchable",
)


def decode_disposition(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Disposition, int]:
    """Read the list of a disposition; `at` is behind its descriptor."""
    self: Any = new(Disposition)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 2:
            raise missing(
                _Disposition_FIELDS,
                (
                    0,
                    1,
                ),
                count,
            )
        self.role, at = read_boolean(data, at)
        self.first, at = read_uint(data, at)
        if count > 2:
            self.last, at = read_uint_or(data, at, None)
        else:
            self.last = None
        if count > 3:
            self.settled, at = read_boolean_or(data, at, False)
        else:
            self.settled = False
        if count > 4:
            self.state, at = read_delivery_state_or(data, at, depth, scope, None)
        else:
            self.state = None
        if count > 5:
            self.batchable, at = read_boolean_or(data, at, False)
        else:
            self.batchable = False
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Disposition_FIELDS) from None
    if count > 6:
        raise excess(count, 6, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


def decode_short_disposition(
    data: bytes, at: int, end: int, count: int, depth: int, scope: Scope
) -> tuple[Disposition, int]:
    """Read the fields of a disposition in a short list, in line; the first of them is at `at`.

    What is wrong is left to `decode_disposition` to tell. For the outermost value alone: with others inside others, to
    try each twice would double the cost with every level.
    """
    begin = at - 3
    if count < 2 or count > 6 or end > len(data):
        return decode_disposition(data, begin, depth, scope)
    try:
        self: Any = new(Disposition)
        code = data[at]
        if code == 0x41:
            self.role = True
            at += 1
        elif code == 0x42:
            self.role = False
            at += 1
        else:
            self.role, at = read_boolean(data, at)
        code = data[at]
        if code == 0x52:
            self.first = data[at + 1]
            at += 2
        elif code == 0x70:
            self.first = unpack_u32(data, at + 1)[0]
            at += 5
        elif code == 0x43:
            self.first = 0
            at += 1
        else:
            self.first, at = read_uint(data, at)
        if count > 2:
            code = data[at]
            if code == 0x52:
                self.last = data[at + 1]
                at += 2
            elif code == 0x70:
                self.last = unpack_u32(data, at + 1)[0]
                at += 5
            elif code == 0x43:
                self.last = 0
                at += 1
            elif code == 0x40:
                self.last = None
                at += 1
            else:
                self.last, at = read_uint_or(data, at, None)
        else:
            self.last = None
        if count > 3:
            code = data[at]
            if code == 0x41:
                self.settled = True
                at += 1
            elif code in (0x42, 0x40):
                self.settled = False
                at += 1
            else:
                self.settled, at = read_boolean_or(data, at, False)
        else:
            self.settled = False
        if count > 4:
            code = data[at]
            if code == 0x40:
                self.state = None
                at += 1
            elif (empty := DELIVERY_STATE_EMPTY.get(data[at : at + 4])) is not None:
                self.state = empty
                at += 4
            else:
                self.state, at = read_delivery_state_or(data, at, depth, scope, None)
        else:
            self.state = None
        if count > 5:
            code = data[at]
            if code == 0x41:
                self.batchable = True
                at += 1
            elif code in (0x42, 0x40):
                self.batchable = False
                at += 1
            else:
                self.batchable, at = read_boolean_or(data, at, False)

        else:
            self.batchable = False
        if at == end:
            return self, end
    except FAULTS:
        pass
    return decode_disposition(data, begin, depth, scope)


def write_disposition_plainly(value: Disposition, depth: int) -> bytes:
    """Write one inside another value: with others inside others, to try each twice would double the cost."""
    return value.encode_plainly()


@performative
class Detach(Record):
    """2.7.7: Detaches the link from the session and frees the handle; the link ends for good when closed is
    true. ``amqp:detach:list``, 0x16.
    """

    DESCRIPTOR: ClassVar[int] = 0x16
    SYMBOL: ClassVar[str] = "amqp:detach:list"
    NAME: ClassVar[str] = "detach"
    handle: int
    """2.7.7: The sender's handle of the link that it detaches."""

    closed: bool = False
    """2.7.7: True when the sender has closed the link, its terminus included; false by default: it may be
    attached again.
    """

    error: Error | None = None
    """2.7.7: The error that made the sender detach the link; absent when there was none."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 3 if self.error is not None else 2 if self.closed else 1
        parts: list[bytes] = []
        try:
            parts.append(write_uint(self.handle))
            if count > 1:
                parts.append(write_boolean_or_null(self.closed))
            if count > 2:
                parts.append(write_error_or_null(self.error))
        except WRITE_FAULTS as error:
            raise write_fault(error, "detach", _Detach_FIELDS[len(parts)]) from None
        return b"\x00\x53\x16" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Detach:
        """Return the detach that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Detach, decode_detach, PERFORMATIVE)


_Detach_FIELDS = (
    "handle",
    "closed",
    "error",
)


def decode_detach(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Detach, int]:
    """Read the list of a detach; `at` is behind its descriptor."""
    self: Any = new(Detach)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 1:
            raise missing(_Detach_FIELDS, (0,), count)
        self.handle, at = read_uint(data, at)
        if count > 1:
            self.closed, at = read_boolean_or(data, at, False)
        else:
            self.closed = False
        if count > 2:
            self.error, at = read_error_or(data, at, depth, scope, None)
        else:
            self.error = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Detach_FIELDS) from None
    if count > 3:
        raise excess(count, 3, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class End(Record):
    """2.7.8: Ends the session, detaches its links and frees the channel. ``amqp:end:list``, 0x17."""

    DESCRIPTOR: ClassVar[int] = 0x17
    SYMBOL: ClassVar[str] = "amqp:end:list"
    NAME: ClassVar[str] = "end"
    error: Error | None = None
    """2.7.8: The error that made the sender end the session; absent when there was none."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 1 if self.error is not None else 0
        parts: list[bytes] = []
        try:
            if count > 0:
                parts.append(write_error_or_null(self.error))
        except WRITE_FAULTS as error:
            raise write_fault(error, "end", _End_FIELDS[len(parts)]) from None
        return b"\x00\x53\x17" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> End:
        """Return the end that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, End, decode_end, PERFORMATIVE)


_End_FIELDS = ("error",)


def decode_end(data: bytes, at: int, depth: int, scope: Scope) -> tuple[End, int]:
    """Read the list of a end; `at` is behind its descriptor."""
    self: Any = new(End)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count > 0:
            self.error, at = read_error_or(data, at, depth, scope, None)
        else:
            self.error = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _End_FIELDS) from None
    if count > 1:
        raise excess(count, 1, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Close(Record):
    """2.7.9: Closes the connection; the sender writes nothing after it. ``amqp:close:list``, 0x18."""

    DESCRIPTOR: ClassVar[int] = 0x18
    SYMBOL: ClassVar[str] = "amqp:close:list"
    NAME: ClassVar[str] = "close"
    error: Error | None = None
    """2.7.9: The error that made the sender close the connection; absent when there was none."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 1 if self.error is not None else 0
        parts: list[bytes] = []
        try:
            if count > 0:
                parts.append(write_error_or_null(self.error))
        except WRITE_FAULTS as error:
            raise write_fault(error, "close", _Close_FIELDS[len(parts)]) from None
        return b"\x00\x53\x18" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Close:
        """Return the close that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Close, decode_close, PERFORMATIVE)


_Close_FIELDS = ("error",)


def decode_close(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Close, int]:
    """Read the list of a close; `at` is behind its descriptor."""
    self: Any = new(Close)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count > 0:
            self.error, at = read_error_or(data, at, depth, scope, None)
        else:
            self.error = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Close_FIELDS) from None
    if count > 1:
        raise excess(count, 1, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Error(Record):
    """2.8.14: Tells the partner what went wrong: a condition for programs and a description for people.
    ``amqp:error:list``, 0x1d.
    """

    DESCRIPTOR: ClassVar[int] = 0x1D
    SYMBOL: ClassVar[str] = "amqp:error:list"
    NAME: ClassVar[str] = "error"
    condition: str
    """2.8.14: The kind of error, as a symbol: one of the standard's or one of the peer's own."""

    description: str | None = None
    """2.8.14: More about the error, in words for people; absent when there is none."""

    info: Mapping[Any, Any] | None = None
    """2.8.14: More about the error, in values for programs, such as where a redirect leads; absent when
    there is none.
    """

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 3 if self.info is not None else 2 if self.description is not None else 1
        parts: list[bytes] = []
        try:
            parts.append(write_symbol(self.condition))
            if count > 1:
                parts.append(write_string_or_null(self.description))
            if count > 2:
                parts.append(write_fields_or_null(self.info))
        except WRITE_FAULTS as error:
            raise write_fault(error, "error", _Error_FIELDS[len(parts)]) from None
        return b"\x00\x53\x1d" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Error:
        """Return the error that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Error, decode_error, PERFORMATIVE)


_Error_FIELDS = (
    "condition",
    "description",
    "info",
)


def decode_error(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Error, int]:
    """Read the list of a error; `at` is behind its descriptor."""
    self: Any = new(Error)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 1:
            raise missing(_Error_FIELDS, (0,), count)
        self.condition, at = read_symbol(data, at)
        if count > 1:
            self.description, at = read_string_or(data, at, None)
        else:
            self.description = None
        if count > 2:
            self.info, at = read_map_or(data, at, depth, scope, None)
        else:
            self.info = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Error_FIELDS) from None
    if count > 3:
        raise excess(count, 3, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end
