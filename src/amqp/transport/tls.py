"""TLS for the blocking front end, by way of memory: the socket and the cipher are never in two threads at once."""

from __future__ import annotations

import math
import selectors
import ssl
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import socket

__all__ = ["TlsStream", "accept", "wrap"]

READ_SIZE: Final = 64 * 1024


class TlsStream:
    """TLS over a connected socket. Neither method waits: what the cipher wants to send and cannot yet, it keeps.

    Without *server_hostname* it is the server's part.
    """

    __slots__ = ("_incoming", "_outgoing", "_rest", "_socket", "_tls")

    def __init__(
        self, connected: socket.socket, context: ssl.SSLContext, server_hostname: str | None
    ) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._rest = memoryview(b"")
        self._tls = context.wrap_bio(
            self._incoming,
            self._outgoing,
            server_side=server_hostname is None,
            server_hostname=server_hostname,
        )

    @property
    def private(self) -> bool:
        """Whether nobody on the way can read along: so it is."""
        return True

    @property
    def certificate(self) -> dict[str, Any] | None:
        """The peer's certificate as ``ssl.SSLSocket.getpeercert()`` returns it; None where it sent none."""
        return self._tls.getpeercert()

    @property
    def unwritten(self) -> bool:
        """Whether octets of the cipher wait for room."""
        return bool(self._rest) or bool(self._outgoing.pending)

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._socket.fileno()

    def shake_hands(self) -> bool:
        """Take the hand-shake as far as it goes now; return whether it is done."""
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                if not self._fill():
                    return False
            except ssl.SSLError:
                # The peer gets to know why, where there is room for it.
                self._flush()
                raise
            else:
                self._flush()
                return not self.unwritten

    def read(self) -> bytes | None:
        """Return what has come, None or ``b""``."""
        while True:
            try:
                return self._tls.read(READ_SIZE)
            except ssl.SSLWantReadError:
                # What a renewed key or a ticket has to say goes out with the next write, or now.
                self._flush()
                if not self._fill():
                    return None
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def write(self, data: memoryview) -> int:
        """Write what there is room for."""
        self._flush()
        if self.unwritten or not data:
            return 0
        taken = self._tls.write(data)
        self._flush()
        return taken

    def close(self) -> None:
        """Close the socket; nothing is written, for AMQP has said its goodbye."""
        self._socket.close()

    def _fill(self) -> bool:
        """Take what has come on the socket; return False where that is nothing."""
        try:
            data = self._socket.recv(READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return False
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
        return True

    def _flush(self) -> None:
        while True:
            if not self._rest:
                if not self._outgoing.pending:
                    return
                self._rest = memoryview(self._outgoing.read())
            try:
                sent = self._socket.send(self._rest)
            except (BlockingIOError, InterruptedError):
                return
            self._rest = self._rest[sent:]


def wrap(
    connected: socket.socket, context: ssl.SSLContext, server_hostname: str, *, timeout: float = 30.0
) -> TlsStream:
    """Bring TLS up on *connected* within *timeout* seconds, and return it as a stream for ``open_over``.

    Raises:
        OSError: it does not come up; TimeoutError when that took too long.
    """
    return _shaken(TlsStream(connected, context, server_hostname), connected, timeout)


def accept(connected: socket.socket, context: ssl.SSLContext, *, timeout: float = 30.0) -> TlsStream:
    """Do the server's part of TLS on a socket that a client *connected*, within *timeout* seconds.

    Raises:
        OSError: it does not come up; TimeoutError when that took too long.
    """
    return _shaken(TlsStream(connected, context, None), connected, timeout)


def _shaken(stream: TlsStream, connected: socket.socket, timeout: float) -> TlsStream:
    end = time.monotonic() + timeout
    while not stream.shake_hands():
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError("TLS did not come up in time")
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if stream.unwritten else 0)
        with selectors.DefaultSelector() as selector:
            selector.register(connected, wanted)
            selector.select(None if math.isinf(left) else left)
    return stream
