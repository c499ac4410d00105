"""Who is who: mechanisms, TLS, client certificates, WebSocket."""

from collections.abc import Sequence
from typing import Any

import amqp
from interop.errors import CheckFailed
from interop.fronts import Front
from interop.peers import Peer

_QUEUE = "security"
# RabbitMQ lets three seconds pass before it tells of a refusal.
_PATIENCE = 15


async def plain(peer: Peer, front: Front, _messages: int) -> str:
    """PLAIN, on loopback in clear text."""
    await _there_and_back(peer, front, peer.plain_url, sasl=amqp.Plain("guest", "guest"))
    return "yes"


async def scram(peer: Peer, front: Front, _messages: int) -> str:
    """Every SCRAM; the strongest where the URL has the password; a wrong password; a floor."""
    for digest in ("SHA-1", "SHA-256", "SHA-512"):
        await _there_and_back(peer, front, peer.plain_url, sasl=amqp.Scram("guest", "guest", digest))
    told: list[str] = []

    def on_frame(_direction: str, _channel: int, performative: object, _size: int) -> None:
        told.append(str(getattr(performative, "mechanism", "")))

    await _there_and_back(peer, front, peer.url, sasl_floor="SCRAM-SHA-512", on_frame=on_frame)
    if "SCRAM-SHA-512" not in told:
        raise CheckFailed(f"SCRAM-SHA-512 was offered and not used: {[name for name in told if name]}")
    wrong = amqp.Scram("guest", "wrong", "SHA-256")
    await _refused(front, peer.plain_url, amqp.AuthenticationFailed, sasl=wrong)
    return "SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-512"


async def tls(peer: Peer, front: Front, _messages: int) -> str:
    """TLS on a port of its own: certificate and name are checked."""
    certificates = peer.certificates
    assert certificates is not None
    url = f"amqps://guest:guest@localhost:{peer.tls_port}"
    await _there_and_back(peer, front, url, ssl_context=certificates.trusting())
    await _refused(front, url, amqp.TlsFailed)
    trusting = certificates.trusting()
    await _refused(front, url, amqp.TlsFailed, ssl_context=trusting, server_hostname="elsewhere.test")
    await _refused(front, url.replace("amqps", "amqp"), amqp.ConnectionLost)
    await _refused(front, peer.url.replace("amqp", "amqps", 1), amqp.TlsFailed)
    return "and refused: another authority, another name, TLS without, clear text with"


async def external(peer: Peer, front: Front, _messages: int) -> str:
    """A client certificate, and the user that it names."""
    certificates = peer.certificates
    assert certificates is not None
    url = f"amqps://localhost:{peer.tls_port}"
    mine = certificates.identified(certificates.client)
    await _there_and_back(peer, front, url, ssl_context=mine, sasl=amqp.External())
    without = certificates.trusting()
    await _refused(front, url, amqp.AuthenticationFailed, ssl_context=without, sasl=amqp.External())
    another = certificates.identified(certificates.stranger)
    # RabbitMQ 3.10 resets the connection and says nothing; 4.0 says why, and that is a TlsFailed.
    await _refused(front, url, amqp.ConnectionLost, ssl_context=another, sasl=amqp.External())
    return "and refused: no certificate, that of a stranger"


async def websocket(peer: Peer, front: Front, _messages: int) -> str:
    """AMQP inside WebSocket, under the subprotocol amqp."""
    url = f"ws://guest:guest@127.0.0.1:{peer.websocket_port}"
    await _there_and_back(peer, front, url, size=1_000_000)
    await _refused(front, peer.url.replace("amqp", "ws", 1), amqp.ConnectionLost)
    return "yes"


async def _there_and_back(peer: Peer, front: Front, url: str, *, size: int = 10, **options: Any) -> None:
    body = bytes(size)
    address = peer.address(_QUEUE)
    async with front.connect(url, connect_timeout=_PATIENCE, **options) as connection:
        async with connection.open_sender(address) as sender:
            await sender.send(amqp.Message(body))
        async with connection.open_receiver(address, credit=1) as receiver:
            delivery = await receiver.receive()
            await delivery.accept()
        if delivery.message.body != body:
            raise CheckFailed("the message came back as another")


async def _refused(
    front: Front, url: str | Sequence[str], kind: type[amqp.AmqpError], **options: Any
) -> None:
    try:
        connection = await front.connect(url, connect_timeout=_PATIENCE, **options)
    except kind:
        return
    await connection.close()
    raise CheckFailed(f"{url} took a connection that should have failed with {kind.__name__}")
