"""What a connection begins with."""

import amqp
from interop.features.says import said
from interop.fronts import Front
from interop.peers import Peer


async def without_sasl(peer: Peer, front: Front) -> str:
    """The AMQP header first, no SASL layer."""
    return await _connects(front, peer.plain_url, sasl=())


async def anonymous(peer: Peer, front: Front) -> str:
    """SASL ANONYMOUS."""
    return await _connects(front, peer.plain_url, sasl=amqp.Anonymous())


async def unknown_virtual_host(peer: Peer, front: Front) -> str:
    """A virtual host that there is not."""
    return await _connects(front, peer.url, hostname="vhost:nowhere")


async def properties_of_the_peer(peer: Peer, front: Front) -> str:
    """What the server tells of itself."""
    async with front.connect(peer.url) as connection:
        properties = connection.remote_properties or {}
        capabilities = connection.remote_offered_capabilities
        product = str(properties.get("product", "no product"))
        return f"{product}; {', '.join(sorted(capabilities)) or 'no capabilities'}"


async def _connects(front: Front, url: str, **options: object) -> str:
    try:
        async with front.connect(url, **options) as connection:
            await connection.open_session()
    except amqp.AmqpError as error:
        return said(error)
    return "yes"
