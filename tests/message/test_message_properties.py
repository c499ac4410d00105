"""Any message that can be built is read back as it was, type for type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hypothesis import given
from hypothesis import strategies as st

from amqp.errors import DecodeError
from amqp.message import Message
from amqp_spec import (
    AmqpSequence,
    AmqpValue,
    Byte,
    Char,
    Data,
    Float,
    Footer,
    Header,
    Long,
    Map,
    Properties,
    Short,
    Symbol,
    Timestamp,
    UByte,
    UInt,
    ULong,
    UShort,
    identical,
)

if TYPE_CHECKING:
    import uuid
from dataclasses import replace

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
symbols = st.text(st.characters(max_codepoint=127), max_size=20).map(Symbol)
ulongs = st.integers(0, 2**64 - 1)
uints = st.integers(0, 2**32 - 1)
simple: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**31), 2**31 - 1),
    text,
    st.binary(max_size=300),
    symbols,
    st.uuids(),
    st.floats(),
    st.floats(width=32).map(Float),
    st.integers(0, 2**8 - 1).map(UByte),
    st.integers(0, 2**16 - 1).map(UShort),
    uints.map(UInt),
    ulongs.map(ULong),
    st.integers(-(2**7), 2**7 - 1).map(Byte),
    st.integers(-(2**15), 2**15 - 1).map(Short),
    st.integers(-(2**63), 2**63 - 1).map(Long),
    st.integers(-(2**63), 2**63 - 1).map(Timestamp),
    st.characters(exclude_categories=["Cs"]).map(Char),
)
values: st.SearchStrategy[Any] = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(st.tuples(text, inner), max_size=4, unique_by=lambda pair: pair[0]).map(Map),
    ),
    max_leaves=12,
)
annotation_maps = st.dictionaries(st.one_of(symbols, ulongs.map(ULong)), values, max_size=4)
headers = st.builds(
    Header,
    durable=st.booleans(),
    priority=st.integers(0, 255),
    ttl=st.none() | uints,
    first_acquirer=st.booleans(),
    delivery_count=uints,
)
message_ids: st.SearchStrategy[int | uuid.UUID | bytes | str | None] = st.one_of(
    st.none(), ulongs, st.uuids(), st.binary(max_size=40), text
)
# Fields of a known type hold the plain value: an int for a timestamp, a str for a symbol.
times = st.none() | st.integers(-(2**63), 2**63 - 1)
names = st.none() | symbols.map(str)
properties = st.builds(
    Properties,
    message_id=message_ids,
    user_id=st.none() | st.binary(max_size=300),
    to=st.none() | text,
    subject=st.none() | text,
    reply_to=st.none() | text,
    correlation_id=message_ids,
    content_type=names,
    content_encoding=names,
    absolute_expiry_time=times,
    creation_time=times,
    group_id=st.none() | text,
    group_sequence=st.none() | uints,
    reply_to_group_id=st.none() | text,
)
data_bodies: st.SearchStrategy[Any] = st.lists(st.binary(max_size=300).map(Data), min_size=1, max_size=3)
other_bodies: st.SearchStrategy[Any] = st.one_of(
    st.lists(st.lists(values, max_size=3).map(AmqpSequence), min_size=1, max_size=3),
    values.map(AmqpValue),
)


def with_body(
    bodies: st.SearchStrategy[Any], properties: st.SearchStrategy[Any]
) -> st.SearchStrategy[Message]:
    return st.builds(
        Message,
        bodies,
        header=st.none() | headers,
        delivery_annotations=st.none() | annotation_maps,
        message_annotations=st.none() | annotation_maps,
        properties=st.none() | properties,
        application_properties=st.none() | st.dictionaries(text, simple, max_size=4),
        footer=st.none() | annotation_maps,
        format=uints,
    )


# 3.2.4: a content-encoding is for data.
messages = with_body(data_bodies, properties) | with_body(
    other_bodies, properties.map(lambda some: replace(some, content_encoding=None))
)


@given(messages)
def test_decode_undoes_encode(message: Message) -> None:
    octets = message.encode()
    again = Message.decode(octets, format=message.format)
    assert again.encode() == octets
    assert [type(section) for section in again.sections] == [type(section) for section in message.sections]
    rebuilt = b"".join(section.encode() for section in again.sections)
    assert rebuilt == octets
    for ours, theirs in zip(message.sections, again.sections, strict=True):
        # A plain dict is read back as a Map; everything in it keeps its type.
        value = getattr(ours, "value", None)
        if isinstance(value, dict):
            assert identical(Map(value.items()), cast("Footer", theirs).value)
        else:
            assert identical(ours, theirs)


@given(st.binary(max_size=60))
def test_any_octets_are_a_message_or_a_decode_error(octets: bytes) -> None:
    try:
        message = Message.decode(octets)
        _ = message.sections
        repr(message)
    except DecodeError:
        return
    assert message.encode() == octets


@given(messages, st.integers(0, 2**16), st.integers(0, 255))
def test_a_damaged_message_is_a_message_or_a_decode_error(message: Message, at: int, octet: int) -> None:
    octets = bytearray(message.encode())
    octets[at % len(octets)] = octet
    try:
        repr(Message.decode(octets).sections)
    except DecodeError:
        return
