"""Connections of asyncio that are made in several steps: through a proxy, a Unix socket, TLS inside the stream."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from amqp.transport import tcp
from amqp.transport.preamble import Preamble, ProxyPreamble, TlsPreamble
from amqp.transport.route import DIRECT, Route, tune
from amqp.transport.tls_faults import TlsRefused

if TYPE_CHECKING:
    from ssl import SSLContext

    from amqp.transport import Connector

__all__ = ["connector"]


def connector(route: Route) -> Connector:
    """Return what connects by *route*.

    Raises:
        LocalError: websockets is not installed, and the route goes by WebSocket.
    """
    if route == DIRECT:
        return tcp.connect
    lower = _Routed(route)
    if route.websocket_path is None:
        return lower
    from amqp.transport.websocket import AMQP, AZURE, WebSocketConnector

    return WebSocketConnector(route.websocket_path, subprotocols=(AMQP, AZURE), connect=lower)


class _Routed:
    """Connects by a route, up to the TLS of it."""

    def __init__(self, route: Route) -> None:
        self._route = route

    async def __call__(
        self,
        protocol: asyncio.Protocol,
        host: str,
        port: int,
        *,
        ssl: SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> asyncio.Transport:
        route = self._route
        if route.unix_path is not None:
            return await _unix(protocol, route.unix_path)
        proxy = route.proxy
        if proxy is None and not route.tls_in_band:
            transport = await tcp.connect(protocol, host, port, ssl=ssl, server_hostname=server_hostname)
            self._tune(transport)
            return transport
        asking = _Asking()
        first = (host, port) if proxy is None else (proxy.host, proxy.port)
        transport = await tcp.connect(asking, *first)
        try:
            self._tune(transport)
            if proxy is not None:
                await asking.ask(ProxyPreamble(proxy.request(host, port), str(proxy)))
            if route.tls_in_band:
                await asking.ask(TlsPreamble())
            if ssl is None:
                asking.hand_over(protocol)
                return transport
            asking.expect_silence()
            return await _start_tls(transport, protocol, ssl, server_hostname or host)
        except BaseException:
            transport.abort()
            raise

    def _tune(self, transport: asyncio.Transport) -> None:
        connected = transport.get_extra_info("socket")
        if connected is not None:
            tune(connected, self._route)


async def _unix(protocol: asyncio.Protocol, path: str) -> asyncio.Transport:
    loop = asyncio.get_running_loop()
    if not hasattr(loop, "create_unix_connection"):
        raise OSError("this system has no Unix sockets")
    transport, _ = await loop.create_unix_connection(lambda: protocol, path)
    return transport


async def _start_tls(
    transport: asyncio.Transport, protocol: asyncio.Protocol, context: SSLContext, name: str
) -> asyncio.Transport:
    loop = asyncio.get_running_loop()
    secured = await loop.start_tls(transport, protocol, context, server_hostname=name)
    if secured is None:
        raise ConnectionResetError("the connection was lost during the TLS handshake")
    protocol.connection_made(secured)
    return secured


class _Asking(asyncio.Protocol):
    """Has preambles said and answered, then hands the stream over."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._octets = bytearray()
        self._ended = False
        self._changed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._octets += data
        self._changed.set()

    def eof_received(self) -> bool:
        self._ended = True
        self._changed.set()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._changed.set()

    async def ask(self, preamble: Preamble) -> None:
        """Say the request and wait for the answer.

        Raises:
            OSError: it is not good.
        """
        assert self._transport is not None
        self._transport.write(preamble.request)
        while not preamble.feed(await self._octet()):
            pass

    def expect_silence(self) -> None:
        """Refuse what came behind an answer: octets of the clear may not count as if they had come inside TLS (E4).

        Raises:
            OSError: something came, the end of the stream perhaps.
        """
        if self._octets:
            raise TlsRefused("octets came in clear text where TLS begins")
        self._check_alive()

    def hand_over(self, protocol: asyncio.Protocol) -> None:
        """Give the stream to *protocol*, with what has come of it already.

        Raises:
            OSError: it has ended meanwhile.
        """
        assert self._transport is not None
        self._check_alive()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        if self._octets:
            protocol.data_received(bytes(self._octets))

    def _check_alive(self) -> None:
        if self._ended:
            raise ConnectionResetError("the server closed the connection at once")

    async def _octet(self) -> bytes:
        while not self._octets:
            if self._ended:
                return b""
            self._changed.clear()
            await self._changed.wait()
        first = bytes(self._octets[:1])
        del self._octets[:1]
        return first
