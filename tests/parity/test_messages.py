"""Messages, outcomes and errors, as a user of the Go client knows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

import amqp
from amqp.engine import DeliveryUpdated
from tests.aio.peer import SOON, Peer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CONDITIONS = [
    "amqp:internal-error",
    "amqp:not-found",
    "amqp:unauthorized-access",
    "amqp:decode-error",
    "amqp:resource-limit-exceeded",
    "amqp:not-allowed",
    "amqp:invalid-field",
    "amqp:not-implemented",
    "amqp:resource-locked",
    "amqp:precondition-failed",
    "amqp:resource-deleted",
    "amqp:illegal-state",
    "amqp:frame-size-too-small",
    "amqp:connection:forced",
    "amqp:connection:framing-error",
    "amqp:connection:redirect",
    "amqp:session:window-violation",
    "amqp:session:errant-link",
    "amqp:session:handle-in-use",
    "amqp:session:unattached-handle",
    "amqp:link:detach-forced",
    "amqp:link:transfer-limit-exceeded",
    "amqp:link:message-size-exceeded",
    "amqp:link:redirect",
    "amqp:link:stolen",
]


def over_the_wire(message: amqp.Message) -> amqp.Message:
    return amqp.Message.decode(message.encode())


async def sent(peer: Peer, message: amqp.Message, **options: object) -> amqp.Delivery:
    """Send *message* to the peer, have it sent back, and take it."""
    async with amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        await sender.send(message, **options)  # type: ignore[arg-type]  # the options of send
        came = peer.deliveries.popleft()
        receiver = await connection.open_receiver("q")
        await peer.until(lambda: peer.sender().credit)
        peer.sender().send(came.payload, tag=came.tag, message_format=came.message_format)
        peer.flush()
        delivery = await receiver.receive(timeout=SOON)
        await delivery.accept()
        return delivery


async def test_message_format(peer: Peer) -> None:
    delivery = await sent(peer, amqp.Message(b"x", format=0x0102_0304))
    assert delivery.format == delivery.message.format == 0x0102_0304


async def test_message_delivery_tag(peer: Peer) -> None:
    assert (await sent(peer, amqp.Message(b"x"), tag=b"mine")).tag == b"mine"


def test_message_header() -> None:
    header = amqp.Header(durable=True, priority=9, ttl=5_000, first_acquirer=True, delivery_count=3)
    came = over_the_wire(amqp.Message(b"x", header=header)).header
    assert came == header
    assert over_the_wire(amqp.Message(b"x")).header is None


def test_message_delivery_annotations() -> None:
    came = over_the_wire(amqp.Message(b"x", delivery_annotations={"x-opt-a": 1})).delivery_annotations
    assert came == {amqp.Symbol("x-opt-a"): 1}


def test_message_annotations() -> None:
    came = over_the_wire(amqp.Message(b"x", message_annotations={"x-opt-a": "b"})).message_annotations
    assert came == {amqp.Symbol("x-opt-a"): "b"}


def test_message_properties() -> None:
    now = amqp.Timestamp.from_datetime(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    properties = amqp.Properties(
        message_id=UUID(int=7),
        user_id=b"user",
        to="to",
        subject="subject",
        reply_to="reply-to",
        correlation_id=amqp.ULong(8),
        content_type=amqp.Symbol("text/plain"),
        content_encoding=amqp.Symbol("gzip"),
        absolute_expiry_time=now,
        creation_time=now,
        group_id="group",
        group_sequence=9,
        reply_to_group_id="replies",
    )
    assert over_the_wire(amqp.Message(b"x", properties=properties)).properties == properties
    for identity in ("text", b"octets", amqp.ULong(1), UUID(int=1)):
        came = over_the_wire(amqp.Message(b"x", properties=amqp.Properties(message_id=identity))).properties
        assert came is not None
        assert came.message_id == identity


def test_message_application_properties() -> None:
    came = over_the_wire(amqp.Message(b"x", application_properties={"a": 1, "b": "c"})).application_properties
    assert came == {"a": 1, "b": "c"}


def test_message_data() -> None:
    assert over_the_wire(amqp.Message(b"one")).sections == (amqp.Data(b"one"),)
    several = [amqp.Data(b"one"), amqp.Data(b"two")]
    assert over_the_wire(amqp.Message(several)).sections == tuple(several)


@pytest.mark.parametrize("value", ["text", 1, 1.5, True, None, [1, "a"], {"a": 1}], ids=repr)
def test_message_value(value: amqp.Value) -> None:
    assert over_the_wire(amqp.Message(amqp.AmqpValue(value))).body == value


def test_message_footer() -> None:
    assert over_the_wire(amqp.Message(b"x", footer={"sum": 1})).footer == {amqp.Symbol("sum"): 1}


async def test_message_send_settled(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        assert await sender.send(amqp.Message(1), settled=True) is None
        assert await sender.send(amqp.Message(2)) == amqp.Accepted()
        await peer.until(lambda: len(peer.deliveries) == 2)
        assert [delivery.remote_settled for delivery in peer.deliveries] == [True, False]


def test_message_marshal_binary() -> None:
    assert amqp.Message(b"hello").encode() == b"\x00\x53\x75\xa0\x05hello"
    with pytest.raises(amqp.EncodeError, match="needs a body"):
        amqp.Message().encode()


def test_message_unmarshal_binary() -> None:
    assert amqp.Message.decode(b"\x00\x53\x75\xa0\x05hello") == amqp.Message(b"hello")
    with pytest.raises(amqp.DecodeError):
        amqp.Message.decode(b"\x00\x53\x75\xa0\x05hell")


def test_message_get_data() -> None:
    assert amqp.Message([amqp.Data(b"one"), amqp.Data(b"two")]).body == b"onetwo"


async def outcome(peer: Peer, decide: Callable[[amqp.Delivery], Awaitable[None]]) -> object:
    """Return the outcome that a server is told where *decide* does."""
    async with amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        await peer.send(1)
        await decide(await receiver.receive(timeout=SOON))
        return (await peer.until_told(DeliveryUpdated)).state


async def test_message_accept(peer: Peer) -> None:
    assert await outcome(peer, lambda delivery: delivery.accept()) == amqp.Accepted()


async def test_message_reject(peer: Peer) -> None:
    error = amqp.Error(condition="example:bad", description="no good", info={"line": 3})
    assert await outcome(peer, lambda delivery: delivery.reject(error)) == amqp.Rejected(error=error)


async def test_message_release(peer: Peer) -> None:
    assert await outcome(peer, lambda delivery: delivery.release()) == amqp.Released()


async def test_message_modify(peer: Peer) -> None:
    def modify(delivery: amqp.Delivery) -> Awaitable[None]:
        return delivery.modify(
            delivery_failed=True, undeliverable_here=True, message_annotations={"x-opt-a": 1}
        )

    assert await outcome(peer, modify) == amqp.Modified(
        delivery_failed=True, undeliverable_here=True, message_annotations={"x-opt-a": 1}
    )


async def test_error(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        peer.silent.add("outcome")
        sender = await connection.open_sender("q")
        pending = await sender.submit(amqp.Message(1))
        await peer.until(lambda: peer.deliveries)
        error = amqp.Error(condition="example:bad", description="no good", info={"line": 3})
        peer.deliveries[0].settle(amqp.Rejected(error=error))
        peer.flush()
        with pytest.raises(amqp.MessageRejected, match="no good") as caught:
            await pending
        assert caught.value.condition == "example:bad"
        assert caught.value.info == {"line": 3}


def test_error_condition() -> None:
    named = {
        str(condition)
        for kind in (
            amqp.AmqpErrorCondition,
            amqp.ConnectionErrorCondition,
            amqp.SessionErrorCondition,
            amqp.LinkErrorCondition,
        )
        for condition in kind
    }
    assert len(CONDITIONS) == 25
    assert set(CONDITIONS) <= named


async def test_detach_error(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        peer.sender().detach(error=amqp.Error(condition="amqp:link:detach-forced", description="go away"))
        peer.flush()
        with pytest.raises(amqp.LinkDetached, match="go away") as caught:
            await receiver.receive(timeout=SOON)
        assert caught.value.condition == amqp.LinkErrorCondition.DETACH_FORCED
        # Without an error, there is no condition.
        other = await connection.open_receiver("q")
        peer.sender().detach()
        peer.flush()
        with pytest.raises(amqp.LinkDetached) as caught:
            await other.receive(timeout=SOON)
        assert caught.value.condition is None


async def test_err_session_closed(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        session = await connection.open_session()
        receiver = await session.open_receiver("q")
        await session.close()
        with pytest.raises(amqp.SessionEnded, match="closed"):
            await receiver.receive()


async def test_err_link_closed(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        await receiver.close()
        with pytest.raises(amqp.LinkDetached, match="closed"):
            await receiver.receive()


async def test_err_conn_closed(peer: Peer) -> None:
    connection = await amqp.connect(peer.url)
    receiver = await connection.open_receiver("q")
    await connection.close()
    with pytest.raises(amqp.ConnectionClosed, match="closed"):
        await receiver.receive()


async def test_err_timeout(peer: Peer) -> None:
    async with amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        with pytest.raises(amqp.OperationTimeout):
            await receiver.receive(timeout=0.01)
        with pytest.raises(TimeoutError):
            await receiver.receive(timeout=0.01)


def test_array_ubyte() -> None:
    array = amqp.Array(amqp.UByte, [amqp.UByte(1), amqp.UByte(255)])
    came = over_the_wire(amqp.Message(amqp.AmqpValue(array))).body
    assert amqp.identical(came, array)


def test_uuid() -> None:
    value = UUID("01234567-89ab-cdef-0123-456789abcdef")
    assert over_the_wire(amqp.Message(value)).body == value
    assert str(value) == "01234567-89ab-cdef-0123-456789abcdef"


def test_annotations() -> None:
    came = over_the_wire(amqp.Message(b"x", message_annotations={"text": 1, 7: 2})).message_annotations
    assert came is not None
    assert {type(key) for key in came} == {amqp.Symbol, amqp.ULong}
    assert (came["text"], came[7]) == (1, 2)
