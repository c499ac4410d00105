"""Handing a message on with other sections: what is not named stays as it is, to the octet."""

import copy
import sys
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import amqp
from amqp import AmqpSequence, AmqpValue, Data, EncodeError, Error, Header, Message, Properties
from amqp_spec import decode_section
from fuzz import making
from fuzz.trees import octets

# Nothing in it has its smallest form: descriptors of nine octets, wide heads, a null where a field could be left out.
WIDE = b"".join(
    bytes.fromhex(text)
    for text in (
        "00 80 0000000000000070 d0 00000006 00000002 41 40",
        "00 80 0000000000000071 d1 00000004 00000000",
        "00 80 0000000000000072 d1 00000011 00000002 b3 00000003 782d61 70 00000001",
        "00 80 0000000000000073 d0 0000000d 00000001 80 0000000000000001",
        "00 80 0000000000000074 d1 0000000f 00000002 b1 00000001 6b 71 00000001",
        "00 a3 10 616d71703a646174613a62696e617279 b0 00000001 78",
        "00 80 0000000000000078 c1 01 00",
    )
)
OLD = Message.decode(WIDE)


def spans() -> dict[str, bytes]:
    """The octets of each section."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(WIDE):
        section, end = decode_section(WIDE, at, len(WIDE))
        found[type(section).__name__] = WIDE[at:end]
        at = end
    return found


SPANS = spans()

CHANGES: list[tuple[str, str, Any, bytes]] = [
    ("Header", "header", Header(delivery_count=1), Header(delivery_count=1).encode()),
    ("Header", "header", None, b""),
    (
        "DeliveryAnnotations",
        "delivery_annotations",
        {"x-b": 2},
        amqp.DeliveryAnnotations({"x-b": 2}).encode(),
    ),
    ("MessageAnnotations", "message_annotations", {"x-b": 2}, amqp.MessageAnnotations({"x-b": 2}).encode()),
    ("Properties", "properties", Properties(subject="s"), Properties(subject="s").encode()),
    ("ApplicationProperties", "application_properties", None, b""),
    ("Data", "body", AmqpValue(1), AmqpValue(1).encode()),
    ("Data", "body", [Data(b"1"), Data(b"2")], Data(b"1").encode() + Data(b"2").encode()),
    ("Footer", "footer", {"x-b": 2}, amqp.Footer({"x-b": 2}).encode()),
]


@pytest.mark.parametrize(("section", "name", "value", "new"), CHANGES, ids=lambda part: str(part)[:20])
def test_one_section_is_changed_and_the_rest_keeps_its_octets(
    section: str, name: str, value: Any, new: bytes
) -> None:
    change: Any = {name: value}
    assert OLD.replace(**change).encode() == b"".join((SPANS | {section: new}).values())
    assert OLD.encode() == WIDE


def test_a_section_that_was_not_there_takes_its_place() -> None:
    bare = Message.decode(SPANS["Properties"] + SPANS["Data"])
    made = bare.replace(header=Header(durable=True), footer={"x-a": 1}, message_annotations={"x-a": 1})
    assert [type(section).__name__ for section in made.sections] == [
        *("Header", "MessageAnnotations", "Properties", "Data", "Footer")
    ]
    assert SPANS["Properties"] + SPANS["Data"] in made.encode()


def test_several_sections_of_a_body_stay_in_order() -> None:
    body = b"".join(AmqpSequence([number]).encode() for number in range(300))
    made = Message.decode(body).replace(footer={"x-a": 1})
    assert made.encode().startswith(body)
    assert made.body == list(range(300))


def test_a_message_that_was_not_decoded() -> None:
    message = Message(
        [Data(b"a"), Data(b"b")], properties=Properties(subject="s"), footer={"x-a": 1}, format=7
    )
    made = message.replace(properties=None, header=Header(ttl=5))
    assert made.sections == (Header(ttl=5), Data(b"a"), Data(b"b"), amqp.Footer({"x-a": 1}))
    assert made.format == 7
    assert message.replace(body=None).body is None
    assert Message(header=Header(ttl=5)).replace(footer={}).header == Header(ttl=5)
    if sys.version_info >= (3, 13):
        assert copy.replace(message, format=8).format == 8


def test_format_and_registry_go_along() -> None:
    registry = amqp.Registry(amqp.Error)
    data = AmqpValue(Error(condition="a:b")).encode()
    made = Message.decode(data, format=3, registry=registry).replace(header=Header())
    assert made.format == 3
    assert made.body == Error(condition="a:b")
    assert made.replace(format=4).format == 4


def test_without_a_body_there_is_no_message() -> None:
    with pytest.raises(EncodeError, match="a message needs a body"):
        OLD.replace(body=None)


def test_what_the_class_does_not_take() -> None:
    wrong: Any = {"heder": None}
    for message in (OLD, Message(b"x")):
        with pytest.raises(TypeError, match="heder"):
            message.replace(**wrong)
        wrong_class: Any = {"header": 5}
        with pytest.raises(EncodeError, match="expected Header"):
            message.replace(**wrong_class)


@given(st.integers(0, 2**32), st.sampled_from([SPANS["Properties"], b""]))
def test_whatever_form_the_body_has_it_is_forwarded_unchanged(seed: int, before: bytes) -> None:
    body = b"\x00\x53\x77" + octets(making.value(Random(seed), 3))
    made = Message.decode(before + body).replace(delivery_annotations={"x-opt-hop": 1})
    assert made.encode() == amqp.DeliveryAnnotations({"x-opt-hop": 1}).encode() + before + body


# --- what the standard forbids ------------------------------------------------------------------------------------


@pytest.mark.requirement("messaging-3.2.4-04")
def test_a_content_encoding_is_for_data_and_never_identity() -> None:
    zipped = Properties(content_encoding="gzip")
    assert Message(b"x", properties=zipped).encode() == (
        b"\x00\x53\x73\xc0\x0e\x08\x40\x40\x40\x40\x40\x40\x40\xa3\x04gzip\x00\x53\x75\xa0\x01x"
    )
    for body in (AmqpValue(b"x"), [AmqpSequence([1])], "text"):
        with pytest.raises(EncodeError, match=r"properties\.content-encoding: 'gzip' is for a body of data"):
            Message(body, properties=zipped)
    with pytest.raises(EncodeError, match="not by 'identity'"):
        Message(b"x", properties=Properties(content_encoding="identity"))
    assert OLD.replace(properties=zipped).properties == zipped
    with pytest.raises(EncodeError, match="is for a body of data"):
        Message.decode(AmqpValue(1).encode()).replace(properties=zipped)
    with pytest.raises(EncodeError, match="'identity'"):
        OLD.replace(properties=Properties(content_encoding="identity"))
    # What others send is theirs.
    received = Message.decode(Properties(content_encoding="identity").encode() + AmqpValue(1).encode())
    assert received.properties == Properties(content_encoding="identity")


@pytest.mark.requirement("messaging-3.2.2-02")
def test_the_delivery_annotation_rejected_is_an_error() -> None:
    error = Error(condition="a:b")
    message = Message(b"x", delivery_annotations={"rejected": error})
    assert message.encode() == (
        b"\x00\x53\x71\xc1\x16\x02\xa3\x08rejected\x00\x53\x1d\xc0\x06\x01\xa3\x03a:b\x00\x53\x75\xa0\x01x"
    )
    for value in ("a:b", None, {"condition": "a:b"}, amqp.Rejected(error=error)):
        with pytest.raises(
            EncodeError, match=r'delivery-annotations\["rejected"\]: expected an Error, found'
        ):
            Message(b"x", delivery_annotations={"rejected": value})
    assert Message(b"x", message_annotations={"rejected": "is another one"}).body == b"x"
