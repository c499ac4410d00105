"""What the broker reads and changes of a message, and what it leaves alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amqp.broker.sections import read_head, read_to
from amqp.broker.stored import StoredMessage
from amqp.errors import DecodeError, EncodeError
from amqp_spec import (
    AmqpSequence,
    AmqpValue,
    ApplicationProperties,
    Data,
    DeliveryAnnotations,
    Footer,
    Header,
    Map,
    MessageAnnotations,
    Properties,
    Symbol,
    ULong,
    decode_section,
)

DATA = Data(b"body").encode()
PROPERTIES = Properties(message_id=7, to="there").encode()
ANNOTATIONS = MessageAnnotations({"x-opt-a": 1}).encode()
BARE = PROPERTIES + ApplicationProperties({"k": "v"}).encode() + DATA + Footer({"x-opt-f": 2}).encode()


def header_of(octets: bytes) -> Header:
    section = decode_section(octets, 0, len(octets))[0]
    assert isinstance(section, Header)
    return section


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(DATA, id="one data section"),
        pytest.param(DATA * 3, id="three data sections"),
        pytest.param(AmqpSequence([1]).encode() * 2, id="two sequences"),
        pytest.param(AmqpValue(None).encode(), id="null"),
        pytest.param(AmqpValue({"a": [1, 2]}).encode(), id="map"),
        pytest.param(Data(bytes(300)).encode(), id="long data"),
        pytest.param(b"\x00\x53\x75\xa0\x00", id="no octets"),
        pytest.param(
            Header().encode() + DeliveryAnnotations({}).encode() + ANNOTATIONS + BARE, id="all sections"
        ),
        pytest.param(b"\x00\x80" + (0x75).to_bytes(8, "big") + b"\xa0\x01x", id="long descriptor"),
        pytest.param(b"\x00\xa3\x10amqp:data:binary\xa0\x01x", id="symbolic descriptor"),
    ],
)
def test_what_is_a_message_passes(octets: bytes) -> None:
    read_head(octets)


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="nothing", marks=pytest.mark.requirement("messaging-3.2-04")),
        pytest.param(PROPERTIES, id="no body", marks=pytest.mark.requirement("messaging-3.2-04")),
        pytest.param(
            Footer({}).encode(), id="only a footer", marks=pytest.mark.requirement("messaging-3.2-04")
        ),
        pytest.param(DATA + PROPERTIES, id="data first", marks=pytest.mark.requirement("messaging-3.2-01")),
        pytest.param(PROPERTIES * 2 + DATA, id="twice", marks=pytest.mark.requirement("messaging-3.2-02")),
        pytest.param(
            DATA + AmqpValue(1).encode(), id="two kinds", marks=pytest.mark.requirement("messaging-3.2-03")
        ),
        pytest.param(
            AmqpValue(1).encode() * 2, id="two values", marks=pytest.mark.requirement("messaging-3.2-03")
        ),
        pytest.param(
            b"\x00\x53\x79\xa0\x00" + DATA, id="unknown", marks=pytest.mark.requirement("messaging-3.2-06")
        ),
        pytest.param(b"\xff\xff", id="nonsense", marks=pytest.mark.requirement("messaging-3.2-07")),
        pytest.param(DATA[:-1], id="cut short"),
        pytest.param(b"\x00", id="a lone octet"),
        pytest.param(b"\x00\x53\x75", id="no value"),
        pytest.param(b"\x00\x53\x75\xb0\x00\x00", id="half a size"),
        pytest.param(b"\x00\x53\x75\xb0\xff\xff\xff\xff", id="a size that lies"),
        pytest.param(b"\x00\x53\x75\xa1\x01x", id="data of string"),
        pytest.param(b"\x00\x53\x72\x45" + DATA, id="annotations of list"),
        pytest.param(b"\x00\x53\x70\xc0\x03\x01\xa1\x00" + DATA, id="a header that is damaged"),
        pytest.param(b"\x00\x53\x75\xa0\x00" * 10_001, id="too many sections"),
    ],
)
def test_what_is_no_message_is_refused(octets: bytes) -> None:
    with pytest.raises(DecodeError):
        StoredMessage(octets, 0, 0.0)


@given(st.binary(max_size=60), st.integers(0, 40))
def test_any_octets_are_a_message_or_a_decode_error(octets: bytes, cut: int) -> None:
    damaged = bytearray(Header().encode() + ANNOTATIONS + BARE)
    damaged[cut : cut + len(octets)] = octets
    for candidate in (octets, bytes(damaged)):
        try:
            stored = StoredMessage(candidate, 0, 0.0)
        except DecodeError:
            continue
        assert stored.octets(0.0)


@pytest.mark.requirement("transport-2.8.11-01")
def test_another_format_is_opaque() -> None:
    stored = StoredMessage(b"\xff\xfe\xfd", 0x8001_0000, 0.0)
    stored.count_failure()
    stored.annotate({"x-opt-a": 1})
    assert stored.octets(0.0) == b"\xff\xfe\xfd"


@pytest.mark.requirement("messaging-3.2-05")
@pytest.mark.parametrize(
    "octets",
    [
        BARE,
        ANNOTATIONS + BARE,
        Header(durable=True, first_acquirer=True).encode() + BARE,
        b"\x00\x80" + (0x70).to_bytes(8, "big") + b"\xd0\x00\x00\x00\x05\x00\x00\x00\x01\x40" + BARE,
    ],
)
def test_a_first_delivery_is_octet_for_octet(octets: bytes) -> None:
    assert StoredMessage(octets, 0, 0.0).octets(5.0) is octets


@pytest.mark.requirement("messaging-3.2.2-01")
def test_delivery_annotations_are_left_out() -> None:
    notes = DeliveryAnnotations({"x-opt-da": 1}).encode()
    assert StoredMessage(notes + ANNOTATIONS + BARE, 0, 0.0).octets(0.0) == ANNOTATIONS + BARE
    header = Header(priority=9)
    sent = StoredMessage(header.encode() + notes + BARE, 0, 0.0).octets(0.0)
    assert sent == header.encode() + BARE


def test_a_failure_shows_in_the_header() -> None:
    stored = StoredMessage(ANNOTATIONS + BARE, 0, 0.0)
    stored.count_failure()
    sent = stored.octets(0.0)
    assert header_of(sent) == Header(delivery_count=1)
    assert sent.endswith(ANNOTATIONS + BARE)


def test_the_publishers_count_goes_on() -> None:
    stored = StoredMessage(Header(durable=True, priority=7, delivery_count=3).encode() + BARE, 0, 0.0)
    stored.count_failure()
    assert header_of(stored.octets(0.0)) == Header(durable=True, priority=7, delivery_count=4)


@pytest.mark.requirement("messaging-3.2.1-07")
def test_only_the_first_is_the_first_acquirer() -> None:
    stored = StoredMessage(Header(first_acquirer=True).encode() + BARE, 0, 0.0)
    assert header_of(stored.octets(0.0)).first_acquirer
    stored.acquired = True
    assert not header_of(stored.octets(0.0)).first_acquirer


@pytest.mark.requirement("messaging-3.2.1-05")
def test_the_ttl_shrinks_with_the_time_spent() -> None:
    stored = StoredMessage(Header(ttl=60_000).encode() + BARE, 0, 100.0)
    assert stored.expires_at == 160.0
    sent = stored.octets(102.5)
    assert header_of(sent).ttl == 57_500
    assert sent.endswith(BARE)
    assert header_of(stored.octets(200.0)).ttl == 0


@pytest.mark.requirement("messaging-3.4.5-03")
def test_annotations_are_merged() -> None:
    stored = StoredMessage(Header(priority=2).encode() + ANNOTATIONS + BARE, 0, 0.0)
    stored.annotate({"x-opt-a": "new", "x-opt-b": True})
    stored.annotate({"x-opt-c": 3})
    sent = stored.octets(0.0)
    assert header_of(sent) == Header(priority=2)
    at = len(Header(priority=2).encode())
    section, bare_at = decode_section(sent, at, len(sent))
    assert isinstance(section, MessageAnnotations)
    assert dict(section.value) == {"x-opt-a": "new", "x-opt-b": True, "x-opt-c": 3}
    assert sent[bare_at:] == BARE


def test_annotations_come_where_there_were_none() -> None:
    stored = StoredMessage(DeliveryAnnotations({"x-opt-d": 1}).encode() + BARE, 0, 0.0)
    stored.annotate({"x-opt-a": 1})
    assert stored.octets(0.0) == ANNOTATIONS + BARE


def test_damaged_annotations_are_not_touched() -> None:
    damaged = b"\x00\x53\x72\xc1\x02\x01\x45" + BARE
    stored = StoredMessage(damaged, 0, 0.0)
    with pytest.raises(DecodeError):
        stored.annotate({"x-opt-a": 1})
    assert stored.octets(0.0) == damaged


def test_annotations_of_odd_keys_are_merged() -> None:
    odd = [[1], "list", True, "true", "x", "string", Symbol("x"), "was", ULong(1), "was"]
    stored = StoredMessage(MessageAnnotations(Map.from_flat(odd)).encode() + BARE, 0, 0.0)
    stored.annotate(Map([("x", "is"), (1, "is")]))
    merged = [[1], "list", True, "true", "x", "string", Symbol("x"), "is", ULong(1), "is"]
    assert stored.octets(0.0) == MessageAnnotations(Map.from_flat(merged)).encode() + BARE


def test_annotations_that_may_not_be_sent_change_nothing() -> None:
    octets = ANNOTATIONS + BARE
    stored = StoredMessage(octets, 0, 0.0)
    with pytest.raises(EncodeError):
        stored.annotate({-1: 1})
    assert stored.octets(0.0) == octets


def test_the_address_is_found_behind_other_sections() -> None:
    assert read_to(Header().encode() + ANNOTATIONS + BARE) == "there"
    assert read_to(ANNOTATIONS + DATA) is None
    assert read_to(Properties().encode() + DATA) is None
