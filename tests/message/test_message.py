"""Message: what its constructor makes of a body, what decoding demands, and what is decoded when."""

from __future__ import annotations

import decimal
import json

import pytest

from amqp.errors import DecodeError, EncodeError
from amqp.message import Message
from amqp_spec import (
    AmqpSequence,
    AmqpValue,
    ApplicationProperties,
    Data,
    DeliveryAnnotations,
    Footer,
    Header,
    MessageAnnotations,
    Properties,
    Symbol,
    UInt,
    ULong,
    identical,
)

DATA = Data(b"x").encode()
HEADER = Header(priority=7).encode()
PROPERTIES = Properties(subject="s").encode()


def decoded(message: Message) -> Message:
    return Message.decode(message.encode(), format=message.format)


# -- bodies


def test_a_map_is_written_as_json() -> None:
    body = {"a": [1, UInt(3), {"b": Symbol("x")}], "t": True, "n": None}
    came = decoded(Message(body)).body
    assert json.loads(json.dumps(came, default=dict)) == {"a": [1, 3, {"b": "x"}], "t": True, "n": None}


@pytest.mark.parametrize("body", [b"hello", bytearray(b"hello"), memoryview(b"hello")])
def test_bytes_become_one_data_section(body: object) -> None:
    message = Message(body)
    assert message.sections == (Data(b"hello"),)
    assert message.body == b"hello"
    assert type(message.body) is bytes


@pytest.mark.requirement("messaging-3.2.6-01")
def test_several_data_sections_are_kept_apart_and_joined_by_body() -> None:
    message = decoded(Message([Data(b""), Data(b"a"), Data(b"b" * 70_000)]))
    assert message.sections == (Data(b""), Data(b"a"), Data(b"b" * 70_000))
    assert message.body == b"a" + b"b" * 70_000


@pytest.mark.requirement("messaging-3.2.7-01")
def test_sequences_give_their_items() -> None:
    message = decoded(Message((AmqpSequence([1, "two"]), AmqpSequence([None]))))
    assert len(message.sections) == 2
    assert message.body == [1, "two", None]


@pytest.mark.requirement("messaging-3.2.8-01")
@pytest.mark.parametrize("value", ["text", 5, True, [1, "a"], {"k": [Symbol("s")]}, UInt(7), 1.5, [], ""])
def test_any_other_value_becomes_an_amqp_value(value: object) -> None:
    message = decoded(Message(value))
    assert isinstance(message.sections[0], AmqpValue)
    assert message.body == value


def test_an_amqp_value_of_null_is_a_body() -> None:
    message = decoded(Message(AmqpValue(None)))
    assert message.body is None
    assert message.sections == (AmqpValue(None),)


@pytest.mark.requirement("messaging-3.2-04")
def test_without_a_body_there_is_nothing_to_send() -> None:
    message = Message(properties=Properties(subject="s"))
    assert message.body is None
    with pytest.raises(EncodeError, match="body"):
        message.encode()
    with pytest.raises(EncodeError, match="body"):
        message.encode(durable=True)


@pytest.mark.parametrize(
    "body",
    [[Data(b""), AmqpSequence([])], [Data(b""), b""], [1, Data(b"")], [AmqpValue(1), AmqpValue(2)]],
)
def test_a_body_is_of_one_kind(body: object) -> None:
    with pytest.raises(EncodeError, match="body"):
        Message(body)


def test_sections_of_the_wrong_class_are_refused_when_given() -> None:
    with pytest.raises(EncodeError, match="header: expected Header, found dict"):
        Message(b"", header={"durable": True})  # type: ignore[arg-type]  # on purpose
    with pytest.raises(EncodeError, match="properties: expected Properties, found Header"):
        Message(b"", properties=Header())  # type: ignore[arg-type]  # on purpose


# -- sections


def full() -> Message:
    return Message(
        b"body",
        header=Header(durable=True, ttl=5),
        delivery_annotations={"x-opt-d": 1},
        message_annotations={"x-opt-m": "m", 7: None},
        properties=Properties(message_id="id", to="q", subject="s"),
        application_properties={"k": 1, "t": "text"},
        footer={"x-opt-f": b"sum"},
        format=3,
    )


@pytest.mark.requirement("messaging-3.2-01")
def test_all_sections_are_written_in_order_and_read_again() -> None:
    message = decoded(full())
    assert [type(section) for section in message.sections] == [
        Header,
        DeliveryAnnotations,
        MessageAnnotations,
        Properties,
        ApplicationProperties,
        Data,
        Footer,
    ]
    assert message.header == Header(durable=True, ttl=5)
    assert message.delivery_annotations == {Symbol("x-opt-d"): 1}
    assert message.properties == Properties(message_id="id", to="q", subject="s")
    assert message.application_properties == {"k": 1, "t": "text"}
    assert message.footer == {Symbol("x-opt-f"): b"sum"}
    assert message.format == 3
    assert message == full()


@pytest.mark.requirement("messaging-3.2.10-01")
def test_annotation_keys_become_symbols_and_ulongs() -> None:
    annotations = decoded(full()).message_annotations
    assert annotations is not None
    assert [type(key) for key in annotations] == [Symbol, ULong]
    assert annotations["x-opt-m"] == "m"
    assert 7 in annotations


def test_sections_that_are_absent_are_none() -> None:
    message = decoded(Message(b""))
    assert message.header is None
    assert message.delivery_annotations is None
    assert message.message_annotations is None
    assert message.properties is None
    assert message.application_properties is None
    assert message.footer is None
    assert message.body == b""


def test_what_was_decoded_is_encoded_as_it_came() -> None:
    # A list32 where a list8 would do: nobody may re-encode a message that only passes through.
    wide = bytes.fromhex("005370 d0 00000005 00000001 41") + DATA
    message = Message.decode(wide)
    assert message.header == Header(durable=True)
    assert message.encode() == wide


def test_equality_is_of_format_and_sections() -> None:
    assert Message(b"a") == Message(Data(b"a"))
    assert Message(b"a") != Message(b"b")
    assert Message(b"a") != Message(b"a", format=1)
    assert Message(b"a") != b"a"
    with pytest.raises(TypeError, match="unhashable"):
        hash(Message(b"a"))


# -- durable


def test_durable_adds_a_header_or_sets_the_field_and_nothing_else() -> None:
    plain = Message(b"x", properties=Properties(subject="s"))
    assert Message.decode(plain.encode(durable=True)).sections == (Header(durable=True), *plain.sections)
    urgent = Message(b"x", header=Header(priority=9))
    assert Message.decode(urgent.encode(durable=True)).header == Header(priority=9, durable=True)
    durable = Message(b"x", header=Header(durable=True))
    assert durable.encode(durable=True) == durable.encode()


@pytest.mark.parametrize("start", [b"", HEADER])
def test_durable_leaves_the_rest_of_a_decoded_message_as_it_came(start: bytes) -> None:
    message = Message.decode(start + PROPERTIES + DATA)
    encoded = message.encode(durable=True)
    assert encoded.endswith(PROPERTIES + DATA)
    header = Message.decode(encoded).header
    assert header is not None
    assert header.durable
    assert header.priority == (7 if start else 4)


# -- the structure


@pytest.mark.requirement("messaging-3.2-01")
@pytest.mark.parametrize(
    "octets",
    [
        DATA + HEADER,
        PROPERTIES + HEADER + DATA,
        DATA + PROPERTIES,
        Footer({}).encode() + DATA,
        DATA + Footer({}).encode() + DATA,
    ],
)
def test_sections_out_of_order_are_no_message(octets: bytes) -> None:
    with pytest.raises(DecodeError, match="order"):
        Message.decode(octets)


@pytest.mark.requirement("messaging-3.2-02")
@pytest.mark.parametrize("section", [HEADER, PROPERTIES, MessageAnnotations({}).encode()])
def test_a_section_that_comes_twice_is_no_message(section: bytes) -> None:
    with pytest.raises(DecodeError, match="twice"):
        Message.decode(section + section + DATA)


@pytest.mark.requirement("messaging-3.2-03")
@pytest.mark.parametrize(
    "octets",
    [
        DATA + AmqpValue(1).encode(),
        AmqpValue(1).encode() + AmqpValue(1).encode(),
        AmqpSequence([]).encode() + DATA,
    ],
)
def test_a_body_of_two_kinds_is_no_message(octets: bytes) -> None:
    with pytest.raises(DecodeError):
        Message.decode(octets)


@pytest.mark.requirement("messaging-3.2-04")
@pytest.mark.parametrize(
    "octets", [b"", HEADER, PROPERTIES, Footer({}).encode(), HEADER + Footer({}).encode()]
)
def test_no_body_is_no_message(octets: bytes) -> None:
    with pytest.raises(DecodeError, match="body"):
        Message.decode(octets)


@pytest.mark.requirement("messaging-3.2-06")
@pytest.mark.parametrize("octets", ["005379 a001ff", "ffff", "40", "a00178", "0053", "00a30161 40"])
def test_what_is_no_section_is_no_message(octets: str) -> None:
    with pytest.raises(DecodeError):
        Message.decode(bytes.fromhex(octets) + DATA)


@pytest.mark.requirement("messaging-3.2-06")
def test_a_symbolic_descriptor_is_read_as_its_number() -> None:
    symbol = Data.SYMBOL.encode()
    assert Message.decode(b"\x00\xa3" + bytes([len(symbol)]) + symbol + b"\xa0\x01y").body == b"y"


def test_every_truncation_of_a_message_is_an_error() -> None:
    octets = full().encode()
    ends = {0}
    for section in full().sections:
        ends.add(max(ends) + len(section.encode()))
    for size in range(len(octets)):
        if size in ends and size > len(octets) - len(Footer({"x-opt-f": b"sum"}).encode()) - 1:
            continue
        with pytest.raises(DecodeError):
            _ = Message.decode(octets[:size]).sections


def test_too_many_sections_are_refused() -> None:
    one = Data(b"").encode()
    assert len(Message.decode(one * 10_000).sections) == 10_000
    with pytest.raises(DecodeError, match="10000 sections"):
        Message.decode(one * 10_001)


# -- lazily


@pytest.mark.fault("F29")
def test_a_fault_inside_a_section_is_found_when_it_is_looked_at() -> None:
    # A header whose list holds a string where a boolean belongs.
    octets = bytes.fromhex("005370 c0 04 01 a1 01 61") + DATA
    message = Message.decode(octets)
    assert message.body == b"x"
    assert message.encode() == octets
    with pytest.raises(DecodeError, match="durable"):
        _ = message.header
    with pytest.raises(DecodeError):
        _ = message.sections


def test_a_section_is_decoded_once() -> None:
    message = decoded(full())
    assert message.properties is message.properties
    assert message.application_properties is message.application_properties


# -- repr


def test_repr_is_one_short_line() -> None:
    text = repr(
        Message("line\nline" * 1_000, properties=Properties(subject="s"), application_properties={"a": 1})
    )
    assert "\n" not in text
    assert len(text) < 300
    assert "subject='s'" in text


def test_repr_of_what_does_not_decode_says_so() -> None:
    message = Message.decode(bytes.fromhex("005370 c0 04 01 a1 01 61") + DATA)
    assert "15 octets that do not decode" in repr(message)


def test_identical_sections_survive_a_round_trip_with_their_types() -> None:
    message = Message({"a": ULong(1), "b": UInt(1), "c": 1})
    assert identical(decoded(message).sections[0], message.sections[0])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (decimal.Decimal("1.1"), r"Decimal128\.from_decimal"),
        (1 << 63, "ULong"),
        (-(1 << 63) - 1, "ULong"),
        (10**400, "ULong"),
    ],
)
def test_a_value_that_several_types_could_stand_for_names_them(body: object, says: str) -> None:
    with pytest.raises(EncodeError, match=says):
        Message(body)
    assert Message((1 << 63) - 1).body == (1 << 63) - 1
