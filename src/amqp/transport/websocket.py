"""AMQP inside WebSocket (RFC 6455): binary messages whose borders mean nothing, under the subprotocol ``amqp``.

The WebSocket protocol itself is the package websockets' (extra ``websocket``), its part without I/O.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, cast

from amqp.errors import LocalError
from amqp.transport.framing import (
    MAX_FRAGMENT,
    UNSUPPORTED_DATA,
    client_framing,
    websockets_part,
    why_ended,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from ssl import SSLContext

    from amqp.transport import Connector

__all__ = ["AMQP", "AZURE", "WebSocketConnector", "websocket_listener"]

AMQP: Final = "amqp"
"""The subprotocol of the OASIS binding."""
AZURE: Final = "AMQPWSB10"
"""The subprotocol of Azure Service Bus and Event Hubs."""
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
        socket = _Socket(framing, protocol)
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
) -> Callable[[], asyncio.Protocol]:
    """Return a protocol factory for ``loop.create_server`` that takes WebSocket clients.

    Args:
        protocol_factory: called for each client that agreed on a subprotocol; what it returns sees the stream inside.
        subprotocols: what is taken; a client that asks for none of them is refused.
        handshake_timeout: seconds after which a client that has not agreed on a WebSocket is dropped (D1).

    Raises:
        LocalError: websockets is not installed.
    """
    server = websockets_part("server")

    def accept() -> asyncio.Protocol:
        framing = server.ServerProtocol(subprotocols=tuple(subprotocols), max_size=(None, MAX_FRAGMENT))
        # Its log would show every octet, secrets among them.
        framing.debug = False
        return _Socket(framing, protocol_factory, handshake_timeout)

    return accept


class _Socket(asyncio.Protocol):
    """The WebSocket on top of one TCP or TLS transport: its protocol; above it, a transport."""

    def __init__(
        self,
        framing: Any,
        inner: asyncio.Protocol | Callable[[], asyncio.Protocol],
        handshake_timeout: float | None = None,
    ) -> None:
        self.framing = framing
        self._handshake_timeout = handshake_timeout
        self._timer: asyncio.TimerHandle | None = None
        self.ready: asyncio.Future[WebSocketTransport] = asyncio.get_running_loop().create_future()
        # Nobody may be there to ask, as at a listener.
        self.ready.add_done_callback(lambda done: done.cancelled() or done.exception())
        self.lower: asyncio.Transport | None = None
        self._inner = inner
        self._upper: WebSocketTransport | None = None
        self._told_end = False
        self._reason: Exception | None = None

    # -- asyncio.Protocol, below

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.lower = cast("asyncio.Transport", transport)
        if self._handshake_timeout is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._handshake_timeout, self._too_slow)
        self.flush()

    def data_received(self, data: bytes) -> None:
        self.framing.receive_data(data)
        for event in self.framing.events_received():
            self._on_event(event)
        self._look()

    def eof_received(self) -> bool:
        self.framing.receive_eof()
        self._look()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.lower = None
        self._stop_timer()
        if not self.ready.done():
            self.ready.set_exception(exc or ConnectionResetError("the server ended the WebSocket handshake"))
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

    def _too_slow(self) -> None:
        if self.lower is not None:
            self.lower.abort()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_event(self, event: Any) -> None:
        if hasattr(event, "opcode"):
            self._on_frame(event)
        elif self._upper is None:
            self._on_handshake(event)

    def _on_handshake(self, event: Any) -> None:
        framing = self.framing
        if hasattr(event, "path"):
            framing.send_response(framing.accept(event))
        failure = framing.handshake_exc
        if failure is None and framing.subprotocol is None:
            failure = ConnectionRefusedError("no WebSocket subprotocol was agreed on")
            framing.fail(UNSUPPORTED_DATA)
        self.flush()
        if failure is not None:
            self._refuse(failure)
        elif self.lower is not None:
            self._stop_timer()
            inner = self._inner if isinstance(self._inner, asyncio.Protocol) else self._inner()
            self._upper = WebSocketTransport(self, self.lower, inner)
            self.ready.set_result(self._upper)
            inner.connection_made(self._upper)

    def _refuse(self, failure: Exception) -> None:
        if not self.ready.done():
            told = (
                failure if isinstance(failure, OSError) else ConnectionRefusedError(f"WebSocket: {failure}")
            )
            told.__cause__ = None if told is failure else failure
            self.ready.set_exception(told)
        if self.lower is not None:
            self.lower.close()

    def _on_frame(self, frame: Any) -> None:
        opcodes = frame.opcode.__class__
        upper = self._upper
        if frame.opcode is opcodes.TEXT:
            self.framing.fail(UNSUPPORTED_DATA, "AMQP travels in binary messages")
        elif frame.opcode in (opcodes.BINARY, opcodes.CONT) and frame.data and upper and not upper.closing:
            upper.inner.data_received(bytes(frame.data))

    def _look(self) -> None:
        """After input: answer it, and see whether it was the last."""
        self.flush()
        framing = self.framing
        if framing.handshake_exc is not None and self._upper is None:
            self._refuse(framing.handshake_exc)
        if framing.close_expected() and self.lower is not None:
            if self._upper is not None and not self._told_end:
                self._told_end = True
                self._reason = why_ended(framing)
                if self._reason is None:
                    self._upper.inner.eof_received()
            self.lower.close()


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
        """Return what the transport below knows; ``subprotocol`` is what was agreed on."""
        if name == "subprotocol":
            return self._socket.framing.subprotocol
        return self._lower.get_extra_info(name, default)

    def write(self, data: _Octets) -> None:
        """Write *data* as one binary message; nothing happens once either end is closed."""
        if data and not self.is_closing():
            self._socket.framing.send_binary(data)
            self._socket.flush()

    def writelines(self, list_of_data: Iterable[_Octets]) -> None:
        """Write several pieces as one message."""
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
