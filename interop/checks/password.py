"""A wrong password: refused as such, however long the peer takes to say so."""

import amqp
from interop.errors import CheckFailed
from interop.fronts import Front
from interop.peers import Peer
from interop.peers.base import WRONG_PASSWORD


async def wrong_password(peer: Peer, front: Front, _messages: int) -> str:
    """Connect with a password that the peer refuses; RabbitMQ lets three seconds pass before it answers."""
    try:
        connection = await front.connect(peer.wrong_password_url, connect_timeout=15)
    except amqp.AuthenticationFailed as error:
        if WRONG_PASSWORD in repr(error):
            raise CheckFailed(f"the error shows the password: {error!r}") from None
        return f"AuthenticationFailed: {error.description}"
    await connection.close()
    raise CheckFailed("the peer took a wrong password")
