"""The server's part of the WebSocket handshake (RFC 6455, 4.2), without I/O: who is taken, and what the others are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from amqp.transport.framing import AMQP, AZURE, server_framing
from amqp.transport.privacy import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["EARLY_FRAME", "LARGEST_REQUEST", "Terms", "Upgrade"]

EARLY_FRAME: Final = 64 * 1024
"""Octets of a WebSocket frame while nobody knows the client: it may ask for links ahead, but has no credit for messages."""

LARGEST_REQUEST: Final = 16 * 1024
"""Octets of a request: nobody is known yet, so it stays small."""

_END: Final = b"\r\n\r\n"
_AMQP: Final = b"AMQP"
_GET: Final = b"GET "
_CAPITALS: Final = range(ord("A"), ord("Z") + 1)


@dataclass(frozen=True, slots=True)
class Terms:
    """Whom a listener takes."""

    path: str | None = None
    """The path that clients have to ask for, whatever query they add; None: any."""
    subprotocols: tuple[str, ...] = (AMQP, AZURE)
    """Those that are taken, the preferred first."""
    local_pages: bool = False
    """Whether of the web pages that ask only those of this machine are taken. What is no browser names no page."""
    early_frame: int = EARLY_FRAME
    """Octets of the largest WebSocket frame that is taken until the client is known."""


class Upgrade:
    """The handshake with one client.

    Raises:
        LocalError: websockets is not installed.
    """

    def __init__(self, terms: Terms) -> None:
        self.framing = server_framing(terms.subprotocols, terms.early_frame)
        self.refused: ConnectionRefusedError | None = None
        """Why the client is not taken; the framing has what to tell it."""
        self._terms = terms
        self._asked = bytearray()

    @property
    def agreed(self) -> bool:
        """Whether the client is taken; the framing has the answer."""
        return self.framing.state is self.framing.state.__class__.OPEN

    def feed(self, data: bytes) -> None:
        """Take octets of the request; what comes behind a refusal is nothing to anybody."""
        if self.refused is not None:
            return
        asked = self._asked
        start = max(0, len(asked) - len(_END) + 1)
        asked += data
        end = asked.find(_END, start)
        size = len(asked) if end < 0 else end + len(_END)
        if asked.startswith(_AMQP):
            self._refuse(400, "this port takes AMQP inside WebSocket: connect to it with ws:// or wss://")
        elif asked and asked[0] not in _CAPITALS:
            self._refuse(400, "this port takes WebSocket, and this is no HTTP")
        elif size > LARGEST_REQUEST:
            self._refuse(431, f"a request has {LARGEST_REQUEST} octets at most")
        elif end >= 0 and not asked.startswith(_GET):
            self._refuse(400, "a WebSocket is asked for by GET")
        elif end >= 0 and size < len(asked):
            # 4.1: a client waits for the answer.
            self._refuse(400, "there is something behind the request")
        elif end >= 0:
            self._read_request()

    def _read_request(self) -> None:
        framing = self.framing
        framing.receive_data(bytes(self._asked))
        self._asked.clear()
        for request in framing.events_received():
            self._judge(request)
        if framing.handshake_exc is not None and self.refused is None:
            self.refused = ConnectionRefusedError(f"WebSocket: {framing.handshake_exc}")

    def _judge(self, request: Any) -> None:
        terms = self._terms
        path = request.path.partition("?")[0]
        if terms.path is not None and unquote(path) != unquote(terms.path):
            self._refuse(404, f"nothing listens at {path!r} here")
        elif terms.local_pages and not all_local(request.headers.get_all("Origin")):
            self._refuse(403, "web pages of other machines may not connect")
        else:
            self.framing.send_response(self.framing.accept(request))

    def _refuse(self, status: int, why: str) -> None:
        self.refused = ConnectionRefusedError(f"WebSocket: {why}")
        self._asked.clear()
        self.framing.send_response(self.framing.reject(status, f"{why}\n"))


def all_local(origins: Iterable[str]) -> bool:
    """Tell whether each of the *origins* (RFC 6454) that a request names is of this machine; a browser names one."""
    return all(is_loopback(_host_of(origin)) for origin in origins)


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin if "//" in origin else f"//{origin}").hostname or ""
    except ValueError:
        return ""
