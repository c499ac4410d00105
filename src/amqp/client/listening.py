"""The arguments of ``listen``, read once for every front end, and the engine of each connection that comes in."""

from __future__ import annotations

import logging
import os
import socket
import ssl
import stat
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from inspect import iscoroutinefunction
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypedDict, cast
from urllib.parse import quote

from amqp.checks import check_instance, check_int, check_seconds, check_str, wrong_type
from amqp.client.faults import is_of_the_end
from amqp.client.settings import CLOSE_TIMEOUT, OPERATION_TIMEOUT
from amqp.client.trace import frame_hook
from amqp.client.url import parse_listening_url
from amqp.engine import Engine, FrameHook
from amqp.errors import LocalError, Refusal
from amqp.options import (
    MAX_BUFFERED,
    PRE_OPEN_MAX_FRAME_SIZE,
    ConnectionOptions,
    SessionOptions,
    new_container_id,
)
from amqp.sasl import AnonymousServer, Failure, SaslServer
from amqp.transport.framing import websockets_part
from amqp.transport.privacy import is_loopback
from amqp.transport.upgrading import EARLY_FRAME, Terms
from amqp_spec import (
    DEFAULT_LIMITS,
    DEFAULT_REGISTRY,
    AmqpErrorCondition,
    ConnectionErrorCondition,
    Error,
    Limits,
    Registry,
    SaslCode,
)

if TYPE_CHECKING:
    from amqp.client.url import Endpoint

logger = logging.getLogger("amqp.client")

HANDSHAKE_TIMEOUT: Final = 10.0
"""Seconds that a client may take from its connection to its open."""

MAX_CONNECTIONS: Final = 1_000
"""Connections that a listener takes at a time."""

MAX_LINKS: Final = 1_000
"""Links that a listener takes at a time, over all its connections."""

NOT_FOUND: Final = Error(condition=AmqpErrorCondition.NOT_FOUND, description="there is no such node")
"""The answer for a link that nobody accepts."""

TOO_MANY: Final = Error(
    condition=AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED, description="there are as many links as are taken"
)
"""The answer for a link above the limit."""

TOO_MANY_SESSIONS: Final = Error(
    condition=AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED,
    description="as many sessions are looked at as may be there at a time",
)
"""The answer for a session while handlers are at work for as many as a connection may have, gone ones among them."""

FORCED: Final = Error(
    condition=ConnectionErrorCondition.CONNECTION_FORCED, description="the service shuts down"
)
"""What the clients of a listener that closes are told."""


class Client:
    """What a listener knows of a client before SASL; for ``sasl=`` of ``listen`` where that is a function."""

    def __init__(self, certificate: Callable[[], Any]) -> None:
        self._certificate = certificate

    @property
    def certificate(self) -> Mapping[str, Any] | None:
        """The client's certificate, verified, as ``ssl.SSLSocket.getpeercert()`` returns it; None where there is none.

        It is there when a mechanism is asked to judge, and not before: TLS comes up in between.
        """
        return self._certificate() or None


MakeSasl = Callable[[Client], SaslServer]
"""Makes what is offered to one client."""


class ListenArguments(TypedDict, total=False):
    """What ``listen`` takes by name in every front end."""

    container_id: str | None
    """The name of this container (2.7.1); None makes one that nobody else has."""
    sasl: SaslServer | MakeSasl | None
    """The mechanisms to offer, or a function that makes them for a :class:`Client`. None: ANONYMOUS, and clients without a SASL layer, on loopback alone."""
    max_connections: int
    """Connections at a time; one more is dropped at once."""
    max_links: int
    """Links at a time over all connections, and so handlers; one more is refused."""
    max_frame_size: int
    """The largest frame this side takes, 512 to 2^32-1 octets."""
    channel_max: int
    """One less than the number of sessions of a connection, 0 to 65535."""
    handle_max: int
    """One less than the number of links of a session, 0 to 2^32-1."""
    incoming_window: int
    """Transfer frames that a client may send ahead on a session, 1 to 2^31-1."""
    idle_timeout: float | None
    """A connection is lost when nothing came for so many seconds (2.4.5); None waits for ever."""
    handshake_timeout: float
    """Seconds that a client may take from its connection to its open."""
    close_timeout: float
    """Seconds that a client may take to read what is left and to answer a close."""
    operation_timeout: float
    """Seconds that an operation may take which is given no ``timeout``; ``math.inf`` for no limit."""
    properties: Mapping[str, Any] | None
    """Connection properties to send."""
    offered_capabilities: Sequence[str] | None
    """Extensions that this side supports."""
    desired_capabilities: Sequence[str] | None
    """Extensions that this side may use if the client supports them."""
    registry: Registry
    """Which described types become classes in what clients send."""
    limits: Limits
    """What performatives and messages of a client may hold."""
    max_buffered: int
    """Octets of deliveries that have come in part, on one connection."""
    pre_open_max_frame_size: int
    """The largest frame this side takes before a client's open, 512 to 2^32-1 octets."""
    on_frame: FrameHook | None
    """Called for every frame, in and out, with direction, channel, performative and payload size."""


@dataclass(slots=True, frozen=True)
class ListenSettings:
    """How to serve."""

    options: ConnectionOptions
    session_options: SessionOptions
    sasl: SaslServer | MakeSasl | None
    max_connections: int
    max_links: int
    handshake_timeout: float
    close_timeout: float
    operation_timeout: float
    on_frame: FrameHook | None


def listen_settings(
    *,
    container_id: str | None = None,
    sasl: SaslServer | MakeSasl | None = None,
    max_connections: int = MAX_CONNECTIONS,
    max_links: int = MAX_LINKS,
    max_frame_size: int = 65_536,
    channel_max: int = 63,
    handle_max: int = 255,
    incoming_window: int = 2_048,
    idle_timeout: float | None = 60.0,
    handshake_timeout: float = HANDSHAKE_TIMEOUT,
    close_timeout: float = CLOSE_TIMEOUT,
    operation_timeout: float = OPERATION_TIMEOUT,
    properties: Mapping[str, Any] | None = None,
    offered_capabilities: Sequence[str] | None = None,
    desired_capabilities: Sequence[str] | None = None,
    registry: Registry = DEFAULT_REGISTRY,
    limits: Limits = DEFAULT_LIMITS,
    max_buffered: int = MAX_BUFFERED,
    pre_open_max_frame_size: int = PRE_OPEN_MAX_FRAME_SIZE,
    on_frame: FrameHook | None = None,
) -> ListenSettings:
    """Read the arguments of ``listen``.

    Raises:
        LocalError: one of them is of another type or out of its range.
    """
    check_str("container_id", container_id)
    if sasl is not None and not callable(sasl):
        check_instance(
            "sasl", sasl, SaslServer, "an amqp.sasl.SaslServer, a function that makes one, or None"
        )
    check_int("max_connections", max_connections, 1, 2**31)
    check_int("max_links", max_links, 1, 2**31)
    for name, seconds in (
        ("handshake_timeout", handshake_timeout),
        ("close_timeout", close_timeout),
        ("operation_timeout", operation_timeout),
    ):
        check_seconds(name, seconds)
    if on_frame is not None and not callable(on_frame):
        raise wrong_type("on_frame", on_frame, "something that can be called, or None")
    options = ConnectionOptions(
        container_id=container_id or new_container_id(),
        max_frame_size=max_frame_size,
        channel_max=channel_max,
        idle_timeout=idle_timeout,
        properties=properties,
        offered_capabilities=offered_capabilities,
        desired_capabilities=desired_capabilities,
        registry=registry,
        limits=limits,
        max_buffered=max_buffered,
        pre_open_max_frame_size=pre_open_max_frame_size,
    )
    return ListenSettings(
        options,
        SessionOptions(handle_max=handle_max, incoming_window=incoming_window),
        sasl,
        max_connections,
        max_links,
        handshake_timeout,
        close_timeout,
        operation_timeout,
        on_frame,
    )


def check_handlers(**handlers: object) -> None:
    """Refuse handlers that cannot be called; None is no handler, but for the one of links.

    Raises:
        LocalError: one cannot be called.
    """
    for name, handler in handlers.items():
        if not callable(handler) and (handler is not None or name == "handler"):
            raise wrong_type(name, handler, "something that can be called")


def check_plain(**handlers: object) -> None:
    """Refuse coroutine functions, where threads call the handlers: nobody would await what they return.

    Raises:
        LocalError: one is a coroutine function.
    """
    for name, handler in handlers.items():
        if iscoroutinefunction(handler):
            raise LocalError(f"{name} takes a plain function, not an async one: that is for amqp.listen")


def where_to_listen(
    where: object, settings: ListenSettings, ssl_context: ssl.SSLContext | None
) -> tuple[Endpoint | socket.socket, SaslServer | MakeSasl]:
    """Return where to listen, and what to offer to those who come.

    Raises:
        LocalError: *where* is no URL and no bound socket, it has ``amqps`` without *ssl_context* or the other way round,
            everybody could come in and nothing says that this is meant, or websockets is not installed and wanted.
    """
    if ssl_context is not None:
        check_instance("ssl_context", ssl_context, ssl.SSLContext, "an ssl.SSLContext or None")
    if isinstance(where, socket.socket):
        return where, _sasl(settings, loopback=_is_local_socket(where), where="the socket")
    endpoint = parse_listening_url(where)
    secure = "wss" if endpoint.kind == "websocket" else "amqps"
    if endpoint.tls and ssl_context is None:
        raise LocalError(
            f"{endpoint}: {secure}:// needs ssl_context=, an ssl.SSLContext of PROTOCOL_TLS_SERVER with a certificate"
        )
    if ssl_context is not None and not endpoint.tls:
        raise LocalError(f"{endpoint}: ssl_context= is for {secure}://, and this would not use TLS")
    if endpoint.kind == "websocket":
        websockets_part("server")
    loopback = endpoint.kind == "unix" or is_loopback(endpoint.host)
    return endpoint, _sasl(settings, loopback=loopback, where=str(endpoint))


def websocket_terms(endpoint: Endpoint | socket.socket, settings: ListenSettings) -> Terms | None:
    """Return whom to take by WebSocket; None where there is none."""
    if isinstance(endpoint, socket.socket) or endpoint.kind != "websocket":
        return None
    # Who asks for no password takes everybody of this machine: but a browser lets any page of anywhere connect.
    return Terms(
        path=endpoint.path,
        local_pages=settings.sasl is None,
        early_frame=EARLY_FRAME + settings.options.pre_open_max_frame_size,
    )


def bind_unix(path: str) -> socket.socket:
    """Return a socket on *path*; one that is there already gives way, for a process that ended may have left it.

    Raises:
        OSError: the path cannot be had.
        LocalError: the system has no Unix sockets.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise LocalError("this system has no Unix sockets")
    bound = socket.socket(socket.AF_UNIX)
    try:
        with suppress(FileNotFoundError):
            if stat.S_ISSOCK(os.stat(path).st_mode):
                os.unlink(path)
        bound.bind(path)
    except BaseException:
        bound.close()
        raise
    return bound


def remove_unix(endpoint: Endpoint | None) -> None:
    """Remove the path that was bound for *endpoint*, if it has one."""
    if endpoint is not None and endpoint.kind == "unix":
        with suppress(OSError):
            os.unlink(endpoint.path)


def server_engine(
    settings: ListenSettings, sasl: SaslServer | MakeSasl, peer: str, certificate: Callable[[], Any]
) -> Engine:
    """Return the engine of a connection that comes in from *peer*; *certificate* returns its certificate, if any."""
    if not isinstance(sasl, SaslServer):
        sasl = _made(sasl, Client(certificate))
    return Engine(settings.options, role="server", sasl=sasl, on_frame=frame_hook(settings.on_frame, peer))


class _Nobody:
    """Lets nobody in, for a fault of this side (5.3.3.6)."""

    def step(self, response: bytes | None) -> Failure:
        return Failure(SaslCode.SYS)


def _made(make: MakeSasl, client: Client) -> SaslServer:
    try:
        made = make(client)
        check_instance("sasl", made, SaslServer, "a function that returns an amqp.sasl.SaslServer")
    except Exception:
        logger.exception("the function given as sasl= failed, so the client is refused")
        return SaslServer({"ANONYMOUS": _Nobody})
    return made


def name_of(address: object) -> str:
    """Return what to call a client at *address* in errors and logs."""
    if not isinstance(address, tuple):
        return str(address) if address else "a client"
    host, port = cast("tuple[str, int]", address[:2])
    return f"{f'[{host}]' if ':' in host else host}:{port}"


def port_of(address: object) -> int:
    """Return the port of the *address* of a listener.

    Raises:
        LocalError: it is no address of TCP.
    """
    if not isinstance(address, tuple):
        raise LocalError(f"a socket on {address!r} has no port")
    return cast("tuple[str, int]", address)[1]


def url_of(address: object, endpoint: Endpoint | None, *, tls: bool) -> str:
    """Return what to give to ``connect`` for a listener that is bound to *address*; *endpoint* is its URL if it had one.

    Raises:
        LocalError: it is no address of TCP, and no path.
    """
    if isinstance(address, str) and address.startswith("/"):
        return f"amqp+unix://{quote(address)}"
    if not isinstance(address, tuple):
        raise LocalError(
            f"a socket on {address!r} has no URL: connect a socket to it, and give that to open_over"
        )
    bound, port = cast("tuple[str, int]", address[:2])
    if endpoint is None:
        return f"{'amqps' if tls else 'amqp'}://{name_of((bound, port))}"
    return str(replace(endpoint, port=port, path="" if endpoint.path == "/" else endpoint.path))


def is_told(log: logging.Logger, peer: str, error: BaseException, *, gone: bool) -> bool:
    """Tell the log what a handler raised, unless the client was told, or it says only that what it was about is *gone*.

    Return False where somebody else has to be told: it is no ``Exception``.
    """
    if isinstance(error, Refusal):
        return True
    if gone and is_of_the_end(error):
        log.debug("a handler of %s ended with its link: %r", peer, error)
        return True
    if isinstance(error, Exception):
        log.error("a handler failed, for %s", peer, exc_info=error)
        return True
    return False


class Quota:
    """How many of something there are, and how many there may be. Any thread may take and give."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._lock = Lock()

    def take(self) -> bool:
        """Take one; False where there are as many as may be."""
        with self._lock:
            if self._left == 0:
                return False
            self._left -= 1
            return True

    def give(self) -> None:
        """Give one back."""
        with self._lock:
            self._left += 1


class Place:
    """The place of one connection among those that a listener takes. Any thread may enter and leave.

    It is given back when the connection is gone and its handlers are done: who leaves them behind and comes again would
    otherwise have any number of them at work.

    Args:
        room: what gets the place back.
        handlers: how many handlers for the connection and its sessions may be at work at a time.
    """

    def __init__(self, room: Quota, handlers: int) -> None:
        self._room = room
        self._handlers = handlers
        self._users = 1
        self._lock = Lock()

    def enter(self) -> bool:
        """Begin with one more handler; False where as many as may be are at work."""
        with self._lock:
            if self._users > self._handlers:
                return False
            self._users += 1
            return True

    def leave(self) -> None:
        """A handler is done, or the connection is gone."""
        with self._lock:
            self._users -= 1
            is_free = self._users == 0
        if is_free:
            self._room.give()


def _sasl(settings: ListenSettings, *, loopback: bool, where: str) -> SaslServer | MakeSasl:
    if settings.sasl is not None:
        return settings.sasl
    if not loopback:
        raise LocalError(
            f"others than this machine can reach {where}: say by sasl= who may come in, "
            'SaslServer({"ANONYMOUS": AnonymousServer}, optional=True) for everybody'
        )
    return SaslServer({"ANONYMOUS": AnonymousServer}, optional=True)


def _is_local_socket(bound: socket.socket) -> bool:
    if bound.type != socket.SOCK_STREAM:
        raise LocalError("listen takes a bound stream socket")
    address: object = bound.getsockname()
    if isinstance(address, tuple):
        return is_loopback(cast("tuple[str, int]", address)[0])
    return True
