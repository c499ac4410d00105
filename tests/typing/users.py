"""What a type checker says of the public face: read by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from typing import Any, assert_type

import amqp


async def asynchronous() -> None:
    assert_type(await amqp.connect("amqp://localhost"), amqp.Connection)
    async with amqp.connect(["amqp://a", "amqp://b"], sasl=amqp.Plain("user", "password")) as connection:
        assert_type(connection, amqp.Connection)
        assert_type(connection.is_open, bool)
        assert_type(connection.error, amqp.AmqpFault | None)
        assert_type(await connection.wait_closed(timeout=1), amqp.AmqpFault | None)
        assert_type(connection.remote_properties, Mapping[Any, Any] | None)
        assert_type(connection.remote_offered_capabilities, Sequence[str])
        session = await connection.open_session(incoming_window=10)
        assert_type(session, amqp.Session)
        sender = await session.open_sender("q", durable=True)
        assert_type(sender, amqp.Sender)
        assert_type(await sender.send(amqp.Message(b"x")), amqp.Accepted | None)
        pending = await sender.submit(amqp.Message("x"), settled=True)
        assert_type(pending, amqp.Pending)
        assert_type(await pending, amqp.Accepted | None)
        assert_type(pending.outcome, amqp.Outcome | None)
        assert_type(pending.exception(), amqp.SendError | None)
        assert_type(pending.abort(), bool)
        assert_type(sender.send_many([amqp.Message(1)]), AsyncGenerator[amqp.Pending, None])
        assert_type(await sender.send_stream([b"x"]), amqp.Accepted | None)
        async with connection.open_receiver("q", credit=10, batch=5, streaming=True) as receiver:
            assert_type(receiver, amqp.Receiver)
            assert_type(await receiver.receive(timeout=1), amqp.Delivery)
            assert_type(await receiver.receive_many(10), list[amqp.Delivery])
            async for delivery in receiver:
                assert_type(delivery, amqp.Delivery)
                assert_type(delivery.message, amqp.Message)
                assert_type(delivery.message.header, amqp.Header | None)
                assert_type(delivery.message.application_properties, Mapping[str, Any] | None)
                assert_type(delivery.tag, bytes)
                assert_type(delivery.fault, amqp.DecodeError | None)
                assert_type(delivery.chunks(), AsyncGenerator[bytes, None])
                assert_type(await delivery.head(), amqp.Message)
                assert_type(await delivery.accept(), None)


def blocking() -> None:
    with amqp.sync.connect("amqps://localhost") as connection:
        assert_type(connection, amqp.sync.Connection)
        sender = connection.open_sender("q", session="own")
        assert_type(sender, amqp.sync.Sender)
        assert_type(sender.send(amqp.Message(b"x")), amqp.Accepted | None)
        assert_type(sender.submit(amqp.Message(b"x")).result(timeout=1), amqp.Accepted | None)
        assert_type(sender.send_many([amqp.Message(1)]), Generator[amqp.sync.Pending, None, None])
        for delivery in connection.open_receiver("q"):
            assert_type(delivery, amqp.sync.Delivery)
            assert_type(delivery.chunks(), Generator[bytes, None, None])


async def wrong(connection: amqp.Connection, sender: amqp.Sender, delivery: amqp.Delivery) -> None:
    # Each of these is an error, or the comment that silences it is one.
    await connection.open_sender("q", credit=1)  # type: ignore[call-arg]  # of a receiver
    await connection.open_receiver("q", credit="1")  # type: ignore[arg-type]  # a number
    await sender.send(b"octets")  # type: ignore[arg-type]  # a Message
    await delivery.reject("why")  # type: ignore[arg-type]  # an Error
    await connection.open_sender(5)  # type: ignore[arg-type]  # an address
    delivery.tag = b"x"  # type: ignore[misc]  # the sender's to say
    amqp.nonsense  # type: ignore[attr-defined]  # there is no such name  # noqa: B018
