"""AMQP inside WebSocket for the blocking front end."""

from __future__ import annotations

import selectors
import time
from typing import TYPE_CHECKING, Any

from amqp.errors import LocalError
from amqp.transport import stream
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
from amqp.transport.upgrading import Upgrade

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ssl import SSLContext

    from amqp.transport.stream import Stream, StreamConnector
    from amqp.transport.upgrading import Terms

__all__ = ["AMQP", "AZURE", "WebSocketStream", "WebSocketStreams", "accept"]


class WebSocketStreams:
    """Connects by WebSocket: ``amqp.sync.connect(url, transport=WebSocketStreams())``; ``amqps`` makes it ``wss``.

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
        connect: StreamConnector | None = None,
    ) -> None:
        websockets_part("client")
        if not path.startswith("/"):
            raise LocalError(f"the path of a WebSocket begins with a slash: {path!r} does not")
        self._path = path
        self._subprotocols = tuple(subprotocols)
        self._headers = tuple(headers)
        self._connect = connect or stream.connect

    def __call__(
        self,
        host: str,
        port: int,
        *,
        timeout: float,
        ssl: SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> Stream:
        """Connect and agree on a subprotocol.

        Raises:
            OSError: the host cannot be reached, TLS does not come up, or the server does not agree.
        """
        end = time.monotonic() + timeout
        framing = client_framing(
            self._path,
            host,
            port,
            tls=ssl is not None,
            subprotocols=self._subprotocols,
            headers=self._headers,
        )
        lower = self._connect(host, port, timeout=timeout, ssl=ssl, server_hostname=server_hostname)
        upper = WebSocketStream(lower, framing)
        try:
            while not upper.shake_hands():
                _wait(upper, selectors.EVENT_READ | (selectors.EVENT_WRITE if upper.unwritten else 0), end)
        except BaseException:
            lower.close()
            raise
        return upper

    def __repr__(self) -> str:
        # The query may hold a token.
        return f"WebSocketStreams({self._path.partition('?')[0]!r})"


class WebSocketStream:
    """The stream inside a WebSocket. It never waits; what there is no room for, it keeps."""

    __slots__ = ("_began", "_came", "_ended", "_framing", "_lower", "_pings", "_rest")

    def __init__(self, lower: Stream, framing: Any) -> None:
        self._lower = lower
        self._framing = framing
        self._began = b""
        self._came = bytearray()
        self._ended = False
        self._pings = 0
        self._rest = memoryview(b"")

    @property
    def private(self) -> bool:
        """Whether nobody on the way can read along, as the stream below says."""
        return self._lower.private

    @property
    def unwritten(self) -> bool:
        """Whether octets wait for room."""
        return bool(self._rest) or self._lower.unwritten

    def fileno(self) -> int:
        """Return what a selector waits for."""
        return self._lower.fileno()

    def shake_hands(self) -> bool:
        """Take the hand-shake as far as it goes now; return whether it is done.

        Raises:
            OSError: the server does not agree.
        """
        self._flush()
        self._fill()
        framing = self._framing
        error = framing.handshake_exc
        if error is not None:
            raise not_agreed(error, self._began)
        if framing.state is framing.state.__class__.CONNECTING:
            if self._ended:
                raise ConnectionResetError("the server ended the WebSocket handshake")
            return False
        if framing.subprotocol is None:
            raise ConnectionRefusedError("no WebSocket subprotocol was agreed on")
        return True

    def answer(self, upgrade: Upgrade) -> bool:
        """Take the server's part of the handshake as far as it goes now; return whether it is done.

        Raises:
            OSError: the client is not taken, and was told so.
        """
        while not upgrade.agreed and upgrade.refused is None:
            data = self._lower.read()
            if data is None:
                return False
            if not data:
                raise ConnectionResetError("the client ended the WebSocket handshake")
            upgrade.feed(data)
        self._flush()
        if self.unwritten:
            return False
        if upgrade.refused is not None:
            raise upgrade.refused
        return True

    def take_large_frames(self) -> None:
        """The client is known now: take frames of any client."""
        take_large_frames(self._framing)

    def read(self) -> bytes | None:
        """Return what has come, None or ``b""``.

        Raises:
            OSError: it ended with a close code that says why, or the peer pings and reads no answer.
        """
        while not self._came:
            if self._ended:
                reason = why_ended(self._framing)
                if reason is not None:
                    raise reason
                return b""
            if not self._fill():
                return None
        came, self._came = bytes(self._came), bytearray()
        return came

    def write(self, data: memoryview) -> int:
        """Write what there is room for."""
        self._flush()
        if self.unwritten or not data or self._framing.close_expected():
            return 0
        piece = data[:LARGEST_SENT]
        self._framing.send_binary(piece)
        self._flush()
        return len(piece)

    def close(self) -> None:
        """Say goodbye where there is room for it, and close the stream below."""
        framing = self._framing
        try:
            if framing.state is framing.state.__class__.OPEN:
                framing.send_close(1000)
            self._flush()
        except OSError:
            pass
        self._lower.close()

    def _fill(self) -> bool:
        """Take what has come below; return False where that is nothing."""
        data = self._lower.read()
        if data is None:
            return False
        framing = self._framing
        if data:
            if len(self._began) < BEGINNING:
                self._began += data[:BEGINNING]
            framing.receive_data(data)
        else:
            framing.receive_eof()
            self._ended = True
        for event in framing.events_received():
            if hasattr(event, "opcode"):
                self._take(event)
        if framing.close_rcvd is not None or framing.close_sent is not None:
            self._ended = True
        self._flush()
        # C10: their answers are nobody's output who could be told to wait.
        if not self.unwritten:
            self._pings = 0
        elif self._pings > MAX_PINGS:
            raise unread_pings()
        return True

    def _take(self, frame: Any) -> None:
        opcodes = frame.opcode.__class__
        if frame.opcode is opcodes.TEXT:
            self._framing.fail(UNSUPPORTED_DATA, "AMQP travels in binary messages")
            self._ended = True
        elif frame.opcode is opcodes.PING:
            self._pings += 1
        elif frame.opcode in (opcodes.BINARY, opcodes.CONT):
            self._came += frame.data

    def _flush(self) -> None:
        """Write what the framing has; the end of its output is told by ``close``."""
        lower = self._lower
        while True:
            if not self._rest:
                octets = b"".join(self._framing.data_to_send())
                if not octets:
                    break
                self._rest = memoryview(octets)
            sent = lower.write(self._rest)
            self._rest = self._rest[sent:]
            if not sent:
                return
        if lower.unwritten:
            lower.write(memoryview(b""))


def accept(lower: Stream, terms: Terms, *, timeout: float) -> WebSocketStream:
    """Do the server's part of the handshake on a stream that a client connected, within *timeout* seconds.

    Raises:
        OSError: the client is not taken, and was told so; TimeoutError when it took too long.
        LocalError: websockets is not installed.
    """
    end = time.monotonic() + timeout
    upgrade = Upgrade(terms)
    upper = WebSocketStream(lower, upgrade.framing)
    while not upper.answer(upgrade):
        # Who is answered is listened to no more until the answer has gone.
        _wait(upper, selectors.EVENT_WRITE if upper.unwritten else selectors.EVENT_READ, end)
    return upper


def _wait(upper: WebSocketStream, wanted: int, end: float) -> None:
    left = stream.time_left(end)
    with selectors.DefaultSelector() as selector:
        selector.register(upper.fileno(), wanted)
        selector.select(left)
