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


async def more_of_it(connection: amqp.Connection, receiver: amqp.Receiver) -> None:
    async with connection.open_requester("prices", capabilities=["x"]) as prices:
        assert_type(prices, amqp.Requester)
        assert_type(await prices.request(amqp.Message("gold"), timeout=1), amqp.Message)
        assert_type(prices.reply_to, str | None)
    async with connection.open_management() as management:
        assert_type(management, amqp.Management)
        assert_type(await management.call("READ", name="hub"), amqp.ManagementReply)
    async with connection.open_rabbitmq_management() as rabbitmq:
        assert_type(await rabbitmq.declare_queue("q"), amqp.QueueInfo)
        assert_type(await rabbitmq.list_bindings("x", queue="q"), list[amqp.BindingInfo])
    async with receiver.session.transaction() as transaction:
        assert_type(transaction, amqp.Transaction)
        assert_type(transaction.status, amqp.TransactionStatus)
        receiver.issue_credit(1, transaction=transaction)
    async with connection.authorize(token, "audience") as authorization:
        assert_type(authorization, amqp.Authorization)
        assert_type(await authorization.renew(), None)
    assert_type(await connection.unsubscribe("news"), None)
    assert_type(receiver.filters, Mapping[Any, Any])
    assert_type(receiver.declined_filters, Sequence[str])
    async with amqp.listen("amqp://127.0.0.1:0", serve, limits=amqp.Limits(depth=8)) as listener:
        assert_type(listener, amqp.Listener)
        assert_type(listener.connections, list[amqp.IncomingConnection])


async def token(audience: str) -> amqp.Token:
    return amqp.Token(audience, expires_at=None)


async def serve(request: amqp.LinkRequest) -> None:
    if isinstance(request, amqp.SenderRequest):
        assert_type(await request.accept(max_unsettled=1), amqp.Sender)
    else:
        assert_type(request, amqp.ReceiverRequest)
        async with request.accept(credit=10) as receiver:
            assert_type(receiver, amqp.Receiver)
            assert_type(request.connection.identity, str | None)


def seen(error: amqp.AmqpError) -> None:
    assert_type(error.retryable, bool)
    if isinstance(error, amqp.AmqpFault):
        assert_type(error.scope, amqp.Scope)
        assert_type(error.blame, amqp.Blame)
        assert_type(error.condition, str | None)
        assert_type(error.redirect, amqp.Redirect | None)
    if isinstance(error, amqp.DeliveryNotAccepted):
        assert_type(error.outcome, amqp.Outcome)


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
        with connection.open_requester("prices") as prices:
            assert_type(prices, amqp.sync.Requester)
            assert_type(prices.request(amqp.Message("gold")), amqp.Message)
        with sender.session.transaction() as transaction:
            assert_type(transaction, amqp.sync.Transaction)
        with connection.open_management() as management:
            assert_type(management.call("READ"), amqp.ManagementReply)
    with amqp.sync.listen("amqp://127.0.0.1:0", blocking_service) as listener:
        assert_type(listener, amqp.sync.Listener)


def blocking_service(request: amqp.sync.LinkRequest) -> None:
    if isinstance(request, amqp.sync.ReceiverRequest):
        assert_type(request.accept(), amqp.sync.Receiver)


async def wrong(connection: amqp.Connection, sender: amqp.Sender, delivery: amqp.Delivery) -> None:
    # Each of these is an error, or the comment that silences it is one.
    await connection.open_sender("q", credit=1)  # type: ignore[call-arg]  # of a receiver
    await connection.open_receiver("q", credit="1")  # type: ignore[arg-type]  # a number
    await sender.send(b"octets")  # type: ignore[arg-type]  # a Message
    await delivery.reject("why")  # type: ignore[arg-type]  # an Error
    await connection.open_sender(5)  # type: ignore[arg-type]  # an address
    delivery.tag = b"x"  # type: ignore[misc]  # the sender's to say
    amqp.nonsense  # type: ignore[attr-defined]  # there is no such name  # noqa: B018
