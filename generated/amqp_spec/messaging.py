# Generated from amqp-1.0-xml/messaging.xml
#   sha256 c66a822c8c336da150512ac80f93981cb6295858eded11c0c20ebc69e8937ad8
# Do not edit: change the source and run `python -m codegen`.

"""3: The sections of a message, the outcomes of a delivery, and the sources and targets of links."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias, TypeVar
from uuid import UUID

from .archetypes import (
    read_address_or,
    read_error_or,
    read_message_id_or,
    read_outcome_or,
    write_address,
    write_address_or_null,
    write_error_or_null,
    write_message_id,
    write_message_id_or_null,
    write_outcome_or_null,
)
from .classes import Record, new, performative, section
from .codec import decode_composite
from .primitives import (
    BINARY_HEADS,
    KNOWN_STRINGS,
    KNOWN_SYMBOLS,
    SIGNED_OCTETS,
    STRING_HEADS,
    SYMBOL_HEADS,
    UBYTE_BYTES,
    UINT_BYTES,
    list_form,
    list_head,
    pack_u32,
    read_binary,
    read_binary_or,
    read_boolean_or,
    read_list,
    read_map,
    read_map_or,
    read_multiple_or,
    read_string_or,
    read_symbol,
    read_symbol_or,
    read_timestamp_or,
    read_ubyte_or,
    read_uint,
    read_uint_or,
    read_ulong,
    unpack_f64,
    unpack_i32,
    unpack_i64,
    unpack_u32,
    write_annotations,
    write_binary,
    write_binary_or_null,
    write_boolean,
    write_boolean_or_null,
    write_fields_or_null,
    write_list,
    write_multiple_or_null,
    write_simple_map,
    write_string,
    write_string_or_null,
    write_symbol,
    write_symbol_or_null,
    write_timestamp,
    write_timestamp_or_null,
    write_ubyte,
    write_ubyte_or_null,
    write_uint,
    write_uint_or_null,
    write_ulong,
)
from .reading import (
    CONTENT,
    FAULTS,
    PERFORMATIVE,
    READERS,
    Scope,
    excess,
    inside,
    misfit,
    missing,
    read_value,
    unlisted,
)
from .skipping import read_fault
from .values import Map, Symbol, Value
from .writing import (
    DEPTH,
    NULL,
    WRITE_FAULTS,
    fault,
    not_a_choice,
    too_large,
    write_fault,
    write_value,
)

if TYPE_CHECKING:
    from .registry import Address, MessageId, Outcome
    from .transport import Error

D = TypeVar("D")

MESSAGE_FORMAT: Final = 0
"""3.2.16: The message-format of transfers whose payload is a message of these sections."""


Annotations: TypeAlias = Mapping[Any, Any]
"""3.2.10: A map whose keys are symbols, or ulongs, which are reserved; x-opt- keys may be ignored, other
unknown ones not.
"""

MessageIdUlong: TypeAlias = int
"""3.2.11: A message-id that is an unsigned integer of 64 bits."""

MessageIdUuid: TypeAlias = UUID
"""3.2.12: A message-id that is a UUID."""

MessageIdBinary: TypeAlias = bytes
"""3.2.13: A message-id that is plain octets."""

MessageIdString: TypeAlias = str
"""3.2.14: A message-id that is text."""

AddressString: TypeAlias = str
"""3.2.15: The address of a node, as text that the container holding the node understands."""

FilterSet: TypeAlias = Mapping[Any, Any]
"""3.5.8: A map from symbols, the names of filters, to described values, the filters, or null; a message has
to pass all.
"""

NodeProperties: TypeAlias = Mapping[Any, Any]
"""3.5.9: Properties of a node; the standard's own are lifetime-policy and supported-dist-modes."""


class TerminusDurability(IntEnum):
    """3.5.5: What of a terminus its container keeps over a restart."""

    NONE = 0
    """3.5.5: Nothing is kept."""

    CONFIGURATION = 1
    """3.5.5: The terminus and its settings are kept, the state of its deliveries is not."""

    UNSETTLED_STATE = 2
    """3.5.5: The terminus, its settings and the state of durable messages not yet settled are kept."""


_TerminusDurability_MEMBERS: dict[int, TerminusDurability] = {
    0: TerminusDurability.NONE,
    1: TerminusDurability.CONFIGURATION,
    2: TerminusDurability.UNSETTLED_STATE,
}


def read_terminus_durability(data: bytes, at: int) -> tuple[TerminusDurability, int]:
    """Read a choice of terminus-durability."""
    value, after = read_uint(data, at)
    member = _TerminusDurability_MEMBERS.get(value)
    if member is None:
        raise unlisted("terminus-durability", value, at)
    return member, after


def read_terminus_durability_or(data: bytes, at: int, default: D) -> tuple[TerminusDurability | D, int]:
    """Read a choice of terminus-durability; null is the default."""
    value, after = read_uint_or(data, at, None)
    if value is None:
        return default, after
    member = _TerminusDurability_MEMBERS.get(value)
    if member is None:
        raise unlisted("terminus-durability", value, at)
    return member, after


def write_terminus_durability(value: int) -> bytes:
    """Write a choice of terminus-durability."""
    encoded = write_uint(value)
    if value not in _TerminusDurability_MEMBERS:
        raise not_a_choice("terminus-durability", value, _TerminusDurability_MEMBERS)
    return encoded


def write_terminus_durability_or_null(value: int | None) -> bytes:
    """Write a choice of terminus-durability or null."""
    return NULL if value is None else write_terminus_durability(value)


class TerminusExpiryPolicy(Symbol, Enum):
    """3.5.6: The event at which the timeout of a terminus starts to run; attaching the link again stops it."""

    LINK_DETACH = "link-detach"
    """3.5.6: The timeout starts to run when the link is detached."""

    SESSION_END = "session-end"
    """3.5.6: The timeout starts to run when the session the link was last attached to ends."""

    CONNECTION_CLOSE = "connection-close"
    """3.5.6: The timeout starts to run when the connection of the link's last session closes."""

    NEVER = "never"
    """3.5.6: The terminus stays until it is closed."""

    __str__ = str.__str__


_TerminusExpiryPolicy_MEMBERS: dict[str, TerminusExpiryPolicy] = {
    "link-detach": TerminusExpiryPolicy.LINK_DETACH,
    "session-end": TerminusExpiryPolicy.SESSION_END,
    "connection-close": TerminusExpiryPolicy.CONNECTION_CLOSE,
    "never": TerminusExpiryPolicy.NEVER,
}


def read_terminus_expiry_policy(data: bytes, at: int) -> tuple[TerminusExpiryPolicy, int]:
    """Read a choice of terminus-expiry-policy."""
    value, after = read_symbol(data, at)
    member = _TerminusExpiryPolicy_MEMBERS.get(value)
    if member is None:
        raise unlisted("terminus-expiry-policy", value, at)
    return member, after


def read_terminus_expiry_policy_or(data: bytes, at: int, default: D) -> tuple[TerminusExpiryPolicy | D, int]:
    """Read a choice of terminus-expiry-policy; null is the default."""
    value, after = read_symbol_or(data, at, None)
    if value is None:
        return default, after
    member = _TerminusExpiryPolicy_MEMBERS.get(value)
    if member is None:
        raise unlisted("terminus-expiry-policy", value, at)
    return member, after


def write_terminus_expiry_policy(value: str) -> bytes:
    """Write a choice of terminus-expiry-policy."""
    encoded = write_symbol(value)
    if value not in _TerminusExpiryPolicy_MEMBERS:
        raise not_a_choice("terminus-expiry-policy", value, _TerminusExpiryPolicy_MEMBERS)
    return encoded


def write_terminus_expiry_policy_or_null(value: str | None) -> bytes:
    """Write a choice of terminus-expiry-policy or null."""
    return NULL if value is None else write_terminus_expiry_policy(value)


class StdDistMode(Symbol, Enum):
    """3.5.7: What becomes of a message at its node when a link has taken it."""

    MOVE = "move"
    """3.5.7: The message leaves the node once its delivery is accepted, as from a queue."""

    COPY = "copy"
    """3.5.7: The message stays at the node for others, as when browsing or with a topic."""

    __str__ = str.__str__


_StdDistMode_MEMBERS: dict[str, StdDistMode] = {
    "move": StdDistMode.MOVE,
    "copy": StdDistMode.COPY,
}


def read_std_dist_mode(data: bytes, at: int) -> tuple[StdDistMode, int]:
    """Read a choice of std-dist-mode."""
    value, after = read_symbol(data, at)
    member = _StdDistMode_MEMBERS.get(value)
    if member is None:
        raise unlisted("std-dist-mode", value, at)
    return member, after


def read_std_dist_mode_or(data: bytes, at: int, default: D) -> tuple[StdDistMode | D, int]:
    """Read a choice of std-dist-mode; null is the default."""
    value, after = read_symbol_or(data, at, None)
    if value is None:
        return default, after
    member = _StdDistMode_MEMBERS.get(value)
    if member is None:
        raise unlisted("std-dist-mode", value, at)
    return member, after


def write_std_dist_mode(value: str) -> bytes:
    """Write a choice of std-dist-mode."""
    encoded = write_symbol(value)
    if value not in _StdDistMode_MEMBERS:
        raise not_a_choice("std-dist-mode", value, _StdDistMode_MEMBERS)
    return encoded


def write_std_dist_mode_or_null(value: str | None) -> bytes:
    """Write a choice of std-dist-mode or null."""
    return NULL if value is None else write_std_dist_mode(value)


@performative
class Header(Record):
    """3.2.1: How the message is to be handled on its way; a node may change it, and one without it has the
    defaults. ``amqp:header:list``, 0x70.
    """

    DESCRIPTOR: ClassVar[int] = 0x70
    SYMBOL: ClassVar[str] = "amqp:header:list"
    NAME: ClassVar[str] = "header"
    durable: bool = False
    """3.2.1: True when no node may lose the message in a restart; false by default."""

    priority: int = 4
    """3.2.1: How urgent the message is, 0 to 255, a higher number first; 4 by default, and nodes may tell
    only a few apart.
    """

    ttl: int | None = None
    """3.2.1: Milliseconds for which the message stays of use, less at every node it waited in; absent is
    without end.
    """

    first_acquirer: bool = False
    """3.2.1: True when no other link has acquired the message before; false, the default, says nothing of
    it.
    """

    delivery_count: int = 0
    """3.2.1: How many earlier deliveries of the message failed; 0 by default, and more says that it may be
    a duplicate.
    """

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        try:
            count = (
                5
                if self.delivery_count != 0
                else 4
                if self.first_acquirer
                else 3
                if self.ttl is not None
                else 2
                if self.priority != 4
                else 1
                if self.durable
                else 0
            )
            if count == 0:
                return b"\x00\x53\x70\x45"
            parts: list[bytes] = []
            append = parts.append
            durable = self.durable
            append(b"\x41" if durable is True else b"\x42" if durable is False else write_boolean(durable))
            if count > 1:
                priority = self.priority
                append(
                    NULL
                    if priority == 4
                    else (UBYTE_BYTES[priority] if 0 <= priority < 256 else write_ubyte(priority))
                    if type(priority) is int
                    else write_ubyte(priority)
                )
            if count > 2:
                ttl = self.ttl
                append(
                    NULL
                    if ttl is None
                    else (UINT_BYTES[ttl] if 0 <= ttl < 256 else pack_u32(0x70, ttl))
                    if type(ttl) is int
                    else write_uint(ttl)
                )
            if count > 3:
                first_acquirer = self.first_acquirer
                append(
                    b"\x41"
                    if first_acquirer is True
                    else b"\x42"
                    if first_acquirer is False
                    else write_boolean(first_acquirer)
                )
            if count > 4:
                delivery_count = self.delivery_count
                append(
                    NULL
                    if delivery_count == 0
                    else (
                        UINT_BYTES[delivery_count]
                        if 0 <= delivery_count < 256
                        else pack_u32(0x70, delivery_count)
                    )
                    if type(delivery_count) is int
                    else write_uint(delivery_count)
                )
            body = b"".join(parts)
            return b"%b%c%c%b" % (b"\x00\x53\x70\xc0", len(body) + 1, count, body)
        except WRITE_FAULTS:
            pass
        return self.encode_plainly()

    def encode_plainly(self) -> bytes:
        """Return the same, for values that are rare, large or wrong."""
        count = (
            5
            if self.delivery_count != 0
            else 4
            if self.first_acquirer
            else 3
            if self.ttl is not None
            else 2
            if self.priority != 4
            else 1
            if self.durable
            else 0
        )
        parts: list[bytes] = []
        try:
            if count > 0:
                parts.append(write_boolean_or_null(self.durable))
            if count > 1:
                parts.append(NULL if self.priority == 4 else write_ubyte_or_null(self.priority))
            if count > 2:
                parts.append(write_uint_or_null(self.ttl))
            if count > 3:
                parts.append(write_boolean_or_null(self.first_acquirer))
            if count > 4:
                parts.append(NULL if self.delivery_count == 0 else write_uint_or_null(self.delivery_count))
        except WRITE_FAULTS as error:
            raise write_fault(error, "header", _Header_FIELDS[len(parts)]) from None
        return b"\x00\x53\x70" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Header:
        """Return the header that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Header, decode_header, PERFORMATIVE)


_Header_FIELDS = (
    "durable",
    "priority",
    "ttl",
    "first-acquirer",
    "delivery-count",
)


def decode_header(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Header, int]:
    """Read the list of a header; `at` is behind its descriptor."""
    self: Any = new(Header)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count > 0:
            self.durable, at = read_boolean_or(data, at, False)
        else:
            self.durable = False
        if count > 1:
            self.priority, at = read_ubyte_or(data, at, 4)
        else:
            self.priority = 4
        if count > 2:
            self.ttl, at = read_uint_or(data, at, None)
        else:
            self.ttl = None
        if count > 3:
            self.first_acquirer, at = read_boolean_or(data, at, False)
        else:
            self.first_acquirer = False
        if count > 4:
            self.delivery_count, at = read_uint_or(data, at, 0)
        else:
            self.delivery_count = 0
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Header_FIELDS) from None
    if count > 5:
        raise excess(count, 5, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


def header_at(data: bytes, at: int, scope: Scope = CONTENT, depth: int = DEPTH) -> Header:
    """Return the header whose list is at `at`. Raises DecodeError.

    A short list is read in line, any other by `decode_header`, which also tells what is wrong.
    """
    begin = at
    try:
        end = at + 2 + data[at + 1]
        count = data[at + 2]
        if data[at] != 0xC0 or count > 5 or end > len(data):
            return decode_header(data, begin, depth, scope)[0]
        at += 3
        found: Header = new(Header)
        self: Any = found
        if count > 0:
            code = data[at]
            if code == 0x41:
                self.durable = True
                at += 1
            elif code in (0x42, 0x40):
                self.durable = False
                at += 1
            else:
                self.durable, at = read_boolean_or(data, at, False)
        else:
            self.durable = False
        if count > 1:
            code = data[at]
            if code == 0x50:
                self.priority = data[at + 1]
                at += 2
            elif code == 0x40:
                self.priority = 4
                at += 1
            else:
                self.priority, at = read_ubyte_or(data, at, 4)
        else:
            self.priority = 4
        if count > 2:
            code = data[at]
            if code == 0x52:
                self.ttl = data[at + 1]
                at += 2
            elif code == 0x70:
                self.ttl = unpack_u32(data, at + 1)[0]
                at += 5
            elif code == 0x43:
                self.ttl = 0
                at += 1
            elif code == 0x40:
                self.ttl = None
                at += 1
            else:
                self.ttl, at = read_uint_or(data, at, None)
        else:
            self.ttl = None
        if count > 3:
            code = data[at]
            if code == 0x41:
                self.first_acquirer = True
                at += 1
            elif code in (0x42, 0x40):
                self.first_acquirer = False
                at += 1
            else:
                self.first_acquirer, at = read_boolean_or(data, at, False)
            if count > 4:
                code = data[at]
                if code == 0x52:
                    self.delivery_count = data[at + 1]
                    at += 2
                elif code == 0x70:
                    self.delivery_count = unpack_u32(data, at + 1)[0]
                    at += 5
                elif code in (0x43, 0x40):
                    self.delivery_count = 0
                    at += 1
                else:
                    self.delivery_count, at = read_uint_or(data, at, 0)
            else:
                self.delivery_count = 0
        else:
            self.delivery_count = 0
            self.first_acquirer = False
        if at == end:
            return found
    except FAULTS:
        pass
    try:
        return decode_header(data, begin, depth, scope)[0]
    except FAULTS as error:
        raise inside(error, begin, "header") from None


def write_header_plainly(value: Header, depth: int) -> bytes:
    """Write one inside another value: with others inside others, to try each twice would double the cost."""
    return value.encode_plainly()


@performative
class Properties(Record):
    """3.2.4: The properties of the message that the standard knows; part of what the sender wrote, and
    passed on unchanged. ``amqp:properties:list``, 0x73.
    """

    DESCRIPTOR: ClassVar[int] = 0x73
    SYMBOL: ClassVar[str] = "amqp:properties:list"
    NAME: ClassVar[str] = "properties"
    message_id: MessageId | None = None
    """3.2.4: Names the message, unlike any other; a node may drop a message whose name it has seen."""

    user_id: bytes | None = None
    """3.2.4: The user who made the message; a node may check it against the user of the link."""

    to: Address | None = None
    """3.2.4: The address of the node the message is meant for, which need not be the one it passes now."""

    subject: str | None = None
    """3.2.4: A short summary of content and purpose; many brokers route by it."""

    reply_to: Address | None = None
    """3.2.4: The address of the node to which answers are to be sent."""

    correlation_id: MessageId | None = None
    """3.2.4: The message-id, or another value agreed on, that ties this message to an earlier one."""

    content_type: str | None = None
    """3.2.4: The media type (RFC 2046) of a body of data sections, such as application/json; absent when
    not known.
    """

    content_encoding: str | None = None
    """3.2.4: What was applied to a body of data sections, as in HTTP, such as gzip; absent for none, never
    identity.
    """

    absolute_expiry_time: int | None = None
    """3.2.4: The time from which the message counts as expired, in milliseconds since 1970; absent for
    never.
    """

    creation_time: int | None = None
    """3.2.4: The time at which the message was made, in milliseconds since 1970."""

    group_id: str | None = None
    """3.2.4: Names the group of messages to which this one belongs; absent for none."""

    group_sequence: int | None = None
    """3.2.4: The place of the message in its group, a serial number."""

    reply_to_group_id: str | None = None
    """3.2.4: The group-id that answers to this message are to carry."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        try:
            count = (
                13
                if self.reply_to_group_id is not None
                else 12
                if self.group_sequence is not None
                else 11
                if self.group_id is not None
                else 10
                if self.creation_time is not None
                else 9
                if self.absolute_expiry_time is not None
                else 8
                if self.content_encoding is not None
                else 7
                if self.content_type is not None
                else 6
                if self.correlation_id is not None
                else 5
                if self.reply_to is not None
                else 4
                if self.subject is not None
                else 3
                if self.to is not None
                else 2
                if self.user_id is not None
                else 1
                if self.message_id is not None
                else 0
            )
            if count == 0:
                return b"\x00\x53\x73\x45"
            parts: list[bytes] = []
            append = parts.append
            message_id = self.message_id
            append(
                NULL
                if message_id is None
                else STRING_HEADS[len(text := message_id.encode())] + text
                if type(message_id) is str
                else write_message_id(message_id)
            )
            if count > 1:
                user_id = self.user_id
                append(
                    NULL
                    if user_id is None
                    else BINARY_HEADS[len(user_id)] + user_id
                    if type(user_id) is bytes
                    else write_binary(user_id)
                )
            if count > 2:
                to = self.to
                append(
                    NULL
                    if to is None
                    else STRING_HEADS[len(text := to.encode())] + text
                    if type(to) is str
                    else write_address(to)
                )
            if count > 3:
                subject = self.subject
                append(
                    NULL
                    if subject is None
                    else STRING_HEADS[len(text := subject.encode())] + text
                    if type(subject) is str
                    else write_string(subject)
                )
            if count > 4:
                reply_to = self.reply_to
                append(
                    NULL
                    if reply_to is None
                    else STRING_HEADS[len(text := reply_to.encode())] + text
                    if type(reply_to) is str
                    else write_address(reply_to)
                )
            if count > 5:
                correlation_id = self.correlation_id
                append(
                    NULL
                    if correlation_id is None
                    else STRING_HEADS[len(text := correlation_id.encode())] + text
                    if type(correlation_id) is str
                    else write_message_id(correlation_id)
                )
            if count > 6:
                content_type = self.content_type
                append(
                    NULL
                    if content_type is None
                    else SYMBOL_HEADS[len(text := content_type.encode("ascii"))] + text
                    if type(content_type) is str
                    else write_symbol(content_type)
                )
            if count > 7:
                content_encoding = self.content_encoding
                append(
                    NULL
                    if content_encoding is None
                    else SYMBOL_HEADS[len(text := content_encoding.encode("ascii"))] + text
                    if type(content_encoding) is str
                    else write_symbol(content_encoding)
                )
            if count > 8:
                absolute_expiry_time = self.absolute_expiry_time
                append(NULL if absolute_expiry_time is None else write_timestamp(absolute_expiry_time))
            if count > 9:
                creation_time = self.creation_time
                append(NULL if creation_time is None else write_timestamp(creation_time))
            if count > 10:
                group_id = self.group_id
                append(
                    NULL
                    if group_id is None
                    else STRING_HEADS[len(text := group_id.encode())] + text
                    if type(group_id) is str
                    else write_string(group_id)
                )
            if count > 11:
                group_sequence = self.group_sequence
                append(
                    NULL
                    if group_sequence is None
                    else (
                        UINT_BYTES[group_sequence]
                        if 0 <= group_sequence < 256
                        else pack_u32(0x70, group_sequence)
                    )
                    if type(group_sequence) is int
                    else write_uint(group_sequence)
                )
            if count > 12:
                reply_to_group_id = self.reply_to_group_id
                append(
                    NULL
                    if reply_to_group_id is None
                    else STRING_HEADS[len(text := reply_to_group_id.encode())] + text
                    if type(reply_to_group_id) is str
                    else write_string(reply_to_group_id)
                )
            body = b"".join(parts)
            if len(body) < 0xFF:
                return b"%b%c%c%b" % (b"\x00\x53\x73\xc0", len(body) + 1, count, body)
            return b"\x00\x53\x73" + list_form(count, parts)
        except WRITE_FAULTS:
            pass
        return self.encode_plainly()

    def encode_plainly(self) -> bytes:
        """Return the same, for values that are rare, large or wrong."""
        count = (
            13
            if self.reply_to_group_id is not None
            else 12
            if self.group_sequence is not None
            else 11
            if self.group_id is not None
            else 10
            if self.creation_time is not None
            else 9
            if self.absolute_expiry_time is not None
            else 8
            if self.content_encoding is not None
            else 7
            if self.content_type is not None
            else 6
            if self.correlation_id is not None
            else 5
            if self.reply_to is not None
            else 4
            if self.subject is not None
            else 3
            if self.to is not None
            else 2
            if self.user_id is not None
            else 1
            if self.message_id is not None
            else 0
        )
        parts: list[bytes] = []
        try:
            if count > 0:
                parts.append(write_message_id_or_null(self.message_id))
            if count > 1:
                parts.append(write_binary_or_null(self.user_id))
            if count > 2:
                parts.append(write_address_or_null(self.to))
            if count > 3:
                parts.append(write_string_or_null(self.subject))
            if count > 4:
                parts.append(write_address_or_null(self.reply_to))
            if count > 5:
                parts.append(write_message_id_or_null(self.correlation_id))
            if count > 6:
                parts.append(write_symbol_or_null(self.content_type))
            if count > 7:
                parts.append(write_symbol_or_null(self.content_encoding))
            if count > 8:
                parts.append(write_timestamp_or_null(self.absolute_expiry_time))
            if count > 9:
                parts.append(write_timestamp_or_null(self.creation_time))
            if count > 10:
                parts.append(write_string_or_null(self.group_id))
            if count > 11:
                parts.append(write_uint_or_null(self.group_sequence))
            if count > 12:
                parts.append(write_string_or_null(self.reply_to_group_id))
        except WRITE_FAULTS as error:
            raise write_fault(error, "properties", _Properties_FIELDS[len(parts)]) from None
        return b"\x00\x53\x73" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Properties:
        """Return the properties that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Properties, decode_properties, PERFORMATIVE)


_Properties_FIELDS = (
    "message-id",
    "user-id",
    "to",
    "subject",
    "reply-to",
    "correlation-id",
    "content-type",
    "content-encoding",
    "absolute-expiry-time",
    "creation-time",
    "group-id",
    "group-sequence",
    "reply-to-group-id",
)


def decode_properties(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Properties, int]:
    """Read the list of a properties; `at` is behind its descriptor."""
    self: Any = new(Properties)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count > 0:
            self.message_id, at = read_message_id_or(data, at, None)
        else:
            self.message_id = None
        if count > 1:
            self.user_id, at = read_binary_or(data, at, None)
        else:
            self.user_id = None
        if count > 2:
            self.to, at = read_address_or(data, at, None)
        else:
            self.to = None
        if count > 3:
            self.subject, at = read_string_or(data, at, None)
        else:
            self.subject = None
        if count > 4:
            self.reply_to, at = read_address_or(data, at, None)
        else:
            self.reply_to = None
        if count > 5:
            self.correlation_id, at = read_message_id_or(data, at, None)
        else:
            self.correlation_id = None
        if count > 6:
            self.content_type, at = read_symbol_or(data, at, None)
        else:
            self.content_type = None
        if count > 7:
            self.content_encoding, at = read_symbol_or(data, at, None)
        else:
            self.content_encoding = None
        if count > 8:
            self.absolute_expiry_time, at = read_timestamp_or(data, at, None)
        else:
            self.absolute_expiry_time = None
        if count > 9:
            self.creation_time, at = read_timestamp_or(data, at, None)
        else:
            self.creation_time = None
        if count > 10:
            self.group_id, at = read_string_or(data, at, None)
        else:
            self.group_id = None
        if count > 11:
            self.group_sequence, at = read_uint_or(data, at, None)
        else:
            self.group_sequence = None
        if count > 12:
            self.reply_to_group_id, at = read_string_or(data, at, None)
        else:
            self.reply_to_group_id = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Properties_FIELDS) from None
    if count > 13:
        raise excess(count, 13, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


def properties_at(data: bytes, at: int, scope: Scope = CONTENT, depth: int = DEPTH) -> Properties:
    """Return the properties whose list is at `at`. Raises DecodeError.

    A short list is read in line, any other by `decode_properties`, which also tells what is wrong.
    """
    begin = at
    try:
        end = at + 2 + data[at + 1]
        count = data[at + 2]
        if data[at] != 0xC0 or count > 13 or end > len(data):
            return decode_properties(data, begin, depth, scope)[0]
        at += 3
        found: Properties = new(Properties)
        self: Any = found
        if count > 0:
            code = data[at]
            if code == 0xA1:
                start = at + 2
                at = start + data[at + 1]
                self.message_id = data[start:at].decode()
            elif code == 0x40:
                self.message_id = None
                at += 1
            else:
                self.message_id, at = read_message_id_or(data, at, None)
        else:
            self.message_id = None
        if count > 1:
            code = data[at]
            if code == 0xA0:
                start = at + 2
                at = start + data[at + 1]
                self.user_id = data[start:at]
            elif code == 0x40:
                self.user_id = None
                at += 1
            else:
                self.user_id, at = read_binary_or(data, at, None)
        else:
            self.user_id = None
        if count > 2:
            code = data[at]
            if code == 0xA1:
                start = at + 2
                at = start + data[at + 1]
                self.to = data[start:at].decode()
            elif code == 0x40:
                self.to = None
                at += 1
            else:
                self.to, at = read_address_or(data, at, None)
        else:
            self.to = None
        if count > 3:
            code = data[at]
            if code == 0xA1:
                start = at + 2
                at = start + data[at + 1]
                self.subject = data[start:at].decode()
            elif code == 0x40:
                self.subject = None
                at += 1
            else:
                self.subject, at = read_string_or(data, at, None)
        else:
            self.subject = None
        if count > 4:
            code = data[at]
            if code == 0xA1:
                start = at + 2
                at = start + data[at + 1]
                self.reply_to = data[start:at].decode()
            elif code == 0x40:
                self.reply_to = None
                at += 1
            else:
                self.reply_to, at = read_address_or(data, at, None)
        else:
            self.reply_to = None
        if count > 5:
            code = data[at]
            if code == 0xA1:
                start = at + 2
                at = start + data[at + 1]
                self.correlation_id = data[start:at].decode()
            elif code == 0x40:
                self.correlation_id = None
                at += 1
            else:
                self.correlation_id, at = read_message_id_or(data, at, None)
        else:
            self.correlation_id = None
        if count > 6:
            code = data[at]
            if code == 0xA3:
                start = at + 2
                at = start + data[at + 1]
                self.content_type = data[start:at].decode("ascii")
            elif code == 0x40:
                self.content_type = None
                at += 1
            else:
                self.content_type, at = read_symbol_or(data, at, None)
        else:
            self.content_type = None
        if count > 7:
            code = data[at]
            if code == 0xA3:
                start = at + 2
                at = start + data[at + 1]
                self.content_encoding = data[start:at].decode("ascii")
            elif code == 0x40:
                self.content_encoding = None
                at += 1
            else:
                self.content_encoding, at = read_symbol_or(data, at, None)
            if count > 8:
                code = data[at]
                if code == 0x83:
                    self.absolute_expiry_time = unpack_i64(data, at + 1)[0]
                    at += 9
                elif code == 0x40:
                    self.absolute_expiry_time = None
                    at += 1
                else:
                    self.absolute_expiry_time, at = read_timestamp_or(data, at, None)
            else:
                self.absolute_expiry_time = None
            if count > 9:
                code = data[at]
                if code == 0x83:
                    self.creation_time = unpack_i64(data, at + 1)[0]
                    at += 9
                elif code == 0x40:
                    self.creation_time = None
                    at += 1
                else:
                    self.creation_time, at = read_timestamp_or(data, at, None)
            else:
                self.creation_time = None
            if count > 10:
                code = data[at]
                if code == 0xA1:
                    start = at + 2
                    at = start + data[at + 1]
                    self.group_id = data[start:at].decode()
                elif code == 0x40:
                    self.group_id = None
                    at += 1
                else:
                    self.group_id, at = read_string_or(data, at, None)
            else:
                self.group_id = None
            if count > 11:
                code = data[at]
                if code == 0x52:
                    self.group_sequence = data[at + 1]
                    at += 2
                elif code == 0x70:
                    self.group_sequence = unpack_u32(data, at + 1)[0]
                    at += 5
                elif code == 0x43:
                    self.group_sequence = 0
                    at += 1
                elif code == 0x40:
                    self.group_sequence = None
                    at += 1
                else:
                    self.group_sequence, at = read_uint_or(data, at, None)
            else:
                self.group_sequence = None
            if count > 12:
                code = data[at]
                if code == 0xA1:
                    start = at + 2
                    at = start + data[at + 1]
                    self.reply_to_group_id = data[start:at].decode()
                elif code == 0x40:
                    self.reply_to_group_id = None
                    at += 1
                else:
                    self.reply_to_group_id, at = read_string_or(data, at, None)
            else:
                self.reply_to_group_id = None
        else:
            self.content_encoding = self.absolute_expiry_time = self.creation_time = self.group_id = (
                self.group_sequence
            ) = self.reply_to_group_id = None
        if at == end:
            return found
    except FAULTS:
        pass
    try:
        return decode_properties(data, begin, depth, scope)[0]
    except FAULTS as error:
        raise inside(error, begin, "properties") from None


def write_properties_plainly(value: Properties, depth: int) -> bytes:
    """Write one inside another value: with others inside others, to try each twice would double the cost."""
    return value.encode_plainly()


@performative
class Received(Record):
    """3.4.1: How much of a message has arrived, or can be sent again, when its delivery is resumed; not an
    outcome. ``amqp:received:list``, 0x23.
    """

    DESCRIPTOR: ClassVar[int] = 0x23
    SYMBOL: ClassVar[str] = "amqp:received:list"
    NAME: ClassVar[str] = "received"
    section_number: int
    """3.4.1: The section, counted from 0, that the receiver has not got all of or that the sender can send
    again from.
    """

    section_offset: int
    """3.4.1: The first octet of that section, counted from 0, that the receiver has not got or that sending
    again starts with.
    """

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 2
        parts: list[bytes] = []
        try:
            parts.append(write_uint(self.section_number))
            parts.append(write_ulong(self.section_offset))
        except WRITE_FAULTS as error:
            raise write_fault(error, "received", _Received_FIELDS[len(parts)]) from None
        return b"\x00\x53\x23" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Received:
        """Return the received that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Received, decode_received, PERFORMATIVE)


_Received_FIELDS = (
    "section-number",
    "section-offset",
)


def decode_received(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Received, int]:
    """Read the list of a received; `at` is behind its descriptor."""
    self: Any = new(Received)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count < 2:
            raise missing(
                _Received_FIELDS,
                (
                    0,
                    1,
                ),
                count,
            )
        self.section_number, at = read_uint(data, at)
        self.section_offset, at = read_ulong(data, at)
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Received_FIELDS) from None
    if count > 2:
        raise excess(count, 2, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Accepted(Record):
    """3.4.2: The receiver has taken the message over, and the sender need not keep it.
    ``amqp:accepted:list``, 0x24.
    """

    DESCRIPTOR: ClassVar[int] = 0x24
    SYMBOL: ClassVar[str] = "amqp:accepted:list"
    NAME: ClassVar[str] = "accepted"

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        return b"\x00\x53\x24\x45"

    @classmethod
    def decode(cls, data: bytes) -> Accepted:
        """Return the accepted that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Accepted, decode_accepted, PERFORMATIVE)


_Accepted_FIELDS = ()


def decode_accepted(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Accepted, int]:
    """Read the list of a accepted; `at` is behind its descriptor."""
    self: Any = new(Accepted)
    start = at
    count, at, end = list_head(data, at)
    if count > 0:
        raise excess(count, 0, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Rejected(Record):
    """3.4.3: The receiver cannot process the message, because something is wrong with it.
    ``amqp:rejected:list``, 0x25.
    """

    DESCRIPTOR: ClassVar[int] = 0x25
    SYMBOL: ClassVar[str] = "amqp:rejected:list"
    NAME: ClassVar[str] = "rejected"
    error: Error | None = None
    """3.4.3: What is wrong with the message; absent when the receiver does not say."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = 1 if self.error is not None else 0
        parts: list[bytes] = []
        try:
            if count > 0:
                parts.append(write_error_or_null(self.error))
        except WRITE_FAULTS as error:
            raise write_fault(error, "rejected", _Rejected_FIELDS[len(parts)]) from None
        return b"\x00\x53\x25" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Rejected:
        """Return the rejected that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Rejected, decode_rejected, PERFORMATIVE)


_Rejected_FIELDS = ("error",)


def decode_rejected(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Rejected, int]:
    """Read the list of a rejected; `at` is behind its descriptor."""
    self: Any = new(Rejected)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count > 0:
            self.error, at = read_error_or(data, at, depth, scope, None)
        else:
            self.error = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Rejected_FIELDS) from None
    if count > 1:
        raise excess(count, 1, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Released(Record):
    """3.4.4: The receiver hands the message back untouched: it can be delivered again, and its delivery-
    count stays. ``amqp:released:list``, 0x26.
    """

    DESCRIPTOR: ClassVar[int] = 0x26
    SYMBOL: ClassVar[str] = "amqp:released:list"
    NAME: ClassVar[str] = "released"

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        return b"\x00\x53\x26\x45"

    @classmethod
    def decode(cls, data: bytes) -> Released:
        """Return the released that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Released, decode_released, PERFORMATIVE)


_Released_FIELDS = ()


def decode_released(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Released, int]:
    """Read the list of a released; `at` is behind its descriptor."""
    self: Any = new(Released)
    start = at
    count, at, end = list_head(data, at)
    if count > 0:
        raise excess(count, 0, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Modified(Record):
    """3.4.5: The receiver hands the message back to be delivered again or elsewhere, with the changes it
    names. ``amqp:modified:list``, 0x27.
    """

    DESCRIPTOR: ClassVar[int] = 0x27
    SYMBOL: ClassVar[str] = "amqp:modified:list"
    NAME: ClassVar[str] = "modified"
    delivery_failed: bool | None = None
    """3.4.5: True when the delivery counts as failed and raises the message's delivery-count; absent means
    false.
    """

    undeliverable_here: bool | None = None
    """3.4.5: True when the message must not come to this link again; absent means false."""

    message_annotations: Mapping[Any, Any] | None = None
    """3.4.5: Annotations to put into the message-annotations, in place of those with equal keys; absent for
    none.
    """

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = (
            3
            if self.message_annotations is not None
            else 2
            if self.undeliverable_here is not None
            else 1
            if self.delivery_failed is not None
            else 0
        )
        parts: list[bytes] = []
        try:
            if count > 0:
                parts.append(write_boolean_or_null(self.delivery_failed))
            if count > 1:
                parts.append(write_boolean_or_null(self.undeliverable_here))
            if count > 2:
                parts.append(write_fields_or_null(self.message_annotations))
        except WRITE_FAULTS as error:
            raise write_fault(error, "modified", _Modified_FIELDS[len(parts)]) from None
        return b"\x00\x53\x27" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Modified:
        """Return the modified that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Modified, decode_modified, PERFORMATIVE)


_Modified_FIELDS = (
    "delivery-failed",
    "undeliverable-here",
    "message-annotations",
)


def decode_modified(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Modified, int]:
    """Read the list of a modified; `at` is behind its descriptor."""
    self: Any = new(Modified)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count > 0:
            self.delivery_failed, at = read_boolean_or(data, at, None)
        else:
            self.delivery_failed = None
        if count > 1:
            self.undeliverable_here, at = read_boolean_or(data, at, None)
        else:
            self.undeliverable_here = None
        if count > 2:
            self.message_annotations, at = read_map_or(data, at, depth, scope, None)
        else:
            self.message_annotations = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Modified_FIELDS) from None
    if count > 3:
        raise excess(count, 3, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Source(Record):
    """3.5.3: The end of a link that messages come from: the node, which of its messages, and how they are
    handed out. ``amqp:source:list``, 0x28.
    """

    DESCRIPTOR: ClassVar[int] = 0x28
    SYMBOL: ClassVar[str] = "amqp:source:list"
    NAME: ClassVar[str] = "source"
    address: Address | None = None
    """3.5.3: The address of the node; absent when a receiver asks for a dynamic one, and given in the
    answer.
    """

    durable: TerminusDurability = TerminusDurability.NONE
    """3.5.3: What of the terminus is kept over a restart of its container; none by default."""

    expiry_policy: TerminusExpiryPolicy = TerminusExpiryPolicy.SESSION_END
    """3.5.3: The event at which the timeout of the terminus starts to run; session-end by default."""

    timeout: int = 0
    """3.5.3: Seconds for which the terminus is kept after the event of expiry-policy; 0, at once, by
    default.
    """

    dynamic: bool = False
    """3.5.3: True to ask for a new node and, in the answer, to say that one was made for the link; false by
    default.
    """

    dynamic_node_properties: Mapping[Any, Any] | None = None
    """3.5.3: Wishes for the node that dynamic asks for and, in the answer, what it has; absent unless
    dynamic is true.
    """

    distribution_mode: str | None = None
    """3.5.3: Whether the link takes messages from the node or copies them; absent leaves it to the node."""

    filter: Mapping[Any, Any] | None = None
    """3.5.3: Filters, all of which a message has to pass; the answer holds those in force, and absent means
    every message.
    """

    default_outcome: Outcome | None = None
    """3.5.3: The outcome of a delivery that is settled, or lost with its link, without one; absent leaves
    it to the node.
    """

    outcomes: tuple[str, ...] | None = None
    """3.5.3: The descriptors, as symbols, of the outcomes that deliveries of this link may have; absent
    sets no limit.
    """

    capabilities: tuple[str, ...] | None = None
    """3.5.3: Extensions that the sender of the attach supports, or wants of its partner's source."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = (
            11
            if self.capabilities is not None
            else 10
            if self.outcomes is not None
            else 9
            if self.default_outcome is not None
            else 8
            if self.filter is not None
            else 7
            if self.distribution_mode is not None
            else 6
            if self.dynamic_node_properties is not None
            else 5
            if self.dynamic
            else 4
            if self.timeout != 0
            else 3
            if self.expiry_policy != TerminusExpiryPolicy.SESSION_END
            else 2
            if self.durable != TerminusDurability.NONE
            else 1
            if self.address is not None
            else 0
        )
        parts: list[bytes] = []
        try:
            if count > 0:
                parts.append(write_address_or_null(self.address))
            if count > 1:
                parts.append(
                    NULL
                    if self.durable == TerminusDurability.NONE
                    else write_terminus_durability_or_null(self.durable)
                )
            if count > 2:
                parts.append(
                    NULL
                    if self.expiry_policy == TerminusExpiryPolicy.SESSION_END
                    else write_terminus_expiry_policy_or_null(self.expiry_policy)
                )
            if count > 3:
                parts.append(NULL if self.timeout == 0 else write_uint_or_null(self.timeout))
            if count > 4:
                parts.append(write_boolean_or_null(self.dynamic))
            if count > 5:
                parts.append(write_fields_or_null(self.dynamic_node_properties))
            if count > 6:
                parts.append(write_symbol_or_null(self.distribution_mode))
            if count > 7:
                parts.append(write_fields_or_null(self.filter))
            if count > 8:
                parts.append(write_outcome_or_null(self.default_outcome))
            if count > 9:
                parts.append(write_multiple_or_null("symbol", self.outcomes))
            if count > 10:
                parts.append(write_multiple_or_null("symbol", self.capabilities))
        except WRITE_FAULTS as error:
            raise write_fault(error, "source", _Source_FIELDS[len(parts)]) from None
        return b"\x00\x53\x28" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Source:
        """Return the source that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Source, decode_source, PERFORMATIVE)


_Source_FIELDS = (
    "address",
    "durable",
    "expiry-policy",
    "timeout",
    "dynamic",
    "dynamic-node-properties",
    "distribution-mode",
    "filter",
    "default-outcome",
    "outcomes",
    "capabilities",
)


def decode_source(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Source, int]:
    """Read the list of a source; `at` is behind its descriptor."""
    self: Any = new(Source)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count > 0:
            self.address, at = read_address_or(data, at, None)
        else:
            self.address = None
        if count > 1:
            self.durable, at = read_terminus_durability_or(data, at, TerminusDurability.NONE)
        else:
            self.durable = TerminusDurability.NONE
        if count > 2:
            self.expiry_policy, at = read_terminus_expiry_policy_or(
                data, at, TerminusExpiryPolicy.SESSION_END
            )
        else:
            self.expiry_policy = TerminusExpiryPolicy.SESSION_END
        if count > 3:
            self.timeout, at = read_uint_or(data, at, 0)
        else:
            self.timeout = 0
        if count > 4:
            self.dynamic, at = read_boolean_or(data, at, False)
        else:
            self.dynamic = False
        if count > 5:
            self.dynamic_node_properties, at = read_map_or(data, at, depth, scope, None)
        else:
            self.dynamic_node_properties = None
        if count > 6:
            self.distribution_mode, at = read_symbol_or(data, at, None)
        else:
            self.distribution_mode = None
        if count > 7:
            self.filter, at = read_map_or(data, at, depth, scope, None)
        else:
            self.filter = None
        if count > 8:
            self.default_outcome, at = read_outcome_or(data, at, depth, scope, None)
        else:
            self.default_outcome = None
        if count > 9:
            self.outcomes, at = read_multiple_or(data, at, depth, scope, "symbol", read_symbol, None, None)
        else:
            self.outcomes = None
        if count > 10:
            self.capabilities, at = read_multiple_or(
                data, at, depth, scope, "symbol", read_symbol, None, None
            )
        else:
            self.capabilities = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Source_FIELDS) from None
    if count > 11:
        raise excess(count, 11, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class Target(Record):
    """3.5.4: The end of a link that messages go to: the node, and how long the terminus stays.
    ``amqp:target:list``, 0x29.
    """

    DESCRIPTOR: ClassVar[int] = 0x29
    SYMBOL: ClassVar[str] = "amqp:target:list"
    NAME: ClassVar[str] = "target"
    address: Address | None = None
    """3.5.4: The address of the node; absent when a sender asks for a dynamic one, and given in the answer."""

    durable: TerminusDurability = TerminusDurability.NONE
    """3.5.4: What of the terminus is kept over a restart of its container; none by default."""

    expiry_policy: TerminusExpiryPolicy = TerminusExpiryPolicy.SESSION_END
    """3.5.4: The event at which the timeout of the terminus starts to run; session-end by default."""

    timeout: int = 0
    """3.5.4: Seconds for which the terminus is kept after the event of expiry-policy; 0, at once, by
    default.
    """

    dynamic: bool = False
    """3.5.4: True to ask for a new node and, in the answer, to say that one was made for the link; false by
    default.
    """

    dynamic_node_properties: Mapping[Any, Any] | None = None
    """3.5.4: Wishes for the node that dynamic asks for and, in the answer, what it has; absent unless
    dynamic is true.
    """

    capabilities: tuple[str, ...] | None = None
    """3.5.4: Extensions that the sender of the attach supports, or wants of its partner's target."""

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        count = (
            7
            if self.capabilities is not None
            else 6
            if self.dynamic_node_properties is not None
            else 5
            if self.dynamic
            else 4
            if self.timeout != 0
            else 3
            if self.expiry_policy != TerminusExpiryPolicy.SESSION_END
            else 2
            if self.durable != TerminusDurability.NONE
            else 1
            if self.address is not None
            else 0
        )
        parts: list[bytes] = []
        try:
            if count > 0:
                parts.append(write_address_or_null(self.address))
            if count > 1:
                parts.append(
                    NULL
                    if self.durable == TerminusDurability.NONE
                    else write_terminus_durability_or_null(self.durable)
                )
            if count > 2:
                parts.append(
                    NULL
                    if self.expiry_policy == TerminusExpiryPolicy.SESSION_END
                    else write_terminus_expiry_policy_or_null(self.expiry_policy)
                )
            if count > 3:
                parts.append(NULL if self.timeout == 0 else write_uint_or_null(self.timeout))
            if count > 4:
                parts.append(write_boolean_or_null(self.dynamic))
            if count > 5:
                parts.append(write_fields_or_null(self.dynamic_node_properties))
            if count > 6:
                parts.append(write_multiple_or_null("symbol", self.capabilities))
        except WRITE_FAULTS as error:
            raise write_fault(error, "target", _Target_FIELDS[len(parts)]) from None
        return b"\x00\x53\x29" + list_form(count, parts)

    @classmethod
    def decode(cls, data: bytes) -> Target:
        """Return the target that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Target, decode_target, PERFORMATIVE)


_Target_FIELDS = (
    "address",
    "durable",
    "expiry-policy",
    "timeout",
    "dynamic",
    "dynamic-node-properties",
    "capabilities",
)


def decode_target(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Target, int]:
    """Read the list of a target; `at` is behind its descriptor."""
    self: Any = new(Target)
    start = at
    count, at, end = list_head(data, at)
    try:
        if count > 0:
            self.address, at = read_address_or(data, at, None)
        else:
            self.address = None
        if count > 1:
            self.durable, at = read_terminus_durability_or(data, at, TerminusDurability.NONE)
        else:
            self.durable = TerminusDurability.NONE
        if count > 2:
            self.expiry_policy, at = read_terminus_expiry_policy_or(
                data, at, TerminusExpiryPolicy.SESSION_END
            )
        else:
            self.expiry_policy = TerminusExpiryPolicy.SESSION_END
        if count > 3:
            self.timeout, at = read_uint_or(data, at, 0)
        else:
            self.timeout = 0
        if count > 4:
            self.dynamic, at = read_boolean_or(data, at, False)
        else:
            self.dynamic = False
        if count > 5:
            self.dynamic_node_properties, at = read_map_or(data, at, depth, scope, None)
        else:
            self.dynamic_node_properties = None
        if count > 6:
            self.capabilities, at = read_multiple_or(
                data, at, depth, scope, "symbol", read_symbol, None, None
            )
        else:
            self.capabilities = None
    except FAULTS as error:
        raise read_fault(error, data, start, at, _Target_FIELDS) from None
    if count > 7:
        raise excess(count, 7, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class DeleteOnClose(Record):
    """3.5.10: The node is deleted when the link that had it made is closed. ``amqp:delete-on-close:list``,
    0x2b.
    """

    DESCRIPTOR: ClassVar[int] = 0x2B
    SYMBOL: ClassVar[str] = "amqp:delete-on-close:list"
    NAME: ClassVar[str] = "delete-on-close"

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        return b"\x00\x53\x2b\x45"

    @classmethod
    def decode(cls, data: bytes) -> DeleteOnClose:
        """Return the delete-on-close that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, DeleteOnClose, decode_delete_on_close, PERFORMATIVE)


_DeleteOnClose_FIELDS = ()


def decode_delete_on_close(data: bytes, at: int, depth: int, scope: Scope) -> tuple[DeleteOnClose, int]:
    """Read the list of a delete-on-close; `at` is behind its descriptor."""
    self: Any = new(DeleteOnClose)
    start = at
    count, at, end = list_head(data, at)
    if count > 0:
        raise excess(count, 0, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class DeleteOnNoLinks(Record):
    """3.5.11: The node is deleted when it is no longer the source or target of any link. ``amqp:delete-on-
    no-links:list``, 0x2c.
    """

    DESCRIPTOR: ClassVar[int] = 0x2C
    SYMBOL: ClassVar[str] = "amqp:delete-on-no-links:list"
    NAME: ClassVar[str] = "delete-on-no-links"

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        return b"\x00\x53\x2c\x45"

    @classmethod
    def decode(cls, data: bytes) -> DeleteOnNoLinks:
        """Return the delete-on-no-links that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, DeleteOnNoLinks, decode_delete_on_no_links, PERFORMATIVE)


_DeleteOnNoLinks_FIELDS = ()


def decode_delete_on_no_links(data: bytes, at: int, depth: int, scope: Scope) -> tuple[DeleteOnNoLinks, int]:
    """Read the list of a delete-on-no-links; `at` is behind its descriptor."""
    self: Any = new(DeleteOnNoLinks)
    start = at
    count, at, end = list_head(data, at)
    if count > 0:
        raise excess(count, 0, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class DeleteOnNoMessages(Record):
    """3.5.12: The node is deleted when the link that had it made is closed and no message is left in it.
    ``amqp:delete-on-no-messages:list``, 0x2d.
    """

    DESCRIPTOR: ClassVar[int] = 0x2D
    SYMBOL: ClassVar[str] = "amqp:delete-on-no-messages:list"
    NAME: ClassVar[str] = "delete-on-no-messages"

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        return b"\x00\x53\x2d\x45"

    @classmethod
    def decode(cls, data: bytes) -> DeleteOnNoMessages:
        """Return the delete-on-no-messages that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, DeleteOnNoMessages, decode_delete_on_no_messages, PERFORMATIVE)


_DeleteOnNoMessages_FIELDS = ()


def decode_delete_on_no_messages(
    data: bytes, at: int, depth: int, scope: Scope
) -> tuple[DeleteOnNoMessages, int]:
    """Read the list of a delete-on-no-messages; `at` is behind its descriptor."""
    self: Any = new(DeleteOnNoMessages)
    start = at
    count, at, end = list_head(data, at)
    if count > 0:
        raise excess(count, 0, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@performative
class DeleteOnNoLinksOrMessages(Record):
    """3.5.13: The node is deleted when it is no longer the source or target of any link and no message is
    left in it. ``amqp:delete-on-no-links-or-messages:list``, 0x2e.
    """

    DESCRIPTOR: ClassVar[int] = 0x2E
    SYMBOL: ClassVar[str] = "amqp:delete-on-no-links-or-messages:list"
    NAME: ClassVar[str] = "delete-on-no-links-or-messages"

    def encode(self) -> bytes:
        """Return the described list. Raises EncodeError when a field has a value that it cannot hold."""
        return b"\x00\x53\x2e\x45"

    @classmethod
    def decode(cls, data: bytes) -> DeleteOnNoLinksOrMessages:
        """Return the delete-on-no-links-or-messages that the whole of the data is. Raises DecodeError."""
        return decode_composite(
            data, DeleteOnNoLinksOrMessages, decode_delete_on_no_links_or_messages, PERFORMATIVE
        )


_DeleteOnNoLinksOrMessages_FIELDS = ()


def decode_delete_on_no_links_or_messages(
    data: bytes, at: int, depth: int, scope: Scope
) -> tuple[DeleteOnNoLinksOrMessages, int]:
    """Read the list of a delete-on-no-links-or-messages; `at` is behind its descriptor."""
    self: Any = new(DeleteOnNoLinksOrMessages)
    start = at
    count, at, end = list_head(data, at)
    if count > 0:
        raise excess(count, 0, start)
    if at != end:
        raise misfit("list", at, end)
    return self, end


@section
class DeliveryAnnotations(Record):
    """3.2.2: Annotations from one node for the very next one, which does not pass them on. ``amqp:delivery-
    annotations:map``, 0x71.
    """

    DESCRIPTOR: ClassVar[int] = 0x71
    SYMBOL: ClassVar[str] = "amqp:delivery-annotations:map"
    NAME: ClassVar[str] = "delivery-annotations"
    value: Mapping[Any, Any]

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_delivery_annotations(self.value)

    @classmethod
    def decode(cls, data: bytes) -> DeliveryAnnotations:
        """Return the delivery-annotations that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, DeliveryAnnotations, decode_delivery_annotations, CONTENT)


def decode_delivery_annotations(
    data: bytes, at: int, depth: int, scope: Scope
) -> tuple[DeliveryAnnotations, int]:
    """Read the value of a delivery-annotations; `at` is behind its descriptor."""
    self: Any = new(DeliveryAnnotations)
    self.value, at = read_map(data, at, depth, scope)
    return self, at


def encode_delivery_annotations(value: Mapping[Any, Any]) -> bytes:
    """Return the delivery-annotations of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x53\x71" + write_annotations(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("delivery-annotations") from None


def delivery_annotations_at(data: bytes, at: int, scope: Scope, depth: int = DEPTH) -> Mapping[Any, Any]:
    """Return the value of the delivery-annotations, which is at `at`. Raises DecodeError.

    A short map with keys in the usual form is read in line, any other by `read_map`, which also tells what is wrong.
    """
    begin = at
    try:
        end = at + 2 + data[at + 1]
        count = data[at + 2]
        if data[at] != 0xC1 or end > len(data):
            return read_map(data, begin, depth, scope)[0]
        at += 3
        known = KNOWN_SYMBOLS
        texts: dict[Any, Any] = {}
        while True:
            if at >= end:
                break
            start = at
            at += data[at + 1] + 2
            key = known[data[start:at]]
            code = data[at]
            if code == 0xA1:
                start = at + 2
                at = start + data[at + 1]
                texts[key] = data[start:at].decode()
            elif code == 0x54:
                texts[key] = SIGNED_OCTETS[data[at + 1]]
                at += 2
            elif code == 0x71:
                texts[key] = unpack_i32(data, at + 1)[0]
                at += 5
            elif code == 0x41:
                texts[key] = True
                at += 1
            elif code == 0x42:
                texts[key] = False
                at += 1
            elif code == 0x82:
                texts[key] = unpack_f64(data, at + 1)[0]
                at += 9
            else:
                texts[key], at = READERS[code](data, at + 1, depth - 1, scope)
        # A key that stands twice is left to the other reader as well.
        if at == end and 2 * len(texts) == count:
            # The same as Map.from_texts, without the call.
            found: Map = new(Map)
            result: Any = found
            result._as_read = True
            result._texts = texts
            result._had_duplicates = False
            return found
    except FAULTS:
        pass
    try:
        return read_map(data, begin, depth, scope)[0]
    except FAULTS as error:
        raise inside(error, begin, "delivery-annotations") from None


@section
class MessageAnnotations(Record):
    """3.2.3: Annotations for the infrastructure, which each node passes on unless it has a reason to change
    them. ``amqp:message-annotations:map``, 0x72.
    """

    DESCRIPTOR: ClassVar[int] = 0x72
    SYMBOL: ClassVar[str] = "amqp:message-annotations:map"
    NAME: ClassVar[str] = "message-annotations"
    value: Mapping[Any, Any]

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_message_annotations(self.value)

    @classmethod
    def decode(cls, data: bytes) -> MessageAnnotations:
        """Return the message-annotations that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, MessageAnnotations, decode_message_annotations, CONTENT)


def decode_message_annotations(
    data: bytes, at: int, depth: int, scope: Scope
) -> tuple[MessageAnnotations, int]:
    """Read the value of a message-annotations; `at` is behind its descriptor."""
    self: Any = new(MessageAnnotations)
    self.value, at = read_map(data, at, depth, scope)
    return self, at


def encode_message_annotations(value: Mapping[Any, Any]) -> bytes:
    """Return the message-annotations of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x53\x72" + write_annotations(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("message-annotations") from None


def message_annotations_at(data: bytes, at: int, scope: Scope, depth: int = DEPTH) -> Mapping[Any, Any]:
    """Return the value of the message-annotations, which is at `at`. Raises DecodeError.

    A short map with keys in the usual form is read in line, any other by `read_map`, which also tells what is wrong.
    """
    begin = at
    try:
        end = at + 2 + data[at + 1]
        count = data[at + 2]
        if data[at] != 0xC1 or end > len(data):
            return read_map(data, begin, depth, scope)[0]
        at += 3
        known = KNOWN_SYMBOLS
        texts: dict[Any, Any] = {}
        while True:
            if at >= end:
                break
            start = at
            at += data[at + 1] + 2
            key = known[data[start:at]]
            code = data[at]
            if code == 0xA1:
                start = at + 2
                at = start + data[at + 1]
                texts[key] = data[start:at].decode()
            elif code == 0x54:
                texts[key] = SIGNED_OCTETS[data[at + 1]]
                at += 2
            elif code == 0x71:
                texts[key] = unpack_i32(data, at + 1)[0]
                at += 5
            elif code == 0x41:
                texts[key] = True
                at += 1
            elif code == 0x42:
                texts[key] = False
                at += 1
            elif code == 0x82:
                texts[key] = unpack_f64(data, at + 1)[0]
                at += 9
            else:
                texts[key], at = READERS[code](data, at + 1, depth - 1, scope)
        # A key that stands twice is left to the other reader as well.
        if at == end and 2 * len(texts) == count:
            # The same as Map.from_texts, without the call.
            found: Map = new(Map)
            result: Any = found
            result._as_read = True
            result._texts = texts
            result._had_duplicates = False
            return found
    except FAULTS:
        pass
    try:
        return read_map(data, begin, depth, scope)[0]
    except FAULTS as error:
        raise inside(error, begin, "message-annotations") from None


@section
class ApplicationProperties(Record):
    """3.2.5: Properties of the application's own, open to filters and routing: strings to values that are
    no list, map or array. ``amqp:application-properties:map``, 0x74.
    """

    DESCRIPTOR: ClassVar[int] = 0x74
    SYMBOL: ClassVar[str] = "amqp:application-properties:map"
    NAME: ClassVar[str] = "application-properties"
    value: Mapping[Any, Any]

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_application_properties(self.value)

    @classmethod
    def decode(cls, data: bytes) -> ApplicationProperties:
        """Return the application-properties that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, ApplicationProperties, decode_application_properties, CONTENT)


def decode_application_properties(
    data: bytes, at: int, depth: int, scope: Scope
) -> tuple[ApplicationProperties, int]:
    """Read the value of a application-properties; `at` is behind its descriptor."""
    self: Any = new(ApplicationProperties)
    self.value, at = read_map(data, at, depth, scope)
    return self, at


def encode_application_properties(value: Mapping[Any, Any]) -> bytes:
    """Return the application-properties of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x53\x74" + write_simple_map(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("application-properties") from None


def application_properties_at(data: bytes, at: int, scope: Scope, depth: int = DEPTH) -> Mapping[Any, Any]:
    """Return the value of the application-properties, which is at `at`. Raises DecodeError.

    A short map with keys in the usual form is read in line, any other by `read_map`, which also tells what is wrong.
    """
    begin = at
    try:
        end = at + 2 + data[at + 1]
        count = data[at + 2]
        if data[at] != 0xC1 or end > len(data):
            return read_map(data, begin, depth, scope)[0]
        at += 3
        known = KNOWN_STRINGS
        texts: dict[Any, Any] = {}
        while True:
            if at >= end:
                break
            start = at
            at += data[at + 1] + 2
            key = known[data[start:at]]
            code = data[at]
            if code == 0xA1:
                start = at + 2
                at = start + data[at + 1]
                texts[key] = data[start:at].decode()
            elif code == 0x54:
                texts[key] = SIGNED_OCTETS[data[at + 1]]
                at += 2
            elif code == 0x71:
                texts[key] = unpack_i32(data, at + 1)[0]
                at += 5
            elif code == 0x41:
                texts[key] = True
                at += 1
            elif code == 0x42:
                texts[key] = False
                at += 1
            elif code == 0x82:
                texts[key] = unpack_f64(data, at + 1)[0]
                at += 9
            else:
                texts[key], at = READERS[code](data, at + 1, depth - 1, scope)
        # A key that stands twice is left to the other reader as well.
        if at == end and 2 * len(texts) == count:
            # The same as Map.from_texts, without the call.
            found: Map = new(Map)
            result: Any = found
            result._as_read = True
            result._texts = texts
            result._had_duplicates = False
            return found
    except FAULTS:
        pass
    try:
        return read_map(data, begin, depth, scope)[0]
    except FAULTS as error:
        raise inside(error, begin, "application-properties") from None


@section
class Data(Record):
    """3.2.6: A body, or part of one, that is plain octets. ``amqp:data:binary``, 0x75."""

    DESCRIPTOR: ClassVar[int] = 0x75
    SYMBOL: ClassVar[str] = "amqp:data:binary"
    NAME: ClassVar[str] = "data"
    value: bytes

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_data(self.value)

    @classmethod
    def decode(cls, data: bytes) -> Data:
        """Return the data that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Data, decode_data, CONTENT)


def decode_data(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Data, int]:
    """Read the value of a data; `at` is behind its descriptor."""
    self: Any = new(Data)
    self.value, at = read_binary(data, at)
    return self, at


def encode_data(value: bytes) -> bytes:
    """Return the data of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x53\x75" + write_binary(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("data") from None


def data_at(data: bytes, at: int, scope: Scope, depth: int = DEPTH) -> bytes:
    """Return the value of the data, which is at `at`. Raises DecodeError."""
    try:
        value: bytes = read_binary(data, at)[0]
        return value
    except FAULTS as error:
        raise inside(error, at, "data") from None


def data_pieces(value: bytes) -> tuple[bytes, bytes]:
    """Return the data of some octets in two pieces, the octets as they are: nothing large is copied."""
    size = len(value)
    if size <= 0xFF:
        return b"\x00\x53\x75" + BINARY_HEADS[size], value
    if size <= 0xFFFFFFFF:
        return b"\x00\x53\x75" + pack_u32(0xB0, size), value
    raise too_large("binary", size).within("data")


@section
class AmqpSequence(Record):
    """3.2.7: A body, or part of one, that is a list of values. ``amqp:amqp-sequence:list``, 0x76."""

    DESCRIPTOR: ClassVar[int] = 0x76
    SYMBOL: ClassVar[str] = "amqp:amqp-sequence:list"
    NAME: ClassVar[str] = "amqp-sequence"
    value: list[Value]

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_amqp_sequence(self.value)

    @classmethod
    def decode(cls, data: bytes) -> AmqpSequence:
        """Return the amqp-sequence that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, AmqpSequence, decode_amqp_sequence, CONTENT)


def decode_amqp_sequence(data: bytes, at: int, depth: int, scope: Scope) -> tuple[AmqpSequence, int]:
    """Read the value of a amqp-sequence; `at` is behind its descriptor."""
    self: Any = new(AmqpSequence)
    self.value, at = read_list(data, at, depth, scope)
    return self, at


def encode_amqp_sequence(value: list[Value]) -> bytes:
    """Return the amqp-sequence of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x53\x76" + write_list(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("amqp-sequence") from None


def amqp_sequence_at(data: bytes, at: int, scope: Scope, depth: int = DEPTH) -> list[Value]:
    """Return the value of the amqp-sequence, which is at `at`. Raises DecodeError."""
    try:
        value: list[Value] = read_list(data, at, depth, scope)[0]
        return value
    except FAULTS as error:
        raise inside(error, at, "amqp-sequence") from None


@section
class AmqpValue(Record):
    """3.2.8: A body that is one value of any type, null included. ``amqp:amqp-value:*``, 0x77."""

    DESCRIPTOR: ClassVar[int] = 0x77
    SYMBOL: ClassVar[str] = "amqp:amqp-value:*"
    NAME: ClassVar[str] = "amqp-value"
    value: Value

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_amqp_value(self.value)

    @classmethod
    def decode(cls, data: bytes) -> AmqpValue:
        """Return the amqp-value that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, AmqpValue, decode_amqp_value, CONTENT)


def decode_amqp_value(data: bytes, at: int, depth: int, scope: Scope) -> tuple[AmqpValue, int]:
    """Read the value of a amqp-value; `at` is behind its descriptor."""
    self: Any = new(AmqpValue)
    self.value, at = read_value(data, at, depth, scope)
    return self, at


def encode_amqp_value(value: Value) -> bytes:
    """Return the amqp-value of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x53\x77" + write_value(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("amqp-value") from None


def amqp_value_at(data: bytes, at: int, scope: Scope, depth: int = DEPTH) -> Value:
    """Return the value of the amqp-value, which is at `at`. Raises DecodeError."""
    try:
        value: Value = read_value(data, at, depth, scope)[0]
        return value
    except FAULTS as error:
        raise inside(error, at, "amqp-value") from None


@section
class Footer(Record):
    """3.2.9: Annotations that can be worked out only once the body is written, such as checksums and
    signatures. ``amqp:footer:map``, 0x78.
    """

    DESCRIPTOR: ClassVar[int] = 0x78
    SYMBOL: ClassVar[str] = "amqp:footer:map"
    NAME: ClassVar[str] = "footer"
    value: Mapping[Any, Any]

    def encode(self) -> bytes:
        """Return the described value. Raises EncodeError when the value is not of the type."""
        return encode_footer(self.value)

    @classmethod
    def decode(cls, data: bytes) -> Footer:
        """Return the footer that the whole of the data is. Raises DecodeError."""
        return decode_composite(data, Footer, decode_footer, CONTENT)


def decode_footer(data: bytes, at: int, depth: int, scope: Scope) -> tuple[Footer, int]:
    """Read the value of a footer; `at` is behind its descriptor."""
    self: Any = new(Footer)
    self.value, at = read_map(data, at, depth, scope)
    return self, at


def encode_footer(value: Mapping[Any, Any]) -> bytes:
    """Return the footer of a value. Raises EncodeError when the value is not of the type."""
    try:
        return b"\x00\x53\x78" + write_annotations(value)
    except WRITE_FAULTS as error:
        raise fault(error).within("footer") from None


def footer_at(data: bytes, at: int, scope: Scope, depth: int = DEPTH) -> Mapping[Any, Any]:
    """Return the value of the footer, which is at `at`. Raises DecodeError.

    A short map with keys in the usual form is read in line, any other by `read_map`, which also tells what is wrong.
    """
    begin = at
    try:
        end = at + 2 + data[at + 1]
        count = data[at + 2]
        if data[at] != 0xC1 or end > len(data):
            return read_map(data, begin, depth, scope)[0]
        at += 3
        known = KNOWN_SYMBOLS
        texts: dict[Any, Any] = {}
        while True:
            if at >= end:
                break
            start = at
            at += data[at + 1] + 2
            key = known[data[start:at]]
            code = data[at]
            if code == 0xA1:
                start = at + 2
                at = start + data[at + 1]
                texts[key] = data[start:at].decode()
            elif code == 0x54:
                texts[key] = SIGNED_OCTETS[data[at + 1]]
                at += 2
            elif code == 0x71:
                texts[key] = unpack_i32(data, at + 1)[0]
                at += 5
            elif code == 0x41:
                texts[key] = True
                at += 1
            elif code == 0x42:
                texts[key] = False
                at += 1
            elif code == 0x82:
                texts[key] = unpack_f64(data, at + 1)[0]
                at += 9
            else:
                texts[key], at = READERS[code](data, at + 1, depth - 1, scope)
        # A key that stands twice is left to the other reader as well.
        if at == end and 2 * len(texts) == count:
            # The same as Map.from_texts, without the call.
            found: Map = new(Map)
            result: Any = found
            result._as_read = True
            result._texts = texts
            result._had_duplicates = False
            return found
    except FAULTS:
        pass
    try:
        return read_map(data, begin, depth, scope)[0]
    except FAULTS as error:
        raise inside(error, begin, "footer") from None
