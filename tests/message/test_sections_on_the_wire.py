"""Rows of part 3 about what a message's sections hold: octets out, octets in, and the way through a broker."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp import Data, Error, Header, Message, Properties, Symbol, ULong
from amqp.broker import Broker
from amqp.engine import DeliveryReceived, LinkFailed
from amqp_spec import (
    AmqpErrorCondition,
    Array,
    Begin,
    DecodeError,
    Map,
    Open,
    SaslMechanisms,
    decode_frame,
    decode_sasl_frame,
    decode_value,
    encode_value,
)
from tests.engine import wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# --- arrays (1.2.4) -----------------------------------------------------------------------------------------------

NAMES = b"\xe0\x12\x02\xa3\x05PLAIN\x09ANONYMOUS"


@pytest.mark.requirement("types-1.2.4-01")
def test_an_array_has_one_constructor_and_bare_elements() -> None:
    names = ("PLAIN", "ANONYMOUS")
    mechanisms = SaslMechanisms(sasl_server_mechanisms=names)
    assert mechanisms.encode() == b"\x00\x53\x40\xc0\x15\x01" + NAMES
    assert decode_sasl_frame(mechanisms.encode())[0] == mechanisms
    for frame in (
        Open(container_id="", offered_capabilities=names),
        Begin(next_outgoing_id=0, incoming_window=0, outgoing_window=0, desired_capabilities=names),
    ):
        assert NAMES in frame.encode()
        assert decode_frame(frame.encode())[0] == frame
    assert encode_value(Array("symbol", names)) == NAMES


@pytest.mark.requirement("types-1.2.4-01")
def test_elements_with_constructors_of_their_own_are_refused() -> None:
    each = b"\xe0\x13\x02\xa3\x05PLAIN\xa3\x09ANONYMOUS"
    with pytest.raises(DecodeError):
        decode_value(each)
    with pytest.raises(DecodeError) as caught:
        decode_sasl_frame(b"\x00\x53\x40\xc0\x16\x01" + each)
    assert caught.value.path.startswith("sasl-mechanisms.sasl-server-mechanisms")


# --- properties (3.2.4) -------------------------------------------------------------------------------------------

IDS: list[tuple[Any, bytes]] = [
    (0, b"\x44"),
    (255, b"\x53\xff"),
    (1 << 63, b"\x80\x80\x00\x00\x00\x00\x00\x00\x00"),
    (uuid.UUID(int=1), b"\x98" + bytes(15) + b"\x01"),
    (b"id", b"\xa0\x02id"),
    ("id", b"\xa1\x02id"),
]


@pytest.mark.requirement("messaging-3.2.4-01")
@pytest.mark.parametrize(("given", "encoded"), IDS)
def test_ids_keep_their_type(given: Any, encoded: bytes) -> None:
    data = Properties(message_id=given, correlation_id=given).encode()
    nulls = b"\x40" * 4
    size = 2 * len(encoded) + 5
    assert data == b"\x00\x53\x73\xc0" + bytes((size, 6)) + encoded + nulls + encoded
    found = Properties.decode(data)
    assert (type(found.message_id), found.message_id) == (type(given), given)
    assert (type(found.correlation_id), found.correlation_id) == (type(given), given)


@pytest.mark.requirement("messaging-3.2.4-01")
@pytest.mark.parametrize(
    "encoded", [b"\xa3\x02id", b"\x54\x01", b"\x52\x01", b"\x41", b"\x45", b"\x82" + bytes(8)]
)
def test_ids_of_other_types_are_refused(encoded: bytes) -> None:
    data = b"\x00\x53\x73\xc0" + bytes((1 + len(encoded), 1)) + encoded
    with pytest.raises(DecodeError, match=r"properties\.message-id: expected message-id"):
        Properties.decode(data)
    for wrong in (1.5, True, -1, [1]):
        value: Any = wrong
        with pytest.raises(amqp.EncodeError, match=r"properties\.message-id"):
            Properties(message_id=value).encode()


@pytest.mark.requirement("messaging-3.2.4-03")
def test_types_of_other_properties() -> None:
    full = Properties(user_id=b"me", content_type="text/plain", content_encoding="gzip", group_sequence=300)
    data = full.encode()
    assert data == (
        b"\x00\x53\x73\xc0\x24\x0c\x40\xa0\x02me\x40\x40\x40\x40\xa3\x0atext/plain\xa3\x04gzip\x40\x40\x40"
        b"\x70\x00\x00\x01\x2c"
    )
    assert Properties.decode(data) == full
    for wrong, name in ((b"\xa1\x04gzip", "content-encoding"), (b"\x60\x00\x01", "content-encoding")):
        changed = data.replace(b"\xa3\x04gzip", wrong)
        changed = changed[:4] + bytes((len(changed) - 5,)) + changed[5:]
        with pytest.raises(DecodeError, match=f"properties.{name}: expected symbol"):
            Properties.decode(changed)
    with pytest.raises(DecodeError, match=r"properties.user-id: expected binary"):
        Properties.decode(data.replace(b"\xa0\x02me", b"\xa1\x02me"))
    with pytest.raises(DecodeError, match=r"properties.group-sequence: expected uint"):
        Properties.decode(data.replace(b"\x70\x00\x00\x01\x2c", b"\x71\x00\x00\x01\x2c"))


# --- annotations (3.2.10) and footer (3.2.9) ----------------------------------------------------------------------


@pytest.fixture
async def connection() -> AsyncIterator[amqp.Connection]:
    async with Broker() as broker, broker.listen() as listener, amqp.connect(listener.url) as opened:
        yield opened


async def through(connection: amqp.Connection, message: Message) -> Message:
    """Send it, accepted, and receive it, three times: as it is, released, and modified."""
    await (await connection.open_sender("q")).send(message)
    receiver = await connection.open_receiver("q")
    await (await receiver.receive(timeout=10)).release()
    await (await receiver.receive(timeout=10)).modify(delivery_failed=True)
    delivery = await receiver.receive(timeout=10)
    await delivery.accept()
    await receiver.close()
    return delivery.message


@pytest.mark.requirement("messaging-3.2.10-02")
@pytest.mark.requirement("messaging-3.2.9-01")
async def test_annotations_that_nobody_understands_are_carried_along(connection: amqp.Connection) -> None:
    sent = Message(
        b"x",
        delivery_annotations={"x-opt-zzz": 1},
        message_annotations={"x-opt-zzz": 2},
        footer={"x-opt-zzz": 3, "x-opt-hash": b"\0"},
    )
    found = await through(connection, sent)
    assert found.body == b"x"
    assert found.message_annotations == {Symbol("x-opt-zzz"): 2}
    assert found.footer == {Symbol("x-opt-zzz"): 3, Symbol("x-opt-hash"): b"\0"}
    assert found.encode().endswith(
        b"\x00\x53\x75\xa0\x01x\x00\x53\x78\xc1\x1d\x04\xa3\x09x-opt-zzz\x54\x03\xa3\x0ax-opt-hash\xa0\x01\x00"
    )


@pytest.mark.requirement("messaging-3.2.10-04")
async def test_neither_client_nor_broker_adds_annotations(connection: amqp.Connection) -> None:
    found = await through(connection, Message(b"x"))
    assert found.header == Header(delivery_count=1)
    assert [type(section) for section in found.sections] == [Header, Data]
    sender = await connection.open_sender("other", durable=True)
    await sender.send(Message(b"x"))
    delivery = await (await connection.open_receiver("other")).receive(timeout=10)
    assert delivery.raw == Header(durable=True).encode() + Data(b"x").encode()


RESERVED = [Symbol("foo"), Symbol("x-foo"), ULong(1)]


@pytest.mark.requirement("messaging-3.2.10-03")
@pytest.mark.parametrize("key", RESERVED, ids=repr)
def test_an_application_that_does_not_understand_a_key_detaches(key: Any) -> None:
    # What is understood only the application knows: it gets every key with its type, and says so.
    rig = wire.opened_client()
    link = wire.attach_receiver(rig, wire.begin_session(rig), credit=10)
    octets = Message(b"x", message_annotations={key: 1, "x-opt-a": 1}).encode()
    rig.receive(wire.transfer(0), payload=octets)
    message = Message.decode(rig.event(DeliveryReceived).delivery.payload)
    annotations = message.message_annotations
    assert isinstance(annotations, Map)
    strange = [each for each in annotations if not str(each).startswith("x-opt-")]
    assert [(type(each), each) for each in strange] == [(type(key), key)]
    rig.forget()
    link.detach(error=Error(condition=AmqpErrorCondition.NOT_IMPLEMENTED, description=f"annotation {key!r}"))
    detach = rig.one(wire.Detach)
    assert detach.closed
    assert detach.error is not None
    assert detach.error.condition == "amqp:not-implemented"
    rig.receive(wire.Detach(handle=0, closed=True))
    assert rig.event(LinkFailed).link is link
