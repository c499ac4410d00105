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

"""The described types by descriptor, the unions of what provides an archetype, and how a frame or section is read."""

from __future__ import annotations

import struct
from struct import Struct
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from . import archetypes
from .azure import SessionFilter, decode_session_filter
from .errors import DecodeError
from .filters import (
    ApplicationPropertiesFilter,
    NoLocalFilter,
    PropertiesFilter,
    SelectorFilter,
    SqlFilter,
    decode_application_properties_filter,
    decode_no_local_filter,
    decode_properties_filter,
    decode_selector_filter,
    decode_sql_filter,
)
from .limits import DEFAULT_LIMITS, Limits
from .messaging import (
    Accepted,
    AmqpSequence,
    AmqpValue,
    ApplicationProperties,
    Data,
    DeleteOnClose,
    DeleteOnNoLinks,
    DeleteOnNoLinksOrMessages,
    DeleteOnNoMessages,
    DeliveryAnnotations,
    Footer,
    Header,
    MessageAnnotations,
    Modified,
    Properties,
    Received,
    Rejected,
    Released,
    Source,
    StdDistMode,
    Target,
    decode_accepted,
    decode_amqp_sequence,
    decode_amqp_value,
    decode_application_properties,
    decode_data,
    decode_delete_on_close,
    decode_delete_on_no_links,
    decode_delete_on_no_links_or_messages,
    decode_delete_on_no_messages,
    decode_delivery_annotations,
    decode_footer,
    decode_header,
    decode_message_annotations,
    decode_modified,
    decode_properties,
    decode_received,
    decode_rejected,
    decode_released,
    decode_source,
    decode_target,
    write_header_plainly,
    write_properties_plainly,
)
from .primitives import read_descriptor, unpack_u32
from .rabbitmq import (
    StreamFilter,
    StreamMatchUnfiltered,
    StreamOffsetSpec,
    decode_stream_filter,
    decode_stream_match_unfiltered,
    decode_stream_offset_spec,
)
from .reading import (
    CLASSES,
    DESCRIPTORS,
    FAULTS,
    KINDS,
    TYPES,
    Reader,
    Scope,
    fault,
    unexpected,
    wrong_descriptor,
)
from .registration import DEFAULT_REGISTRY, Registry
from .security import (
    SaslChallenge,
    SaslInit,
    SaslMechanisms,
    SaslOutcome,
    SaslResponse,
    decode_sasl_challenge,
    decode_sasl_init,
    decode_sasl_mechanisms,
    decode_sasl_outcome,
    decode_sasl_response,
)
from .skipping import skip_value
from .transactions import (
    Coordinator,
    Declare,
    Declared,
    Discharge,
    TransactionalState,
    TxnCapability,
    decode_coordinator,
    decode_declare,
    decode_declared,
    decode_discharge,
    decode_transactional_state,
)
from .transport import (
    Attach,
    Begin,
    Close,
    Detach,
    Disposition,
    End,
    Error,
    Flow,
    Open,
    Transfer,
    decode_attach,
    decode_begin,
    decode_close,
    decode_detach,
    decode_disposition,
    decode_end,
    decode_error,
    decode_flow,
    decode_open,
    decode_short_disposition,
    decode_short_flow,
    decode_short_transfer,
    decode_transfer,
    write_disposition_plainly,
    write_flow_plainly,
    write_transfer_plainly,
)
from .writing import COMPOUNDS, write_composite

if TYPE_CHECKING:
    from collections.abc import Callable

Section: TypeAlias = (
    Header
    | DeliveryAnnotations
    | MessageAnnotations
    | Properties
    | ApplicationProperties
    | Data
    | AmqpSequence
    | AmqpValue
    | Footer
)
"""What provides ``section``."""
MessageId: TypeAlias = int | UUID | bytes | str
"""What provides ``message-id``."""
Address: TypeAlias = str
"""What provides ``address``."""
DeliveryState: TypeAlias = (
    Received | Accepted | Rejected | Released | Modified | Declared | TransactionalState
)
"""What provides ``delivery-state``."""
Outcome: TypeAlias = Accepted | Rejected | Released | Modified | Declared
"""What provides ``outcome``."""
AnySource: TypeAlias = Source
"""What provides ``source``."""
DistributionMode: TypeAlias = StdDistMode
"""What provides ``distribution-mode``."""
AnyTarget: TypeAlias = Target | Coordinator
"""What provides ``target``."""
LifetimePolicy: TypeAlias = DeleteOnClose | DeleteOnNoLinks | DeleteOnNoMessages | DeleteOnNoLinksOrMessages
"""What provides ``lifetime-policy``."""
SaslFrame: TypeAlias = SaslMechanisms | SaslInit | SaslChallenge | SaslResponse | SaslOutcome
"""What provides ``sasl-frame``."""
AnyTxnCapability: TypeAlias = TxnCapability
"""What provides ``txn-capability``."""
TxnId: TypeAlias = bytes
"""What provides ``txn-id``."""
Frame: TypeAlias = Open | Begin | Attach | Flow | Transfer | Disposition | Detach | End | Close
"""What provides ``frame``."""
Filter: TypeAlias = (
    SessionFilter
    | NoLocalFilter
    | SelectorFilter
    | SqlFilter
    | PropertiesFilter
    | ApplicationPropertiesFilter
    | StreamOffsetSpec
    | StreamFilter
    | StreamMatchUnfiltered
)
"""What provides ``filter``."""

SECTION_ORDER: tuple[int, ...] = (
    0x70,
    0x71,
    0x72,
    0x73,
    0x74,
    0x75,
    0x76,
    0x77,
    0x78,
)
"""3.2: descriptor codes of the sections of a message, in the order in which they stand there."""

CLASSES.update(
    {
        Header: decode_header,
        DeliveryAnnotations: decode_delivery_annotations,
        MessageAnnotations: decode_message_annotations,
        Properties: decode_properties,
        ApplicationProperties: decode_application_properties,
        Data: decode_data,
        AmqpSequence: decode_amqp_sequence,
        AmqpValue: decode_amqp_value,
        Footer: decode_footer,
        Received: decode_received,
        Accepted: decode_accepted,
        Rejected: decode_rejected,
        Released: decode_released,
        Modified: decode_modified,
        Source: decode_source,
        Target: decode_target,
        DeleteOnClose: decode_delete_on_close,
        DeleteOnNoLinks: decode_delete_on_no_links,
        DeleteOnNoMessages: decode_delete_on_no_messages,
        DeleteOnNoLinksOrMessages: decode_delete_on_no_links_or_messages,
        SaslMechanisms: decode_sasl_mechanisms,
        SaslInit: decode_sasl_init,
        SaslChallenge: decode_sasl_challenge,
        SaslResponse: decode_sasl_response,
        SaslOutcome: decode_sasl_outcome,
        Coordinator: decode_coordinator,
        Declare: decode_declare,
        Discharge: decode_discharge,
        Declared: decode_declared,
        TransactionalState: decode_transactional_state,
        Open: decode_open,
        Begin: decode_begin,
        Attach: decode_attach,
        Flow: decode_flow,
        Transfer: decode_transfer,
        Disposition: decode_disposition,
        Detach: decode_detach,
        End: decode_end,
        Close: decode_close,
        Error: decode_error,
        SessionFilter: decode_session_filter,
        NoLocalFilter: decode_no_local_filter,
        SelectorFilter: decode_selector_filter,
        SqlFilter: decode_sql_filter,
        PropertiesFilter: decode_properties_filter,
        ApplicationPropertiesFilter: decode_application_properties_filter,
        StreamOffsetSpec: decode_stream_offset_spec,
        StreamFilter: decode_stream_filter,
        StreamMatchUnfiltered: decode_stream_match_unfiltered,
    }
)

for _kind, _reader in CLASSES.items():
    # 1.3.3: a type is named by its number or by its symbol. Some extensions have the symbol alone.
    TYPES[_kind.DESCRIPTOR] = TYPES[_kind.SYMBOL] = _reader
    if isinstance(_kind.DESCRIPTOR, int):
        DESCRIPTORS[_kind.SYMBOL] = _kind.DESCRIPTOR
    KINDS[_kind.DESCRIPTOR] = KINDS[_kind.SYMBOL] = _kind
    COMPOUNDS[_kind] = write_composite
COMPOUNDS[Header] = write_header_plainly
COMPOUNDS[Properties] = write_properties_plainly
COMPOUNDS[Flow] = write_flow_plainly
COMPOUNDS[Transfer] = write_transfer_plainly
COMPOUNDS[Disposition] = write_disposition_plainly

archetypes.ERROR_READERS.update(
    {
        0x1D: decode_error,
    }
)
archetypes.ERROR_WRITERS.update(
    {
        Error: Error.encode,
    }
)
archetypes.ERROR_EMPTY.update({})
archetypes.OUTCOME_READERS.update(
    {
        0x24: decode_accepted,
        0x25: decode_rejected,
        0x26: decode_released,
        0x27: decode_modified,
        0x33: decode_declared,
    }
)
archetypes.OUTCOME_WRITERS.update(
    {
        Accepted: Accepted.encode,
        Rejected: Rejected.encode,
        Released: Released.encode,
        Modified: Modified.encode,
        Declared: Declared.encode,
    }
)
archetypes.OUTCOME_EMPTY.update(
    {
        Accepted().encode(): Accepted(),
        Released().encode(): Released(),
    }
)
archetypes.ANY_SOURCE_READERS.update(
    {
        0x28: decode_source,
    }
)
archetypes.ANY_SOURCE_WRITERS.update(
    {
        Source: Source.encode,
    }
)
archetypes.ANY_SOURCE_EMPTY.update({})
archetypes.ANY_TARGET_READERS.update(
    {
        0x29: decode_target,
        0x30: decode_coordinator,
    }
)
archetypes.ANY_TARGET_WRITERS.update(
    {
        Target: Target.encode,
        Coordinator: Coordinator.encode,
    }
)
archetypes.ANY_TARGET_EMPTY.update({})
archetypes.DELIVERY_STATE_READERS.update(
    {
        0x23: decode_received,
        0x24: decode_accepted,
        0x25: decode_rejected,
        0x26: decode_released,
        0x27: decode_modified,
        0x33: decode_declared,
        0x34: decode_transactional_state,
    }
)
archetypes.DELIVERY_STATE_WRITERS.update(
    {
        Received: Received.encode,
        Accepted: Accepted.encode,
        Rejected: Rejected.encode,
        Released: Released.encode,
        Modified: Modified.encode,
        Declared: Declared.encode,
        TransactionalState: TransactionalState.encode,
    }
)
archetypes.DELIVERY_STATE_EMPTY.update(
    {
        Accepted().encode(): Accepted(),
        Released().encode(): Released(),
    }
)
FRAME_READERS: dict[int | str, Reader] = {
    0x10: decode_open,
    0x11: decode_begin,
    0x12: decode_attach,
    0x13: decode_flow,
    0x14: decode_transfer,
    0x15: decode_disposition,
    0x16: decode_detach,
    0x17: decode_end,
    0x18: decode_close,
}
SASL_FRAME_READERS: dict[int | str, Reader] = {
    0x40: decode_sasl_mechanisms,
    0x41: decode_sasl_init,
    0x42: decode_sasl_challenge,
    0x43: decode_sasl_response,
    0x44: decode_sasl_outcome,
}
SECTION_READERS: dict[int | str, Reader] = {
    0x70: decode_header,
    0x71: decode_delivery_annotations,
    0x72: decode_message_annotations,
    0x73: decode_properties,
    0x74: decode_application_properties,
    0x75: decode_data,
    0x76: decode_amqp_sequence,
    0x77: decode_amqp_value,
    0x78: decode_footer,
}


_DEPTH = DEFAULT_LIMITS.depth

_unpack_short = Struct(">IBB").unpack_from

# 0x00, descriptor and constructor -> reader of the fields in a short list.
_SHORT_FRAMES: dict[int, Callable[[bytes, int, int, int, int, Scope], tuple[Any, int]]] = {
    0x005313C0: decode_short_flow,
    0x005314C0: decode_short_transfer,
    0x005315C0: decode_short_disposition,
}

# The short way also meets descriptors that no table has.
_FAULTS = (*FAULTS, KeyError)


def _described(
    kind: str, table: dict[int | str, Reader], data: bytes, at: int, depth: int, scope: Scope
) -> tuple[Any, int]:
    name = ""
    start = at
    try:
        if data[at] != 0x00:
            raise unexpected(kind, data, at)
        descriptor, at = read_descriptor(data, at + 1)
        code = descriptor if isinstance(descriptor, int) else DESCRIPTORS.get(descriptor, descriptor)
        if code not in table:
            raise wrong_descriptor(kind, descriptor, start)
        name = KINDS[code].NAME
        value, after = table[code](data, at, depth, scope)
    except FAULTS as error:
        raise fault(error, at).within(name) from None
    if after > len(data):
        raise DecodeError(f"the data ends inside {kind}", offset=start)
    return value, after


def decode_frame(
    data: bytes, at: int = 0, limits: Limits = DEFAULT_LIMITS, registry: Registry = DEFAULT_REGISTRY
) -> tuple[Frame, int]:
    """Read the performative at the start of the body of an AMQP frame (2.3.2).

    Returns it with the offset behind it, where the payload starts. Raises DecodeError for anything else.
    """
    try:
        if limits is DEFAULT_LIMITS:
            head, size, count = _unpack_short(data, at)
            return _SHORT_FRAMES[head](data, at + 6, at + 5 + size, count, _DEPTH, registry.performative)
    except _FAULTS:
        pass  # another performative, or one to be told in full below
    value, after = _described(
        "a performative", FRAME_READERS, data, at, limits.depth, _scope(limits, registry)
    )
    return value, after


def decode_sasl_frame(data: bytes, at: int = 0, limits: Limits = DEFAULT_LIMITS) -> tuple[SaslFrame, int]:
    """Read the body of a SASL frame (5.3.3); the second item is the offset behind it. Raises DecodeError."""
    value, after = _described(
        "a SASL frame body", SASL_FRAME_READERS, data, at, limits.depth, _scope(limits, DEFAULT_REGISTRY)
    )
    return value, after


def decode_section(
    data: bytes, at: int, end: int, limits: Limits = DEFAULT_LIMITS, registry: Registry = DEFAULT_REGISTRY
) -> tuple[Section, int]:
    """Read the section of a message (3.2) that starts at `at`; the second item is the offset behind it.

    Raises DecodeError for anything else, and for a section that crosses `end`.
    """
    try:
        if data[at] == 0x00 and data[at + 1] == 0x53 and limits is DEFAULT_LIMITS:
            value, after = SECTION_READERS[data[at + 2]](data, at + 3, _DEPTH, registry.content)
            if after <= end:
                return value, after
    except _FAULTS:
        pass  # told in full below
    value, after = _described("a section", SECTION_READERS, data, at, limits.depth, registry.content)
    if after > end:
        raise DecodeError("the section ends behind the end of the message", offset=at)
    return value, after


# Where the value of each section is in a message, behind the descriptor. The body is one data section: where its octets
# start, which are all the rest; before a footer, its descriptor and where its value is, as one item of a list.
Places: TypeAlias = tuple[
    int | None, int | None, int | None, int | None, int | None, int | list[tuple[int, int]], int | None
]

_unpack_section = Struct(">IB").unpack_from


def usual_sections(data: bytes) -> Places | None:
    """Find the sections of a message in its usual form: short ones, each at most once, then one data.

    None when the message has another form, or is none: a closer look has to tell.
    """
    header = delivery_annotations = message_annotations = properties = application_properties = footer = None
    at = 0
    try:
        head, size = _unpack_section(data, 0)
        if head == 0x005370C0:
            header = at + 3
            at += 5 + size
            head, size = _unpack_section(data, at)
        if head == 0x005371C1:
            delivery_annotations = at + 3
            at += 5 + size
            head, size = _unpack_section(data, at)
        if head == 0x005372C1:
            message_annotations = at + 3
            at += 5 + size
            head, size = _unpack_section(data, at)
        if head == 0x005373C0:
            properties = at + 3
            at += 5 + size
            head, size = _unpack_section(data, at)
        if head == 0x005374C1:
            application_properties = at + 3
            at += 5 + size
            head, size = _unpack_section(data, at)
        value_at = at + 3
        body: int | list[tuple[int, int]]
        if head == 0x005375A0:
            body = at + 5
            at = body + size
        elif head == 0x005375B0:
            body = at + 8
            at = body + unpack_u32(data, at + 4)[0]
        else:
            return None
        if at < len(data):
            body = [(0x75, value_at)]
            head, size = _unpack_section(data, at)
            if head == 0x005378C1:
                footer = at + 3
                at += 5 + size
    except struct.error:
        return None
    if at != len(data):
        return None
    return header, delivery_annotations, message_annotations, properties, application_properties, body, footer


def _scope(limits: Limits, registry: Registry) -> Scope:
    if limits is DEFAULT_LIMITS:
        return registry.performative
    return Scope(types=registry.performative.types, strict=True, map_nodes=limits.map_nodes)


# Constructors of ulong and symbol.
_DESCRIPTOR_CODES = (
    0x53,
    0x80,
    0x44,
    0xA3,
    0xB3,
)


def peek_descriptor(data: bytes, at: int, end: int) -> tuple[int | None, int]:
    """Return the numeric code of the described value at `at`, and the offset of the value behind the descriptor.

    The code is None for a descriptor that is neither a number nor a known name. Raises DecodeError.
    """
    try:
        if data[at] != 0x00:
            raise unexpected("a described value", data, at)
        if data[at + 1] == 0x53 and at + 3 <= end:
            return data[at + 2], at + 3
        after = skip_value(data, at + 1, end)
        if data[at + 1] in _DESCRIPTOR_CODES:
            descriptor, _ = read_descriptor(data, at + 1)
            return (descriptor if isinstance(descriptor, int) else DESCRIPTORS.get(descriptor)), after
    except FAULTS as error:
        raise fault(error, at) from None
    return None, after
