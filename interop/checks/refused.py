"""A refused attach: a typed error in bounded time, and a connection that goes on."""

import amqp
from interop.errors import CheckFailed
from interop.expect import wrong
from interop.fronts import Front
from interop.peers import Peer


async def refused(peer: Peer, front: Front, _messages: int) -> str:
    """Open a receiver where the peer refuses one, then send and receive on the same connection."""
    async with front.connect(peer.url) as connection:
        error = await _refusal(connection, peer)
        if not connection.is_open:
            raise CheckFailed(f"the connection did not survive the refusal: {error}")
        address = peer.address("refused")
        async with connection.open_sender(address) as sender, connection.open_receiver(address) as receiver:
            await sender.send(amqp.Message("still here"))
            delivery = await receiver.receive()
            if delivery.message.body != "still here":
                wrong("the message after the refusal", "still here", delivery.message.body)
            await delivery.accept()
    return f"{type(error).__name__} {error.condition}, and the connection went on"


async def _refusal(connection: amqp.Connection, peer: Peer) -> amqp.AmqpFault:
    expected = amqp.SessionEnded if peer.refusal_ends_session else amqp.AttachRefused
    try:
        await connection.open_receiver(peer.refused_address)
    except (amqp.AttachRefused, amqp.SessionEnded) as error:
        if type(error) is not expected or error.condition != peer.refusal_condition:
            wrong("the refusal", f"{expected.__name__} {peer.refusal_condition}", error)
        return error
    raise CheckFailed(f"the peer took a receiver from {peer.refused_address}")
