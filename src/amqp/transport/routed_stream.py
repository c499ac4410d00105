"""Streams that are made in several steps: through a proxy, a Unix socket, TLS inside the stream, a WebSocket."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

from amqp.transport import stream, tls
from amqp.transport.preamble import Preamble, ProxyPreamble, TlsPreamble
from amqp.transport.route import DIRECT, Route, tune

if TYPE_CHECKING:
    from ssl import SSLContext

    from amqp.transport.stream import Stream, StreamConnector

__all__ = ["stream_connector"]


def stream_connector(route: Route) -> StreamConnector:
    """Return what connects by *route*.

    Raises:
        LocalError: websockets is not installed, and the route goes by WebSocket.
    """
    if route == DIRECT:
        return stream.connect
    lower = _Routed(route)
    if route.websocket_path is None:
        return lower
    from amqp.transport.websocket_stream import AMQP, AZURE, WebSocketStreams

    return WebSocketStreams(route.websocket_path, subprotocols=(AMQP, AZURE), connect=lower)


class _Routed:
    """Connects by a route, up to the TLS of it."""

    def __init__(self, route: Route) -> None:
        self._route = route

    def __call__(
        self,
        host: str,
        port: int,
        *,
        timeout: float,
        ssl: SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> Stream:
        route = self._route
        end = time.monotonic() + timeout
        if route.unix_path is not None:
            return stream.SocketStream(_unix(route.unix_path, end))
        proxy = route.proxy
        first = (host, port) if proxy is None else (proxy.host, proxy.port)
        connected = stream.connect_socket(*first, end)
        try:
            tune(connected, route)
            if proxy is not None:
                _ask(connected, ProxyPreamble(proxy.request(host, port), str(proxy)), end)
            if route.tls_in_band:
                _ask(connected, TlsPreamble(), end)
            if ssl is None:
                return stream.SocketStream(connected)
            return tls.wrap(connected, ssl, server_hostname or host, timeout=end - time.monotonic())
        except BaseException:
            connected.close()
            raise


def _unix(path: str, end: float) -> socket.socket:
    if not hasattr(socket, "AF_UNIX"):
        raise OSError("this system has no Unix sockets")
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connected.settimeout(stream.time_left(end))
        connected.connect(path)
    except BaseException:
        connected.close()
        raise
    return connected


def _ask(connected: socket.socket, preamble: Preamble, end: float) -> None:
    """Say the request and wait for the answer; what follows it stays in the socket, for TLS or AMQP."""
    connected.settimeout(stream.time_left(end))
    connected.sendall(preamble.request)
    done = False
    while not done:
        connected.settimeout(stream.time_left(end))
        done = preamble.feed(connected.recv(1))
