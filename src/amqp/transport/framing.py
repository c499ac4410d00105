"""The WebSocket protocol itself: that of the package websockets (extra ``websocket``), its part without I/O."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from amqp.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MAX_FRAGMENT", "UNSUPPORTED_DATA", "client_framing", "why_ended", "websockets_part"]

MAX_FRAGMENT: Final = 16 * 1024 * 1024
"""Octets of one WebSocket frame; of a message only what is not read yet is kept, so that needs no limit."""
UNSUPPORTED_DATA: Final = 1003
"""The status code for messages that are not binary (RFC 6455, 7.4.1)."""

_ORDINARY: Final = (1000, 1005)


def websockets_part(part: str) -> Any:
    """Return a module of websockets.

    Raises:
        LocalError: it is not installed.
    """
    try:
        return import_module(f"websockets.{part}")
    except ModuleNotFoundError as error:
        raise LocalError("AMQP over WebSocket needs websockets: pip install 'amqp10[websocket]'") from error


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
