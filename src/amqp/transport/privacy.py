"""Whether somebody on the way can read along, which decides what may be sent in clear text (E1)."""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

__all__ = ["is_address", "is_loopback", "is_private", "is_private_socket"]


def is_private(transport: asyncio.BaseTransport) -> bool:
    """Tell whether nobody on the way can read along: TLS, this process, this machine's own loopback.

    The address that was connected to decides, not its name (E1).
    """
    if transport.get_extra_info("sslcontext") is not None or transport.get_extra_info("memory"):
        return True
    connected = transport.get_extra_info("socket")
    if connected is not None and _is_local_family(connected.family):
        return True
    return _is_private_address(transport.get_extra_info("peername"))


def is_private_socket(connected: socket.socket) -> bool:
    """Tell the same of a socket, which has no TLS."""
    return _is_local_family(connected.family) or _is_private_address(connected.getpeername())


def _is_local_family(family: int) -> bool:
    return family == getattr(socket, "AF_UNIX", None)


def _is_private_address(peer: Any) -> bool:
    return bool(peer) and not isinstance(peer, str) and _is_loopback_address(str(peer[0]))


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach *host*. Of names, that is known of ``localhost`` alone."""
    return host.lower() == "localhost" or _is_loopback_address(host)


def _is_loopback_address(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def is_address(host: str) -> bool:
    """Tell whether *host* is an address of IPv4 or IPv6, and no name."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
