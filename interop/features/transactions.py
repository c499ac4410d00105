"""Transactions (part 4)."""

import amqp
from interop.expect import check, nothing_more
from interop.features.says import said
from interop.fronts import Front
from interop.peers import Peer


async def transactions(peer: Peer, front: Front) -> str:
    """What is sent and accepted in a transaction counts on commit, and on rollback never was."""
    address = peer.address("features")
    async with front.connect(peer.url) as connection:
        try:
            session = await connection.open_session()
            async with session.transaction():
                pass
        except amqp.AmqpError as error:
            return f"{said(error)}{_caused_by(error)}"
        sender = await session.open_sender(address)
        receiver = await session.open_receiver(address)

        undone = await session.transaction()
        await sender.send(amqp.Message("undone"), transaction=undone)
        await nothing_more(receiver)
        await undone.rollback()
        await nothing_more(receiver)

        async with session.transaction() as transaction:
            await sender.send(amqp.Message("done"), transaction=transaction)
        delivery = await receiver.receive(timeout=10)
        check(delivery.message.body == "done", f"{delivery.message.body!r} came")
        async with session.transaction() as transaction:
            await delivery.accept(transaction=transaction)
        await receiver.close()
        async with connection.open_receiver(address) as receiver:
            await nothing_more(receiver)
    return "yes"


def _caused_by(error: amqp.AmqpError) -> str:
    cause = error.__cause__
    return f", {said(cause)}" if isinstance(cause, amqp.AmqpError) else ""
