"""Errors that the peer makes on purpose: each takes what it concerns with it, says why, and spares the rest."""

import amqp
from interop.errors import CheckFailed
from interop.expect import wrong
from interop.fronts import Front
from interop.peers import Peer


async def detached(peer: Peer, front: Front, _messages: int) -> str:
    """Send where the peer then detaches the link."""
    return await _provoke(peer, front, "$detach", amqp.LinkDetached, "amqp:resource-deleted")


async def ended(peer: Peer, front: Front, _messages: int) -> str:
    """Send where the peer then ends the session."""
    return await _provoke(peer, front, "$end", amqp.SessionEnded, "amqp:resource-limit-exceeded")


async def closed(peer: Peer, front: Front, _messages: int) -> str:
    """Send where the peer then closes the connection."""
    return await _provoke(peer, front, "$close", amqp.RemoteClosed, "amqp:connection:forced")


async def _provoke(
    peer: Peer, front: Front, address: str, expected: type[amqp.AmqpFault], condition: str
) -> str:
    async with front.connect(peer.url) as connection:
        session = await connection.open_session()
        sender = await session.open_sender(address)
        error = await _fate(sender, address)
        cause = error.__cause__
        if not isinstance(cause, expected) or cause.condition != condition:
            wrong(f"the cause of {error!r}", f"{expected.__name__} {condition}", cause)
        survives = expected is not amqp.RemoteClosed
        if connection.is_open is not survives:
            wrong("after the error, connection.is_open", survives, connection.is_open)
        if survives:
            await _still_works(connection, peer)
    return f"{type(error).__name__} because of {expected.__name__} {condition}"


async def _fate(sender: amqp.Sender, address: str) -> amqp.InDoubt:
    """Send one message and return the error: it has left, and its outcome never comes."""
    try:
        await sender.send(amqp.Message(b"provoke"))
    except amqp.InDoubt as error:
        return error
    raise CheckFailed(f"the peer accepted what was sent to {address}")


async def _still_works(connection: amqp.Connection, peer: Peer) -> None:
    async with connection.open_sender(peer.address("forced")) as sender:
        await sender.send(amqp.Message(b"and on"))
