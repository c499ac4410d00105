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

"""Hypothesis strategies: a function for each type, which returns the strategy of its values.

A primitive's values are as a field of that type holds them; `values` makes values of any type, as they come where the
type is open. What is made can be encoded, and comes back as what it was. Needs hypothesis, and nothing imports this module.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from hypothesis import strategies as st

from .azure import (
    AzureAnnotation,
    AzureCapability,
    AzureErrorCondition,
    AzureLinkProperty,
    SessionFilter,
)
from .filters import ApplicationPropertiesFilter, NoLocalFilter, PropertiesFilter, SelectorFilter, SqlFilter
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
    TerminusDurability,
    TerminusExpiryPolicy,
)
from .rabbitmq import StreamFilter, StreamMatchUnfiltered, StreamOffsetSpec
from .security import (
    SaslChallenge,
    SaslCode,
    SaslInit,
    SaslMechanisms,
    SaslOutcome,
    SaslResponse,
)
from .transactions import (
    Coordinator,
    Declare,
    Declared,
    Discharge,
    TransactionalState,
    TransactionErrorCondition,
    TxnCapability,
)
from .transport import (
    AmqpErrorCondition,
    Attach,
    Begin,
    Close,
    ConnectionErrorCondition,
    Detach,
    Disposition,
    End,
    Error,
    Flow,
    LinkErrorCondition,
    Open,
    ReceiverSettleMode,
    SenderSettleMode,
    SessionErrorCondition,
    Transfer,
)
from .values import (
    Array,
    Byte,
    Char,
    Decimal32,
    Decimal64,
    Decimal128,
    Described,
    Float,
    Long,
    Map,
    Short,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
)

__all__ = [
    "array",
    "binary",
    "boolean",
    "byte",
    "char",
    "decimal32",
    "decimal64",
    "decimal128",
    "double",
    "float_",
    "int_",
    "list_",
    "long",
    "map_",
    "null",
    "scalars",
    "short",
    "simple_maps",
    "string",
    "symbol",
    "symbol_maps",
    "timestamp",
    "ubyte",
    "uint",
    "ulong",
    "ushort",
    "uuid",
    "values",
    "header",
    "delivery_annotations",
    "message_annotations",
    "properties",
    "application_properties",
    "data",
    "amqp_sequence",
    "amqp_value",
    "footer",
    "annotations",
    "message_id_ulong",
    "message_id_uuid",
    "message_id_binary",
    "message_id_string",
    "address_string",
    "received",
    "accepted",
    "rejected",
    "released",
    "modified",
    "source",
    "target",
    "terminus_durability",
    "terminus_expiry_policy",
    "std_dist_mode",
    "filter_set",
    "node_properties",
    "delete_on_close",
    "delete_on_no_links",
    "delete_on_no_messages",
    "delete_on_no_links_or_messages",
    "sasl_mechanisms",
    "sasl_init",
    "sasl_challenge",
    "sasl_response",
    "sasl_outcome",
    "sasl_code",
    "coordinator",
    "declare",
    "discharge",
    "transaction_id",
    "declared",
    "transactional_state",
    "txn_capability",
    "transaction_error",
    "open_",
    "begin",
    "attach",
    "flow",
    "transfer",
    "disposition",
    "detach",
    "end",
    "close",
    "role",
    "sender_settle_mode",
    "receiver_settle_mode",
    "handle",
    "seconds",
    "milliseconds",
    "delivery_tag",
    "delivery_number",
    "transfer_number",
    "sequence_no",
    "message_format",
    "ietf_language_tag",
    "fields",
    "error",
    "amqp_error",
    "connection_error",
    "session_error",
    "link_error",
    "session_filter",
    "azure_link_property",
    "azure_capability",
    "azure_annotation",
    "azure_error",
    "no_local_filter",
    "selector_filter",
    "sql_filter",
    "properties_filter",
    "application_properties_filter",
    "stream_offset_spec",
    "stream_filter",
    "stream_match_unfiltered",
]

T = TypeVar("T")


def _numbers(lowest: int, highest: int) -> st.SearchStrategy[int]:
    """Integers, with those at which the encoding changes more often."""
    edges = [n for n in (-129, -128, -1, 0, 1, 127, 128, 255, 256, lowest, highest) if lowest <= n <= highest]
    return st.sampled_from(edges) | st.integers(lowest, highest)


def _later(make: Callable[[], st.SearchStrategy[T]]) -> st.SearchStrategy[T]:
    """A strategy that is made when it is drawn from: types may hold one another, and themselves."""

    def definition() -> st.SearchStrategy[T]:
        return make()

    return st.deferred(definition)


def _is_some(value: object) -> bool:
    return value is not None


@cache
def null() -> st.SearchStrategy[None]:
    """The one value of null."""
    return st.none()


@cache
def boolean() -> st.SearchStrategy[bool]:
    """Values of boolean."""
    return st.booleans()


@cache
def ubyte() -> st.SearchStrategy[int]:
    """Values of ubyte."""
    return _numbers(0, 2**8 - 1)


@cache
def ushort() -> st.SearchStrategy[int]:
    """Values of ushort."""
    return _numbers(0, 2**16 - 1)


@cache
def uint() -> st.SearchStrategy[int]:
    """Values of uint."""
    return _numbers(0, 2**32 - 1)


@cache
def ulong() -> st.SearchStrategy[int]:
    """Values of ulong."""
    return _numbers(0, 2**64 - 1)


@cache
def byte() -> st.SearchStrategy[int]:
    """Values of byte."""
    return _numbers(-(2**7), 2**7 - 1)


@cache
def short() -> st.SearchStrategy[int]:
    """Values of short."""
    return _numbers(-(2**15), 2**15 - 1)


@cache
def int_() -> st.SearchStrategy[int]:
    """Values of int."""
    return _numbers(-(2**31), 2**31 - 1)


@cache
def long() -> st.SearchStrategy[int]:
    """Values of long."""
    return _numbers(-(2**63), 2**63 - 1)


@cache
def float_() -> st.SearchStrategy[Float]:
    """Values of float, of any 32 bits."""
    return (
        st.sampled_from([0, 1 << 31, 0x3F800000, 0x7FC00000, 0x7F800001]) | st.integers(0, 2**32 - 1)
    ).map(Float.from_bits)


@cache
def double() -> st.SearchStrategy[float]:
    """Values of double."""
    return st.floats()


@cache
def decimal32() -> st.SearchStrategy[Decimal32]:
    """Values of decimal32, of any bits."""
    return st.integers(0, 2**32 - 1).map(Decimal32)


@cache
def decimal64() -> st.SearchStrategy[Decimal64]:
    """Values of decimal64, of any bits."""
    return st.integers(0, 2**64 - 1).map(Decimal64)


@cache
def decimal128() -> st.SearchStrategy[Decimal128]:
    """Values of decimal128, of any bits."""
    return st.integers(0, 2**128 - 1).map(Decimal128)


@cache
def char() -> st.SearchStrategy[Char]:
    """Values of char: any character but surrogates."""
    return st.characters(exclude_categories=["Cs"]).map(Char)


@cache
def timestamp() -> st.SearchStrategy[int]:
    """Values of timestamp: milliseconds since 1970."""
    return _numbers(-(2**63), 2**63 - 1)


@cache
def uuid() -> st.SearchStrategy[Any]:
    """Values of uuid."""
    return st.uuids()


@cache
def binary() -> st.SearchStrategy[bytes]:
    """Values of binary."""
    return st.binary(max_size=40)


@cache
def string() -> st.SearchStrategy[str]:
    """Values of string."""
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@cache
def symbol() -> st.SearchStrategy[str]:
    """Values of symbol: ASCII."""
    return st.text(st.characters(max_codepoint=127), max_size=6)


@cache
def scalars() -> st.SearchStrategy[Any]:
    """Values of every scalar type, told apart by their class."""
    return st.one_of(
        st.none(),
        boolean(),
        int_(),
        double(),
        float_(),
        decimal32(),
        decimal64(),
        decimal128(),
        char(),
        uuid(),
        binary(),
        string(),
        symbol().map(Symbol),
        ubyte().map(UByte),
        ushort().map(UShort),
        uint().map(UInt),
        ulong().map(ULong),
        byte().map(Byte),
        short().map(Short),
        long().map(Long),
        timestamp().map(Timestamp),
    )


@cache
def array() -> st.SearchStrategy[Array]:
    """Values of array: of numbers, texts, lists, described elements, and many elements that take no octets."""
    return st.one_of(
        st.lists(uint(), max_size=3).map(lambda items: Array(UInt, items)),
        st.lists(boolean(), max_size=3).map(lambda items: Array(bool, items)),
        st.lists(double(), max_size=3).map(lambda items: Array(float, items)),
        st.lists(symbol(), max_size=3).map(lambda items: Array(Symbol, items, descriptors=[Symbol("x:y")])),
        st.lists(st.sampled_from([[], [1]]), max_size=3).map(lambda items: Array(list, items)),
        st.integers(0, 2**32 - 1).map(lambda count: Array.repeated("null", None, count)),
    )


def _descriptors() -> st.SearchStrategy[Any]:
    # 1.3.3: of a domain that nobody is likely to own, so that no class takes the value.
    return st.integers(0xFFFF_FFF0_0000_0000, 2**64 - 1).map(ULong) | symbol().map(
        lambda text: Symbol(f"{text}?")
    )


def _compounds(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(items, max_size=3),
        st.lists(st.tuples(items, items), max_size=3).map(Map),
        st.builds(Described, _descriptors(), items),
    )


@cache
def values() -> st.SearchStrategy[Any]:
    """Values of any type."""
    return st.recursive(scalars() | array(), _compounds, max_leaves=8)


@cache
def list_() -> st.SearchStrategy[list[Any]]:
    """Values of list."""
    return st.lists(values(), max_size=3)


@cache
def map_() -> st.SearchStrategy[Map]:
    """Values of map."""
    return st.lists(st.tuples(values(), values()), max_size=3).map(Map)


@cache
def symbol_maps() -> st.SearchStrategy[Map]:
    """Maps whose keys are symbols, as fields and annotations are."""
    return st.dictionaries(symbol().map(Symbol), values(), max_size=3).map(Map)


@cache
def simple_maps() -> st.SearchStrategy[Map]:
    """Maps whose keys are strings and whose values are scalars, as application-properties are."""
    return st.dictionaries(string(), scalars(), max_size=3).map(Map)


@cache
def header() -> st.SearchStrategy[Header]:
    """Values of header."""
    return st.builds(
        Header,
        durable=st.just(False) | boolean(),
        priority=st.just(4) | ubyte(),
        ttl=st.none() | milliseconds(),
        first_acquirer=st.just(False) | boolean(),
        delivery_count=st.just(0) | uint(),
    )


@cache
def delivery_annotations() -> st.SearchStrategy[DeliveryAnnotations]:
    """Values of delivery-annotations."""
    return st.builds(DeliveryAnnotations, symbol_maps())


@cache
def message_annotations() -> st.SearchStrategy[MessageAnnotations]:
    """Values of message-annotations."""
    return st.builds(MessageAnnotations, symbol_maps())


@cache
def properties() -> st.SearchStrategy[Properties]:
    """Values of properties."""
    return st.builds(
        Properties,
        message_id=st.none()
        | st.one_of(message_id_ulong(), message_id_uuid(), message_id_binary(), message_id_string()),
        user_id=st.none() | binary(),
        to=st.none() | st.one_of(address_string()),
        subject=st.none() | string(),
        reply_to=st.none() | st.one_of(address_string()),
        correlation_id=st.none()
        | st.one_of(message_id_ulong(), message_id_uuid(), message_id_binary(), message_id_string()),
        content_type=st.none() | symbol(),
        content_encoding=st.none() | symbol(),
        absolute_expiry_time=st.none() | timestamp(),
        creation_time=st.none() | timestamp(),
        group_id=st.none() | string(),
        group_sequence=st.none() | sequence_no(),
        reply_to_group_id=st.none() | string(),
    )


@cache
def application_properties() -> st.SearchStrategy[ApplicationProperties]:
    """Values of application-properties."""
    return st.builds(ApplicationProperties, simple_maps())


@cache
def data() -> st.SearchStrategy[Data]:
    """Values of data."""
    return st.builds(Data, binary())


@cache
def amqp_sequence() -> st.SearchStrategy[AmqpSequence]:
    """Values of amqp-sequence."""
    return st.builds(AmqpSequence, list_())


@cache
def amqp_value() -> st.SearchStrategy[AmqpValue]:
    """Values of amqp-value."""
    return st.builds(AmqpValue, values())


@cache
def footer() -> st.SearchStrategy[Footer]:
    """Values of footer."""
    return st.builds(Footer, symbol_maps())


@cache
def annotations() -> st.SearchStrategy[Any]:
    """Values of annotations."""
    return symbol_maps()


@cache
def message_id_ulong() -> st.SearchStrategy[Any]:
    """Values of message-id-ulong."""
    return ulong()


@cache
def message_id_uuid() -> st.SearchStrategy[Any]:
    """Values of message-id-uuid."""
    return uuid()


@cache
def message_id_binary() -> st.SearchStrategy[Any]:
    """Values of message-id-binary."""
    return binary()


@cache
def message_id_string() -> st.SearchStrategy[Any]:
    """Values of message-id-string."""
    return string()


@cache
def address_string() -> st.SearchStrategy[Any]:
    """Values of address-string."""
    return string()


@cache
def received() -> st.SearchStrategy[Received]:
    """Values of received."""
    return st.builds(Received, section_number=uint(), section_offset=ulong())


@cache
def accepted() -> st.SearchStrategy[Accepted]:
    """Values of accepted."""
    return st.builds(
        Accepted,
    )


@cache
def rejected() -> st.SearchStrategy[Rejected]:
    """Values of rejected."""
    return st.builds(Rejected, error=st.none() | _later(error))


@cache
def released() -> st.SearchStrategy[Released]:
    """Values of released."""
    return st.builds(
        Released,
    )


@cache
def modified() -> st.SearchStrategy[Modified]:
    """Values of modified."""
    return st.builds(
        Modified,
        delivery_failed=st.none() | boolean(),
        undeliverable_here=st.none() | boolean(),
        message_annotations=st.none() | fields(),
    )


@cache
def source() -> st.SearchStrategy[Source]:
    """Values of source."""
    return st.builds(
        Source,
        address=st.none() | st.one_of(address_string()),
        durable=st.just(TerminusDurability.NONE) | terminus_durability(),
        expiry_policy=st.just(TerminusExpiryPolicy.SESSION_END) | terminus_expiry_policy(),
        timeout=st.just(0) | seconds(),
        dynamic=st.just(False) | boolean(),
        dynamic_node_properties=st.none() | node_properties(),
        distribution_mode=st.none() | symbol(),
        filter=st.none() | filter_set(),
        default_outcome=st.none()
        | st.one_of(_later(accepted), _later(rejected), _later(released), _later(modified), _later(declared)),
        outcomes=st.none() | st.lists(symbol(), min_size=1, max_size=3).map(tuple),
        capabilities=st.none() | st.lists(symbol(), min_size=1, max_size=3).map(tuple),
    )


@cache
def target() -> st.SearchStrategy[Target]:
    """Values of target."""
    return st.builds(
        Target,
        address=st.none() | st.one_of(address_string()),
        durable=st.just(TerminusDurability.NONE) | terminus_durability(),
        expiry_policy=st.just(TerminusExpiryPolicy.SESSION_END) | terminus_expiry_policy(),
        timeout=st.just(0) | seconds(),
        dynamic=st.just(False) | boolean(),
        dynamic_node_properties=st.none() | node_properties(),
        capabilities=st.none() | st.lists(symbol(), min_size=1, max_size=3).map(tuple),
    )


@cache
def terminus_durability() -> st.SearchStrategy[TerminusDurability]:
    """Values of terminus-durability."""
    return st.sampled_from(TerminusDurability)


@cache
def terminus_expiry_policy() -> st.SearchStrategy[TerminusExpiryPolicy]:
    """Values of terminus-expiry-policy."""
    return st.sampled_from(TerminusExpiryPolicy)


@cache
def std_dist_mode() -> st.SearchStrategy[StdDistMode]:
    """Values of std-dist-mode."""
    return st.sampled_from(StdDistMode)


@cache
def filter_set() -> st.SearchStrategy[Any]:
    """Values of filter-set."""
    return symbol_maps()


@cache
def node_properties() -> st.SearchStrategy[Any]:
    """Values of node-properties."""
    return symbol_maps()


@cache
def delete_on_close() -> st.SearchStrategy[DeleteOnClose]:
    """Values of delete-on-close."""
    return st.builds(
        DeleteOnClose,
    )


@cache
def delete_on_no_links() -> st.SearchStrategy[DeleteOnNoLinks]:
    """Values of delete-on-no-links."""
    return st.builds(
        DeleteOnNoLinks,
    )


@cache
def delete_on_no_messages() -> st.SearchStrategy[DeleteOnNoMessages]:
    """Values of delete-on-no-messages."""
    return st.builds(
        DeleteOnNoMessages,
    )


@cache
def delete_on_no_links_or_messages() -> st.SearchStrategy[DeleteOnNoLinksOrMessages]:
    """Values of delete-on-no-links-or-messages."""
    return st.builds(
        DeleteOnNoLinksOrMessages,
    )


@cache
def sasl_mechanisms() -> st.SearchStrategy[SaslMechanisms]:
    """Values of sasl-mechanisms."""
    return st.builds(
        SaslMechanisms, sasl_server_mechanisms=st.lists(symbol(), min_size=1, max_size=3).map(tuple)
    )


@cache
def sasl_init() -> st.SearchStrategy[SaslInit]:
    """Values of sasl-init."""
    return st.builds(
        SaslInit, mechanism=symbol(), initial_response=st.none() | binary(), hostname=st.none() | string()
    )


@cache
def sasl_challenge() -> st.SearchStrategy[SaslChallenge]:
    """Values of sasl-challenge."""
    return st.builds(SaslChallenge, challenge=binary())


@cache
def sasl_response() -> st.SearchStrategy[SaslResponse]:
    """Values of sasl-response."""
    return st.builds(SaslResponse, response=binary())


@cache
def sasl_outcome() -> st.SearchStrategy[SaslOutcome]:
    """Values of sasl-outcome."""
    return st.builds(SaslOutcome, code=sasl_code(), additional_data=st.none() | binary())


@cache
def sasl_code() -> st.SearchStrategy[SaslCode]:
    """Values of sasl-code."""
    return st.sampled_from(SaslCode)


@cache
def coordinator() -> st.SearchStrategy[Coordinator]:
    """Values of coordinator."""
    return st.builds(
        Coordinator, capabilities=st.none() | st.lists(symbol(), min_size=1, max_size=3).map(tuple)
    )


@cache
def declare() -> st.SearchStrategy[Declare]:
    """Values of declare."""
    return st.builds(Declare, global_id=st.none() | values().filter(_is_some))


@cache
def discharge() -> st.SearchStrategy[Discharge]:
    """Values of discharge."""
    return st.builds(Discharge, txn_id=st.one_of(transaction_id()), fail=st.none() | boolean())


@cache
def transaction_id() -> st.SearchStrategy[Any]:
    """Values of transaction-id."""
    return binary()


@cache
def declared() -> st.SearchStrategy[Declared]:
    """Values of declared."""
    return st.builds(Declared, txn_id=st.one_of(transaction_id()))


@cache
def transactional_state() -> st.SearchStrategy[TransactionalState]:
    """Values of transactional-state."""
    return st.builds(
        TransactionalState,
        txn_id=st.one_of(transaction_id()),
        outcome=st.none()
        | st.one_of(_later(accepted), _later(rejected), _later(released), _later(modified), _later(declared)),
    )


@cache
def txn_capability() -> st.SearchStrategy[TxnCapability]:
    """Values of txn-capability."""
    return st.sampled_from(TxnCapability)


@cache
def transaction_error() -> st.SearchStrategy[TransactionErrorCondition]:
    """Values of transaction-error."""
    return st.sampled_from(TransactionErrorCondition)


@cache
def open_() -> st.SearchStrategy[Open]:
    """Values of open."""
    return st.builds(
        Open,
        container_id=string(),
        hostname=st.none() | string(),
        max_frame_size=st.just(4294967295) | uint(),
        channel_max=st.just(65535) | ushort(),
        idle_time_out=st.none() | milliseconds(),
        outgoing_locales=st.none() | st.lists(ietf_language_tag(), min_size=1, max_size=3).map(tuple),
        incoming_locales=st.none() | st.lists(ietf_language_tag(), min_size=1, max_size=3).map(tuple),
        offered_capabilities=st.none() | st.lists(symbol(), min_size=1, max_size=3).map(tuple),
        desired_capabilities=st.none() | st.lists(symbol(), min_size=1, max_size=3).map(tuple),
        properties=st.none() | fields(),
    )


@cache
def begin() -> st.SearchStrategy[Begin]:
    """Values of begin."""
    return st.builds(
        Begin,
        remote_channel=st.none() | ushort(),
        next_outgoing_id=transfer_number(),
        incoming_window=uint(),
        outgoing_window=uint(),
        handle_max=st.just(4294967295) | handle(),
        offered_capabilities=st.none() | st.lists(symbol(), min_size=1, max_size=3).map(tuple),
        desired_capabilities=st.none() | st.lists(symbol(), min_size=1, max_size=3).map(tuple),
        properties=st.none() | fields(),
    )


@cache
def attach() -> st.SearchStrategy[Attach]:
    """Values of attach."""
    return st.builds(
        Attach,
        name=string(),
        handle=handle(),
        role=role(),
        snd_settle_mode=st.just(SenderSettleMode.MIXED) | sender_settle_mode(),
        rcv_settle_mode=st.just(ReceiverSettleMode.FIRST) | receiver_settle_mode(),
        source=st.none() | st.one_of(_later(source)),
        target=st.none() | st.one_of(_later(target), _later(coordinator)),
        unsettled=st.none() | map_(),
        incomplete_unsettled=st.just(False) | boolean(),
        initial_delivery_count=st.none() | sequence_no(),
        max_message_size=st.none() | ulong(),
        offered_capabilities=st.none() | st.lists(symbol(), min_size=1, max_size=3).map(tuple),
        desired_capabilities=st.none() | st.lists(symbol(), min_size=1, max_size=3).map(tuple),
        properties=st.none() | fields(),
    )


@cache
def flow() -> st.SearchStrategy[Flow]:
    """Values of flow."""
    return st.builds(
        Flow,
        next_incoming_id=st.none() | transfer_number(),
        incoming_window=uint(),
        next_outgoing_id=transfer_number(),
        outgoing_window=uint(),
        handle=st.none() | handle(),
        delivery_count=st.none() | sequence_no(),
        link_credit=st.none() | uint(),
        available=st.none() | uint(),
        drain=st.just(False) | boolean(),
        echo=st.just(False) | boolean(),
        properties=st.none() | fields(),
    )


@cache
def transfer() -> st.SearchStrategy[Transfer]:
    """Values of transfer."""
    return st.builds(
        Transfer,
        handle=handle(),
        delivery_id=st.none() | delivery_number(),
        delivery_tag=st.none() | delivery_tag(),
        message_format=st.none() | message_format(),
        settled=st.none() | boolean(),
        more=st.just(False) | boolean(),
        rcv_settle_mode=st.none() | receiver_settle_mode(),
        state=st.none()
        | st.one_of(
            _later(received),
            _later(accepted),
            _later(rejected),
            _later(released),
            _later(modified),
            _later(declared),
            _later(transactional_state),
        ),
        resume=st.just(False) | boolean(),
        aborted=st.just(False) | boolean(),
        batchable=st.just(False) | boolean(),
    )


@cache
def disposition() -> st.SearchStrategy[Disposition]:
    """Values of disposition."""
    return st.builds(
        Disposition,
        role=role(),
        first=delivery_number(),
        last=st.none() | delivery_number(),
        settled=st.just(False) | boolean(),
        state=st.none()
        | st.one_of(
            _later(received),
            _later(accepted),
            _later(rejected),
            _later(released),
            _later(modified),
            _later(declared),
            _later(transactional_state),
        ),
        batchable=st.just(False) | boolean(),
    )


@cache
def detach() -> st.SearchStrategy[Detach]:
    """Values of detach."""
    return st.builds(
        Detach, handle=handle(), closed=st.just(False) | boolean(), error=st.none() | _later(error)
    )


@cache
def end() -> st.SearchStrategy[End]:
    """Values of end."""
    return st.builds(End, error=st.none() | _later(error))


@cache
def close() -> st.SearchStrategy[Close]:
    """Values of close."""
    return st.builds(Close, error=st.none() | _later(error))


@cache
def role() -> st.SearchStrategy[Any]:
    """Values of role."""
    return boolean()


@cache
def sender_settle_mode() -> st.SearchStrategy[SenderSettleMode]:
    """Values of sender-settle-mode."""
    return st.sampled_from(SenderSettleMode)


@cache
def receiver_settle_mode() -> st.SearchStrategy[ReceiverSettleMode]:
    """Values of receiver-settle-mode."""
    return st.sampled_from(ReceiverSettleMode)


@cache
def handle() -> st.SearchStrategy[Any]:
    """Values of handle."""
    return uint()


@cache
def seconds() -> st.SearchStrategy[Any]:
    """Values of seconds."""
    return uint()


@cache
def milliseconds() -> st.SearchStrategy[Any]:
    """Values of milliseconds."""
    return uint()


@cache
def delivery_tag() -> st.SearchStrategy[Any]:
    """Values of delivery-tag."""
    return binary()


@cache
def delivery_number() -> st.SearchStrategy[Any]:
    """Values of delivery-number."""
    return uint()


@cache
def transfer_number() -> st.SearchStrategy[Any]:
    """Values of transfer-number."""
    return uint()


@cache
def sequence_no() -> st.SearchStrategy[Any]:
    """Values of sequence-no."""
    return uint()


@cache
def message_format() -> st.SearchStrategy[Any]:
    """Values of message-format."""
    return uint()


@cache
def ietf_language_tag() -> st.SearchStrategy[Any]:
    """Values of ietf-language-tag."""
    return symbol()


@cache
def fields() -> st.SearchStrategy[Any]:
    """Values of fields."""
    return symbol_maps()


@cache
def error() -> st.SearchStrategy[Error]:
    """Values of error."""
    return st.builds(Error, condition=symbol(), description=st.none() | string(), info=st.none() | fields())


@cache
def amqp_error() -> st.SearchStrategy[AmqpErrorCondition]:
    """Values of amqp-error."""
    return st.sampled_from(AmqpErrorCondition)


@cache
def connection_error() -> st.SearchStrategy[ConnectionErrorCondition]:
    """Values of connection-error."""
    return st.sampled_from(ConnectionErrorCondition)


@cache
def session_error() -> st.SearchStrategy[SessionErrorCondition]:
    """Values of session-error."""
    return st.sampled_from(SessionErrorCondition)


@cache
def link_error() -> st.SearchStrategy[LinkErrorCondition]:
    """Values of link-error."""
    return st.sampled_from(LinkErrorCondition)


@cache
def session_filter() -> st.SearchStrategy[SessionFilter]:
    """Values of session-filter."""
    return st.builds(SessionFilter, values())


@cache
def azure_link_property() -> st.SearchStrategy[AzureLinkProperty]:
    """Values of azure-link-property."""
    return st.sampled_from(AzureLinkProperty)


@cache
def azure_capability() -> st.SearchStrategy[AzureCapability]:
    """Values of azure-capability."""
    return st.sampled_from(AzureCapability)


@cache
def azure_annotation() -> st.SearchStrategy[AzureAnnotation]:
    """Values of azure-annotation."""
    return st.sampled_from(AzureAnnotation)


@cache
def azure_error() -> st.SearchStrategy[AzureErrorCondition]:
    """Values of azure-error."""
    return st.sampled_from(AzureErrorCondition)


@cache
def no_local_filter() -> st.SearchStrategy[NoLocalFilter]:
    """Values of no-local-filter."""
    return st.builds(NoLocalFilter, values())


@cache
def selector_filter() -> st.SearchStrategy[SelectorFilter]:
    """Values of selector-filter."""
    return st.builds(SelectorFilter, string())


@cache
def sql_filter() -> st.SearchStrategy[SqlFilter]:
    """Values of sql-filter."""
    return st.builds(SqlFilter, string())


@cache
def properties_filter() -> st.SearchStrategy[PropertiesFilter]:
    """Values of properties-filter."""
    return st.builds(PropertiesFilter, symbol_maps())


@cache
def application_properties_filter() -> st.SearchStrategy[ApplicationPropertiesFilter]:
    """Values of application-properties-filter."""
    return st.builds(ApplicationPropertiesFilter, map_())


@cache
def stream_offset_spec() -> st.SearchStrategy[StreamOffsetSpec]:
    """Values of stream-offset-spec."""
    return st.builds(StreamOffsetSpec, values())


@cache
def stream_filter() -> st.SearchStrategy[StreamFilter]:
    """Values of stream-filter."""
    return st.builds(StreamFilter, values())


@cache
def stream_match_unfiltered() -> st.SearchStrategy[StreamMatchUnfiltered]:
    """Values of stream-match-unfiltered."""
    return st.builds(StreamMatchUnfiltered, boolean())
