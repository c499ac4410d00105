"""The WebSocket protocol itself: that of the package websockets (extra ``websocket``), its part without I/O."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from amqp.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AMQP",
    "AZURE",
    "BEGINNING",
    "LARGEST_SENT",
    "MAX_FRAGMENT",
    "MAX_PINGS",
    "OtherProtocol",
    "UNSUPPORTED_DATA",
    "client_framing",
    "not_agreed",
    "server_framing",
    "take_large_frames",
    "unread_pings",
    "websockets_part",
    "why_ended",
]

AMQP: Final = "amqp"
"""The subprotocol of the OASIS binding."""
AZURE: Final = "AMQPWSB10"
"""The subprotocol of Azure Service Bus and Event Hubs."""

BEGINNING: Final = 8
"""Octets of an answer that are kept to say what it is; a server of another protocol may have said as few."""
LARGEST_SENT: Final = 64 * 1024
"""Octets of one message of ours at most: servers on Netty or Jetty take no more, and a whole one is soon there."""
MAX_FRAGMENT: Final = 16 * 1024 * 1024
"""Octets of one WebSocket frame; of a message only what is not read yet is kept, so that needs no limit."""
MAX_PINGS: Final = 1_000
"""Pings that are answered while the peer reads none of the answers (C10)."""
UNSUPPORTED_DATA: Final = 1003
"""The status code for messages that are not binary (RFC 6455, 7.4.1)."""

_INSTALL: Final = "pip install 'amqp10[websocket]'"
_ORDINARY: Final = (1000, 1005)
_OLDEST: Final = 16
"""The first of websockets that bounds frames and messages apart."""


def websockets_part(part: str) -> Any:
    """Return a module of websockets.

    Raises:
        LocalError: it is not installed, or too old.
    """
    try:
        version = import_module("websockets.version").version
        found = import_module(f"websockets.{part}")
    except ModuleNotFoundError as error:
        raise LocalError(f"AMQP over WebSocket needs websockets: {_INSTALL}") from error
    if int(version.partition(".")[0]) < _OLDEST:
        raise LocalError(f"AMQP over WebSocket needs websockets {_OLDEST}, and {version} is here: {_INSTALL}")
    return found


def client_framing(
    path: str,
    host: str,
    port: int,
    *,
    tls: bool,
    subprotocols: Sequence[str],
    headers: Sequence[tuple[str, str]] = (),
) -> Any:
    """Return the framing of a client, its request made.

    Raises:
        LocalError: websockets is not installed.
    """
    plain, _, query = path.partition("?")
    uri = websockets_part("uri").WebSocketURI(tls, host, port, plain, query)
    framing = websockets_part("client").ClientProtocol(
        uri, subprotocols=tuple(subprotocols), max_size=(None, MAX_FRAGMENT)
    )
    # Its log would show every octet, secrets among them.
    framing.debug = False
    request = framing.connect()
    for name, value in headers:
        request.headers[name] = value
    framing.send_request(request)
    return framing


class OtherProtocol(ConnectionRefusedError):
    """What answers does not speak HTTP, and another try finds it as it is."""


def not_agreed(error: Exception, began: bytes) -> ConnectionRefusedError:
    """Return the error for a server that does not agree, by *error* of the framing; *began* is how its answer begins."""
    refused = ConnectionRefusedError if not began or began[:4] == b"HTTP" else OtherProtocol
    if not began:
        text = "the server ended the connection before it said anything: the port may begin with TLS, or be none for WebSocket"
    elif began[:4] == b"HTTP":
        text = f"WebSocket: {error.__cause__ or error}"
    elif began[:4] == b"AMQP":
        text = "the server speaks AMQP without WebSocket: connect with amqp:// or amqps://"
    elif began[:2] in (b"\x15\x03", b"\x16\x03"):
        text = "the server speaks TLS: connect with wss:// if it takes WebSocket, else with amqps://"
    else:
        text = f"what answers there speaks no HTTP, it says {began!r}: another service may have that port"
    told = refused(text)
    told.__cause__ = error
    return told


def server_framing(subprotocols: Sequence[str], largest_frame: int) -> Any:
    """Return the framing of a server for a client that is not known yet.

    Raises:
        LocalError: websockets is not installed.
    """
    framing = websockets_part("server").ServerProtocol(
        subprotocols=tuple(subprotocols), max_size=(None, largest_frame)
    )
    framing.debug = False
    return framing


def take_large_frames(framing: Any) -> None:
    """Have the framing of a server take frames of any client that is known now."""
    framing.max_fragment_size = MAX_FRAGMENT


def why_ended(framing: Any) -> ConnectionResetError | None:
    """Return what the close codes (RFC 6455, 7.4) say that ended a WebSocket; None where they say nothing of note."""
    came, sent = framing.close_rcvd, framing.close_sent
    if came is not None and (sent is None or framing.close_rcvd_then_sent):
        close, text = came, "the peer closed the WebSocket"
    else:
        close, text = sent, "the peer broke the rules of WebSocket"
    if close is None or close.code in _ORDINARY:
        return None
    return ConnectionResetError(f"{text}: {close}")


def unread_pings() -> ConnectionResetError:
    """Return why a WebSocket ends whose peer pings and reads no answer."""
    return ConnectionResetError(f"the peer sent {MAX_PINGS} pings, and reads no answer")
