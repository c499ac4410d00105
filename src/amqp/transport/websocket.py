"""AMQP inside WebSocket (RFC 6455): binary messages whose borders mean nothing, under the subprotocol ``amqp``.

The WebSocket protocol itself is the package websockets' (extra ``websocket``), its part without I/O.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final, cast

from amqp.errors import LocalError
from amqp.transport.framing import (
    AMQP,
    AZURE,
    BEGINNING,
    LARGEST_SENT,
    MAX_PINGS,
    UNSUPPORTED_DATA,
    client_framing,
    not_agreed,
    take_large_frames,
    unread_pings,
    websockets_part,
    why_ended,
)
from amqp.transport.upgrading import Terms, Upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from ssl import SSLContext

    from amqp.transport import Connector

__all__ = ["AMQP", "AZURE", "ServerSocket", "WebSocketAcceptor", "WebSocketConnector", "websocket_listener"]

logger = logging.getLogger("amqp.aio")

AZURE_PATH: Final = "/$servicebus/websocket"

HANDSHAKE_TIMEOUT: Final = 10.0
"""Seconds that a client of a listener has to agree on a WebSocket."""

_Octets = bytes | bytearray | memoryview


class WebSocketConnector:
    """Connects by WebSocket: ``amqp.connect(url, transport=WebSocketConnector())``; ``amqps`` makes it ``wss``.

    Args:
        path: the path, with the query if any, that the server listens at.
        subprotocols: what to ask for, the preferred first; the server has to choose one of them.
        headers: further HTTP headers of the request. They show in no repr.
        connect: what makes the connection below; None is TCP.

    Raises:
        LocalError: *path* does not begin with a slash; websockets is not installed.
    """

    def __init__(
        self,
        path: str = "/",
        *,
        subprotocols: Sequence[str] = (AMQP,),
        headers: Sequence[tuple[str, str]] = (),
        connect: Connector | None = None,
    ) -> None:
        websockets_part("client")
        if not path.startswith("/"):
            raise LocalError(f"the path of a WebSocket begins with a slash: {path!r} does not")
        self._path = path
        self._subprotocols = tuple(subprotocols)
        self._headers = tuple(headers)
        self._connect = connect

    async def __call__(
        self,
        protocol: asyncio.Protocol,
        host: str,
        port: int,
        *,
        ssl: SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> asyncio.Transport:
        """Connect, agree on a subprotocol, and join *protocol* to the stream inside.

        Raises:
            OSError: the host cannot be reached, TLS does not come up, or the server does not agree.
        """
        from amqp.transport import tcp

        connect = self._connect or tcp.connect
        framing = client_framing(
            self._path,
            host,
            port,
            tls=ssl is not None,
            subprotocols=self._subprotocols,
            headers=self._headers,
        )
        socket = _ClientSocket(framing, protocol)
        lower = await connect(socket, host, port, ssl=ssl, server_hostname=server_hostname)
        try:
            return await socket.ready
        except BaseException:
            lower.abort()
            raise

    def __repr__(self) -> str:
        # The query may hold a token.
        return f"WebSocketConnector({self._path.partition('?')[0]!r})"


def websocket_listener(
    protocol_factory: Callable[[], asyncio.Protocol],
    *,
    subprotocols: Sequence[str] = (AMQP, AZURE),
    handshake_timeout: float = HANDSHAKE_TIMEOUT,
    local_pages: bool = False,
) -> WebSocketAcceptor:
    """Return a protocol factory for ``loop.create_server`` that takes WebSocket clients, whatever path they ask for.

    Args:
        protocol_factory: called for each client that agreed on a subprotocol; what it returns sees the stream inside.
        subprotocols: what is taken; a client that asks for none of them is refused.
        handshake_timeout: seconds after which a client that has not agreed on a WebSocket is dropped (D1).
        local_pages: take of web pages those of this machine alone, for they need no password where it needs none.

    Raises:
        LocalError: *subprotocols* names none; websockets is not installed.
    """
    if not subprotocols:
        raise LocalError("subprotocols= names none, so that no client could be taken")
    websockets_part("server")
    terms = Terms(subprotocols=tuple(subprotocols), local_pages=local_pages)
    return WebSocketAcceptor(protocol_factory, terms, handshake_timeout)


class WebSocketAcceptor:
    """A protocol factory, made by :func:`websocket_listener`."""

    def __init__(
        self, protocol_factory: Callable[[], asyncio.Protocol], terms: Terms, handshake_timeout: float
    ) -> None:
        self.protocol_factory = protocol_factory
        self.terms = terms
        self.handshake_timeout = handshake_timeout
        self.asking: dict[ServerSocket, None] = {}
        """The clients that have not agreed on a WebSocket yet."""

    def __call__(self) -> asyncio.Protocol:
        """Return the protocol of one client."""
        return _AcceptedSocket(self)

    def drop_asking(self) -> None:
        """Drop the clients that have not agreed on a WebSocket yet."""
        for socket in list(self.asking):
            socket.drop()


class _Socket(asyncio.Protocol):
    """The WebSocket on top of one TCP or TLS transport: its protocol; above it, a transport."""

    def __init__(self, framing: Any) -> None:
        self.framing = framing
        self.lower: asyncio.Transport | None = None
        self._upper: WebSocketTransport | None = None
        self._told_end = False
        self._reason: Exception | None = None
        self._pings = 0

    # -- asyncio.Protocol, below

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.lower = cast("asyncio.Transport", transport)
        self.flush()

    def data_received(self, data: bytes) -> None:
        self.framing.receive_data(data)
        for event in self.framing.events_received():
            if hasattr(event, "opcode"):
                self._on_frame(event)
            elif self._upper is None:
                self._on_answer()
        self._look()

    def eof_received(self) -> bool:
        self.framing.receive_eof()
        self._look()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.lower = None
        if self._upper is not None:
            self._upper.lost(exc or self._reason)

    def pause_writing(self) -> None:
        if self._upper is not None:
            self._upper.inner.pause_writing()

    def resume_writing(self) -> None:
        if self._upper is not None:
            self._upper.inner.resume_writing()

    # -- inside

    def flush(self) -> None:
        """Write what the framing has; an empty piece is the end of the stream."""
        lower = self.lower
        for octets in self.framing.data_to_send():
            if lower is None:
                return
            if octets:
                lower.write(octets)
            elif lower.can_write_eof():
                lower.write_eof()
            else:
                lower.close()

    def _join(self, inner: asyncio.Protocol, lower: asyncio.Transport) -> WebSocketTransport:
        self._upper = upper = WebSocketTransport(self, lower, inner)
        inner.connection_made(upper)
        return upper

    def _on_answer(self) -> None:
        """The server has answered the request."""

    def _on_frame(self, frame: Any) -> None:
        opcodes = frame.opcode.__class__
        upper = self._upper
        if frame.opcode is opcodes.TEXT:
            self.framing.fail(UNSUPPORTED_DATA, "AMQP travels in binary messages")
        elif frame.opcode is opcodes.PING:
            self._pings += 1
        elif frame.opcode in (opcodes.BINARY, opcodes.CONT) and frame.data and upper and not upper.closing:
            upper.inner.data_received(bytes(frame.data))

    def _look(self) -> None:
        """After input: answer it, and see whether it was the last."""
        self.flush()
        self._look_at_pings()
        framing = self.framing
        if framing.close_expected() and self.lower is not None:
            if self._upper is not None and not self._told_end:
                self._told_end = True
                self._reason = why_ended(framing)
                if self._reason is None:
                    self._upper.inner.eof_received()
            self.lower.close()

    def _look_at_pings(self) -> None:
        # Their answers are nobody's output who could be told to wait.
        lower = self.lower
        if self._pings and lower is not None:
            if not lower.get_write_buffer_size():
                self._pings = 0
            elif self._pings > MAX_PINGS:
                self._reason = unread_pings()
                lower.abort()


class _ClientSocket(_Socket):
    """The client's end."""

    def __init__(self, framing: Any, inner: asyncio.Protocol) -> None:
        super().__init__(framing)
        self.ready: asyncio.Future[WebSocketTransport] = asyncio.get_running_loop().create_future()
        # Who connects may have been cancelled.
        self.ready.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._inner = inner
        self._began = b""

    def data_received(self, data: bytes) -> None:
        if len(self._began) < BEGINNING:
            self._began += data[:BEGINNING]
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self.ready.done():
            self.ready.set_exception(exc or ConnectionResetError("the server ended the WebSocket handshake"))

    def _on_answer(self) -> None:
        framing = self.framing
        failure = framing.handshake_exc
        if failure is None and framing.subprotocol is None:
            failure = ConnectionRefusedError("no WebSocket subprotocol was agreed on")
            framing.fail(UNSUPPORTED_DATA)
        self.flush()
        if failure is not None:
            self._refuse(failure)
        elif self.lower is not None:
            self.ready.set_result(self._join(self._inner, self.lower))

    def _look(self) -> None:
        super()._look()
        if self.framing.handshake_exc is not None and self._upper is None:
            self._refuse(self.framing.handshake_exc)

    def _refuse(self, failure: Exception) -> None:
        if not self.ready.done():
            self.ready.set_exception(
                failure if isinstance(failure, OSError) else not_agreed(failure, self._began)
            )
        if self.lower is not None:
            self.lower.close()


class ServerSocket(_Socket):
    """The server's end.

    Args:
        terms: whom to take.
        agreed: called when the client is taken; what it returns sees the stream inside.
        gone: called when the client has gone before.
    """

    def __init__(
        self,
        terms: Terms,
        agreed: Callable[[], asyncio.Protocol],
        gone: Callable[[Exception | None], None],
    ) -> None:
        self._upgrade = Upgrade(terms)
        super().__init__(self._upgrade.framing)
        self._agreed = agreed
        self._gone = gone

    def data_received(self, data: bytes) -> None:
        """Take octets of the request, and later what is inside."""
        if self._upper is not None:
            super().data_received(data)
            return
        upgrade = self._upgrade
        upgrade.feed(data)
        self.flush()
        lower = self.lower
        if upgrade.refused is not None:
            logger.debug("a client was refused: %s", upgrade.refused)
            if lower is not None:
                lower.close()
        elif upgrade.agreed and lower is not None:
            self._join(self._agreed(), lower)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell those above, or that there are none."""
        super().connection_lost(exc)
        if self._upper is None:
            self._gone(exc)

    def drop(self) -> None:
        """Drop the client at once."""
        if self.lower is not None:
            self.lower.abort()

    def take_large_frames(self) -> None:
        """The client is known now: take frames of any client."""
        take_large_frames(self.framing)


class _AcceptedSocket(ServerSocket):
    """The same for an acceptor, which gives it its time."""

    def __init__(self, acceptor: WebSocketAcceptor) -> None:
        super().__init__(acceptor.terms, self._taken, self._forget)
        self._acceptor = acceptor
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        acceptor = self._acceptor
        acceptor.asking[self] = None
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(acceptor.handshake_timeout, self.drop)

    def _taken(self) -> asyncio.Protocol:
        self._forget(None)
        return self._acceptor.protocol_factory()

    def _forget(self, _: Exception | None) -> None:
        self._acceptor.asking.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()


class WebSocketTransport(asyncio.Transport):
    """The stream inside a WebSocket, as a transport of asyncio."""

    def __init__(self, socket: _Socket, lower: asyncio.Transport, inner: asyncio.Protocol) -> None:
        super().__init__()
        self.inner = inner
        self._socket = socket
        self._lower = lower
        self.closing = False
        """Whether this end was closed; nothing arrives here any more."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport below knows; ``subprotocol`` is what was agreed on, ``websocket`` what does the work."""
        if name == "subprotocol":
            return self._socket.framing.subprotocol
        if name == "websocket":
            return self._socket
        return self._lower.get_extra_info(name, default)

    def write(self, data: _Octets) -> None:
        """Write *data* as binary messages; nothing happens once either end is closed."""
        if data and not self.is_closing():
            octets = memoryview(data)
            for at in range(0, len(octets), LARGEST_SENT):
                self._socket.framing.send_binary(octets[at : at + LARGEST_SENT])
            self._socket.flush()

    def writelines(self, list_of_data: Iterable[_Octets]) -> None:
        """Write several pieces as if they were one."""
        self.write(b"".join(list_of_data))

    def write_eof(self) -> None:
        """Close: a WebSocket has no half-closed state."""
        self.close()

    def can_write_eof(self) -> bool:
        """Tell that there is no half-closed state."""
        return False

    def close(self) -> None:
        """Close the WebSocket (RFC 6455, 7.1.2) behind what was written."""
        if not self.closing:
            self.closing = True
            if self._socket.framing.close_sent is None and self._socket.framing.close_rcvd is None:
                self._socket.framing.send_close(1000)
                self._socket.flush()
            self._lower.close()

    def abort(self) -> None:
        """Drop the connection below at once."""
        self.closing = True
        self._lower.abort()

    def is_closing(self) -> bool:
        """Tell whether this end is closing or gone."""
        # 5.5.1 of RFC 6455: behind a close there are no more messages, of either end.
        framing = self._socket.framing
        is_over = framing.close_sent is not None or framing.close_rcvd is not None
        return self.closing or is_over or self._lower.is_closing()

    def pause_reading(self) -> None:
        """Let nothing arrive here for now."""
        self._lower.pause_reading()

    def resume_reading(self) -> None:
        """Let it arrive again."""
        self._lower.resume_reading()

    def is_reading(self) -> bool:
        """Tell whether data may arrive."""
        return self._lower.is_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set from how many octets on the writer is told to pause."""
        self._lower.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """Return the octets that the system has not taken yet."""
        return self._lower.get_write_buffer_size()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return the low and the high mark."""
        return self._lower.get_write_buffer_limits()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what arrives to *protocol* from now on."""
        self.inner = cast("asyncio.Protocol", protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol that is told what arrives."""
        return self.inner

    def lost(self, error: Exception | None) -> None:
        """Tell the protocol that the transport below is gone."""
        self.closing = True
        self.inner.connection_lost(error)
