"""Streams for the blocking front end: they never block; who drives the connection waits until they are ready."""

from __future__ import annotations

import math
import socket
import time
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, Protocol

from amqp.transport import tls
from amqp.transport.privacy import is_address, is_private_socket
from amqp.transport.route import DIRECT, tune

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ssl import SSLContext

__all__ = ["SocketStream", "Stream", "StreamConnector", "connect"]

_Address = tuple[int, int, int, str, Any]

READ_SIZE: Final = 64 * 1024
"""Octets that are read in one go."""


class Stream(Protocol):
    """A connected stream. Its methods return at once, and are called by one thread at a time.

    Raises:
        OSError: the stream is broken; so may every method but ``close``.
    """

    @property
    def private(self) -> bool:
        """Whether nobody on the way can read along (E1)."""
        ...

    @property
    def unwritten(self) -> bool:
        """Whether the stream holds octets of its own that wait for room."""
        ...

    def fileno(self) -> int:
        """Return what a selector waits for."""
        ...

    def read(self) -> bytes | None:
        """Return what has come; None: nothing now; ``b""``: nothing any more."""
        ...

    def write(self, data: memoryview) -> int:
        """Write what there is room for, and return how many octets that was; with nothing, only what it held."""
        ...

    def close(self) -> None:
        """Let go of it at once. It raises nothing."""
        ...


class StreamConnector(Protocol):
    """Makes a stream to a host, as ``transport=`` of ``amqp.sync.connect``.

    Raises:
        OSError: the host cannot be reached, or TLS does not come up; TimeoutError when that took too long.
    """

    def __call__(
        self,
        host: str,
        port: int,
        *,
        timeout: float,
        ssl: SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> Stream:
        """Return the stream; *timeout* is in seconds, for all of it."""
        ...


class SocketStream:
    """A connected socket as it is."""

    __slots__ = ("_socket",)

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._socket = connected

    @property
    def private(self) -> bool:
        """Whether nobody on the way can read along."""
        return is_private_socket(self._socket)

    @property
    def unwritten(self) -> bool:
        """Whether it holds octets: never."""
        return False

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._socket.fileno()

    def read(self) -> bytes | None:
        """Return what has come, None or ``b""``."""
        try:
            return self._socket.recv(READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return None

    def write(self, data: memoryview) -> int:
        """Write what there is room for."""
        if not data:
            return 0
        try:
            return self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def connect(
    host: str,
    port: int,
    *,
    timeout: float,
    ssl: SSLContext | None = None,
    server_hostname: str | None = None,
) -> Stream:
    """Connect to *host* by TCP; with *ssl* the certificate is checked for *server_hostname*, by default *host*.

    The addresses of a name are tried in turn, each for its share of the time that is left.

    Raises:
        OSError: the name is not known, the host cannot be reached, or TLS does not come up; TimeoutError when that
            took longer than *timeout*.
    """
    end = time.monotonic() + timeout
    connected = connect_socket(host, port, end)
    try:
        tune(connected, DIRECT)
        if ssl is None:
            return SocketStream(connected)
        return tls.wrap(connected, ssl, server_hostname or host, timeout=end - time.monotonic())
    except BaseException:
        connected.close()
        raise


def connect_socket(host: str, port: int, end: float) -> socket.socket:
    """Return a socket that is connected to *host*; *end* is when ``time.monotonic`` says that it took too long.

    Raises:
        OSError: as for :func:`connect`.
    """
    found = _look_up(host, port, end)
    errors: list[OSError] = []
    for tried, (family, kind, protocol, _, address) in enumerate(found):
        connected = socket.socket(family, kind, protocol)
        try:
            left = time_left(end)
            connected.settimeout(None if left is None else left / (len(found) - tried))
            connected.connect(address)
        except OSError as error:
            connected.close()
            errors.append(error)
        except BaseException:
            connected.close()
            raise
        else:
            return connected
    if len(errors) == 1:
        raise errors[0]
    raise OSError("; ".join(str(error) for error in errors)) from ExceptionGroup("each address", errors)


def _look_up(host: str, port: int, end: float) -> Sequence[_Address]:
    # The system's resolver knows no deadline, so who waits for it does so from another thread.
    answers: SimpleQueue[Sequence[_Address] | Exception] = SimpleQueue()

    def asking() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    if is_address(host):
        asking()
    else:
        Thread(target=asking, name="amqp look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=time_left(end))
    except Empty:
        raise TimeoutError(f"the look-up of {host!r} took too long") from None
    if isinstance(answer, OSError):
        raise answer
    if isinstance(answer, Exception):
        raise OSError(f"{host!r} is no name of a host") from answer
    return answer


def time_left(end: float) -> float | None:
    """Return the seconds to *end*; None is no limit.

    Raises:
        TimeoutError: there are none.
    """
    if math.isinf(end):
        return None
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left
