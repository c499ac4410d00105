"""The way to a server below AMQP: through a proxy, a Unix socket, TLS inside the stream, a WebSocket; options of TCP."""

from __future__ import annotations

import socket
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final

__all__ = ["DIRECT", "Proxy", "Route", "tune"]


@dataclass(slots=True, frozen=True)
class Proxy:
    """An HTTP proxy that makes tunnels by CONNECT (RFC 9110, 9.3.6). The password shows in no repr."""

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def request(self, host: str, port: int) -> bytes:
        """Return the request for a tunnel to *host*."""
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self.username is not None:
            pair = f"{self.username}:{self.password or ''}".encode()
            lines.append(f"Proxy-Authorization: Basic {b64encode(pair).decode()}")
        return "\r\n".join([*lines, "", ""]).encode("ascii")

    def __str__(self) -> str:
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"


@dataclass(slots=True, frozen=True)
class Route:
    """How to get to a server."""

    proxy: Proxy | None = None
    unix_path: str | None = None
    websocket_path: str | None = field(default=None, repr=False)
    """Path and query, where a token may be."""
    tls_in_band: bool = False
    nodelay: bool = True
    keepalive: float | None = None
    """Seconds of silence after which the system asks whether the other end is there; None: it never does."""


DIRECT: Final = Route()
"""TCP, with TLS from its first octet where there is any."""

_IDLE_OPTION: Final = getattr(socket, "TCP_KEEPIDLE", getattr(socket, "TCP_KEEPALIVE", None))


def tune(connected: socket.socket, route: Route) -> None:
    """Set the options of TCP that *route* asks for.

    Raises:
        OSError: the system does not take them.
    """
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(route.nodelay))
    if route.keepalive is None:
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    seconds = max(1, round(route.keepalive))
    if _IDLE_OPTION is not None:
        connected.setsockopt(socket.IPPROTO_TCP, _IDLE_OPTION, seconds)
    if hasattr(socket, "TCP_KEEPINTVL"):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, seconds)
