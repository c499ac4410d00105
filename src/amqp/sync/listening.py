"""Listening: for services, and for doubles of servers in tests."""

from __future__ import annotations

import logging
import os
import selectors
import socket
import ssl
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Final, Self, Unpack, cast

from amqp.checks import check_options
from amqp.client.listening import (
    ListenArguments,
    bind_unix,
    check_handlers,
    check_plain,
    listen_settings,
    name_of,
    port_of,
    remove_unix,
    url_of,
    websocket_terms,
    where_to_listen,
)
from amqp.client.settings import CLOSE_TIMEOUT
from amqp.client.url import Endpoint
from amqp.errors import LocalError, OperationTimeout, Scope
from amqp.sync.server import ConnectionHandler, Server, Serving, SessionHandler
from amqp.sync.serving import IncomingConnection, LinkHandler
from amqp.sync.waiting import Deadline

__all__ = ["Listener", "listen"]

logger = logging.getLogger("amqp.sync")

_OPTIONS: Final = frozenset(ListenArguments.__annotations__)
_BACKLOG: Final = 1_024
_REST: Final = 1.0
"""Seconds for which no client is accepted after the system had no room for one."""


def listen(
    where: str | socket.socket,
    handler: LinkHandler,
    *,
    on_connection: ConnectionHandler | None = None,
    on_session: SessionHandler | None = None,
    ssl_context: ssl.SSLContext | None = None,
    **options: Unpack[ListenArguments],
) -> Listener:
    """Let clients connect, and have *handler* answer them; close it, or use it with ``with``.

    Args:
        where: ``amqp://host:port``, or ``amqps://`` for TLS; port 0 takes one that is free, no port is 5672, with TLS 5671.
            ``amqp+unix:///path`` for a Unix socket. ``ws://host:port/path`` or ``wss://`` for WebSocket (80 and 443; extra
            ``websocket``): clients have to ask for that path, whatever query they add, and for the subprotocol ``amqp`` or
            ``AMQPWSB10``. Or a bound stream socket; it belongs to the listener from now on.
        handler: called in a thread of its own for each link that a client asks for, with a :class:`SenderRequest` or a
            :class:`ReceiverRequest`: ``accept()`` it, or raise :class:`amqp.Refusal`. The link lives as long as its handler:
            when it returns the link is closed, or refused with ``amqp:not-found`` where it was not accepted. What else it
            raises is logged, and the client is told ``amqp:internal-error``; but not an error that only says that the link
            is gone.
        on_connection: called with an :class:`IncomingConnection` whose open was read and not yet answered: raise
            :class:`amqp.Refusal` to close it. None takes all.
        on_session: called with a session that a client begins, before it is answered: raise :class:`amqp.Refusal` to end
            it. None takes all.
        ssl_context: how to do TLS with ``amqps`` and ``wss``: a context of ``ssl.PROTOCOL_TLS_SERVER`` with a certificate.
        **options: those below.

    Options, each with its default at the end:
        container_id: the name of this container (2.7.1); None, as it is, makes one that nobody else has.
        sasl: an :class:`amqp.sasl.SaslServer`, the mechanisms to offer, or a function that makes one for each client, which
            knows its ``certificate``. None, as it is, is ANONYMOUS, and clients without a SASL layer; only where none but this
            machine can connect, and by WebSocket web pages of this machine alone.
        max_connections: how many connections there may be at a time; one more is dropped at once. 1,000.
        max_links: how many links there may be at a time, of all connections; one more is refused. 1,000.
        max_frame_size: the largest frame, in octets, that this side takes, 512 to 2^32-1. 65,536.
        channel_max: one less than the number of sessions of a connection, 0 to 65,535. 63.
        handle_max: one less than the number of links of a session, 0 to 2^32-1. 255.
        incoming_window: transfer frames that a client may send ahead on a session, 1 to 2^31-1. 2,048.
        idle_timeout: a connection is lost when nothing came for so many seconds, from 0.002 (2.4.5); None waits
            for ever. 60.
        handshake_timeout: seconds that a client may take from its connection to its open, TLS and WebSocket included,
            however slowly it sends. 10.
        close_timeout: seconds that a client may take to answer a close, and to read what is left. 10.
        operation_timeout: seconds that any other operation may take which is given no ``timeout``; ``math.inf`` is
            no limit. 30.
        properties: connection properties to send, a mapping of strings. None.
        offered_capabilities: extensions that this side supports, a list of strings. None.
        desired_capabilities: extensions that this side may use if the client supports them, a list. None.
        registry: an :class:`amqp.Registry` of your own described types, as for ``connect``.
        limits: an :class:`amqp.Limits`, as for ``connect``.
        max_buffered: octets of deliveries that have come in part which one connection holds, from 1. 64 MiB.
        pre_open_max_frame_size: the largest frame, in octets, that this side takes before a client's open, 512 to 2^32-1;
            long SASL tokens need more. 8,192.
        on_frame: called for every frame, in and out, as for ``connect``. None.

    Raises:
        OSError: the address cannot be had.
        LocalError: the URL or an option is wrong; ``amqps`` or ``wss`` without *ssl_context*; others than this machine can
            connect, and ``sasl`` does not say who may; the extra for WebSocket is not installed.
        TypeError: there is no such option.
        EncodeError: an option has no encoding.
    """
    check_options("listen", options, _OPTIONS, ("on_connection", "on_session", "ssl_context"))
    check_handlers(handler=handler, on_connection=on_connection, on_session=on_session)
    check_plain(handler=handler, on_connection=on_connection, on_session=on_session)
    settings = listen_settings(**options)
    found, sasl = where_to_listen(where, settings, ssl_context)
    terms = websocket_terms(found, settings)
    serving = Serving(handler, on_connection, on_session, settings, sasl, ssl_context, terms)
    if isinstance(found, Endpoint):
        return Listener(_bound(found), serving, found)
    return Listener([found], serving, None)


def _bound(endpoint: Endpoint) -> list[socket.socket]:
    """Return a socket for each address of the host."""
    if endpoint.kind == "unix":
        return [bind_unix(endpoint.path)]
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(
            socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        ):
            bound = socket.socket(family, kind, protocol)
            sockets.append(bound)
            if os.name == "posix":
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                # Where the host has addresses of both kinds, each has a socket.
                bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            bound.bind(address)
    except BaseException:
        for each in sockets:
            each.close()
        raise
    return sockets


class Listener:
    """Takes the connections of clients; made by ``listen``. ``with`` closes it."""

    def __init__(self, sockets: list[socket.socket], serving: Serving, endpoint: Endpoint | None) -> None:
        self._sockets = sockets
        self._serving = serving
        self._endpoint = endpoint
        self._address: Any = sockets[0].getsockname()
        self._lock = Lock()
        self._closing = Event()
        self._closed = Event()
        self._waking, self._woken_by = socket.socketpair()
        for each in sockets:
            each.listen(_BACKLOG)
            each.setblocking(False)
        self._thread = Thread(target=self._accept_clients, name="amqp listener", daemon=True)
        self._thread.start()

    @property
    def is_open(self) -> bool:
        """Whether clients can connect."""
        return not self._serving.closed

    @property
    def address(self) -> Any:
        """Where it listens: host and port, or the path of a Unix socket; also once it is closed."""
        return self._address

    @property
    def port(self) -> int:
        """The port, as the system gave it where 0 was asked for.

        Raises:
            LocalError: it listens on no port, but on a Unix socket.
        """
        return port_of(self._address)

    @property
    def url(self) -> str:
        """What to give to ``connect``.

        Raises:
            LocalError: it listens on a socket that has none.
        """
        return url_of(self._address, self._endpoint, tls=self._serving.ssl_context is not None)

    @property
    def connections(self) -> list[IncomingConnection]:
        """The connections of clients that are open now."""
        return [
            server.connection
            for server in self._serving.servers()
            if server.connection is not None and server.is_open
        ]

    def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Take no more clients, close the connections with ``amqp:connection:forced``, wait for the handlers.

        Clients that have not answered after *timeout* seconds are dropped; what handlers wait for ends with an error then.
        Twice does nothing. A handler may call it; itself it does not wait for.

        Raises:
            OperationTimeout: handlers go on after *timeout* seconds: no thread can be stopped from outside.
        """
        deadline = Deadline(timeout)
        serving = self._serving
        with self._lock:
            if serving.closed:
                return
            serving.closed = True
        self._closing.set()
        self._waking.send(b"\0")
        self._thread.join()
        # Not by the thread: it may have ended before it was woken.
        self._waking.close()
        self._woken_by.close()
        remove_unix(self._endpoint)
        servers = serving.servers()
        try:
            for server in servers:
                server.shut_down()
            for server in servers:
                server.wait_gone(deadline)
        finally:
            for server in servers:
                server.abort()
            self._closed.set()
        running = serving.running()
        for thread in running:
            thread.join(min(deadline.left(), 3e6))
        if left := sum(thread.is_alive() for thread in running):
            raise OperationTimeout(f"{left} handlers of {self!r} do not end", scope=Scope.CONNECTION)

    def wait_closed(self, *, timeout: float | None = None) -> None:
        """Wait until the listener is closed: a service that has nothing else to do waits here.

        Raises:
            OperationTimeout: it was not closed within *timeout* seconds; None waits for ever.
        """
        deadline = None if timeout is None else Deadline(timeout)
        left = None if deadline is None else min(deadline.left(), 3e6)
        if not self._closed.wait(left):
            assert deadline is not None
            raise deadline.expired(f"the end of {self!r}", Scope.CONNECTION)

    def _accept_clients(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken_by, selectors.EVENT_READ)
            for each in self._sockets:
                selector.register(each, selectors.EVENT_READ)
            while not self._closing.is_set():
                for key, _ in selector.select():
                    if key.fileobj is not self._woken_by:
                        self._accept(cast("socket.socket", key.fileobj))
        for each in self._sockets:
            each.close()

    def _accept(self, listening: socket.socket) -> None:
        try:
            connected, address = listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as error:
            # No descriptors, or no memory: others may give some back.
            logger.error("no client can be accepted: %s", error)
            self._closing.wait(_REST)
            return
        if not self._serving.room.take():
            logger.debug("a client was dropped: there are as many connections as are taken")
            connected.close()
            return
        server = Server(self._serving, connected, name_of(address))
        try:
            if connected.family != getattr(socket, "AF_UNIX", None):
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._serving.spawn("connection", server.run)
        except (OSError, RuntimeError) as error:
            logger.error("a client was dropped: %s", error)
            self._serving.remove(server)
            connected.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _place(self) -> object:
        try:
            return self.url
        except LocalError:
            return self._address

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        return f"<Listener on {self._place()}, {state}, {len(self.connections)} connections>"
