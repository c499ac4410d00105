"""Octets in, octets out: what carries a connection."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any, Protocol

from amqp.transport.memory import MemoryListener

if TYPE_CHECKING:
    import asyncio
    from ssl import SSLContext

__all__ = ["Connector", "MemoryListener", "is_private"]


class Connector(Protocol):
    """Makes a transport to a host and joins it to a protocol, as ``transport=`` of ``connect``.

    Raises:
        OSError: the host cannot be reached, or TLS does not come up.
    """

    async def __call__(
        self,
        protocol: asyncio.Protocol,
        host: str,
        port: int,
        *,
        ssl: SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> asyncio.Transport:
        """Return the transport, its ``connection_made`` called."""
        ...


def is_private(transport: asyncio.BaseTransport) -> bool:
    """Tell whether nobody on the way can read along: TLS, this process, this machine's own loopback.

    The address that was connected to decides, not its name (E1).
    """
    if transport.get_extra_info("sslcontext") is not None or transport.get_extra_info("memory"):
        return True
    connected = transport.get_extra_info("socket")
    if connected is not None and connected.family == getattr(socket, "AF_UNIX", None):
        return True
    peer: Any = transport.get_extra_info("peername")
    return bool(peer) and not isinstance(peer, str) and _is_loopback(str(peer[0]))


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
