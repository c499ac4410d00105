"""Octets in, octets out: what carries a connection."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from amqp.transport.privacy import is_private
from amqp.transport.stream import Stream, StreamConnector

if TYPE_CHECKING:
    import asyncio
    from ssl import SSLContext

    from amqp.transport.memory import MemoryListener

__all__ = ["Connector", "MemoryListener", "Stream", "StreamConnector", "is_private"]


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


if not TYPE_CHECKING:  # the blocking front end needs no asyncio, so nothing here loads it before it is used

    def __getattr__(name: str) -> object:
        if name == "MemoryListener":
            return import_module("amqp.transport.memory").MemoryListener
        raise AttributeError(f"module 'amqp.transport' has no attribute {name!r}")
