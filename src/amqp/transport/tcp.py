"""TCP, with TLS inside where a context is given."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from amqp.transport.privacy import is_address

if TYPE_CHECKING:
    from ssl import SSLContext

__all__ = ["connect"]

# RFC 8305: how long one address of a name may take before the next is tried beside it.
_HAPPY_EYEBALLS_DELAY = 0.25


async def connect(
    protocol: asyncio.Protocol,
    host: str,
    port: int,
    *,
    ssl: SSLContext | None = None,
    server_hostname: str | None = None,
) -> asyncio.Transport:
    """Connect to *host*; with *ssl* the certificate is checked for *server_hostname*, by default *host*.

    Raises:
        OSError: the name is not known, the host cannot be reached, or TLS does not come up.
    """
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(
        lambda: protocol,
        host,
        port,
        ssl=ssl,
        server_hostname=(server_hostname or host) if ssl is not None else None,
        # Where there is nothing to race, racing only costs: asyncio's race leaks its socket when it is cancelled late.
        happy_eyeballs_delay=None if is_address(host) else _HAPPY_EYEBALLS_DELAY,
    )
    return transport
