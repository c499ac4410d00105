"""Listening: for services, and for doubles of servers in tests."""

from __future__ import annotations

import asyncio
import math
import socket
import ssl
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Final, Self, Unpack

from amqp.aio.opening import Opening
from amqp.aio.server_driver import ConnectionHandler, ServerDriver, Serving, SessionHandler
from amqp.aio.serving import IncomingConnection, LinkHandler
from amqp.aio.waiting import Deadline, check_home, until_done
from amqp.checks import check_options
from amqp.client.completion import Completion
from amqp.client.listening import (
    ListenArguments,
    bind_unix,
    check_handlers,
    listen_settings,
    port_of,
    remove_unix,
    url_of,
    websocket_terms,
    where_to_listen,
)
from amqp.client.settings import CLOSE_TIMEOUT
from amqp.client.url import Endpoint
from amqp.errors import LocalError, OperationTimeout, Scope
from amqp.transport.accepting import start_accepting, stop_accepting

__all__ = ["Listener", "listen"]

_OPTIONS: Final = frozenset(ListenArguments.__annotations__)
_BACKLOG: Final = 1_024
_LAST: Final = 1.0
"""Seconds that handlers may take which were cancelled."""


def listen(
    where: str | socket.socket,
    handler: LinkHandler,
    *,
    on_connection: ConnectionHandler | None = None,
    on_session: SessionHandler | None = None,
    ssl_context: ssl.SSLContext | None = None,
    **options: Unpack[ListenArguments],
) -> Opening[Listener]:
    """Let clients connect, and have *handler* answer them; await it, or use it with ``async with``.

    Args:
        where: ``amqp://host:port``, or ``amqps://`` for TLS; port 0 takes one that is free, no port is 5672, with TLS 5671.
            ``amqp+unix:///path`` for a Unix socket. ``ws://host:port/path`` or ``wss://`` for WebSocket (80 and 443; extra
            ``websocket``): clients have to ask for that path, whatever query they add, and for the subprotocol ``amqp`` or
            ``AMQPWSB10``. Or a bound stream socket; it belongs to the listener from now on.
        handler: called in a task of its own for each link that a client asks for, with a :class:`SenderRequest` or a
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
    settings = listen_settings(**options)
    found, sasl = where_to_listen(where, settings, ssl_context)
    terms = websocket_terms(found, settings)
    serving = Serving(handler, on_connection, on_session, settings, sasl, ssl_context, terms)
    return Opening(_listen(found, serving))


async def _listen(where: Endpoint | socket.socket, serving: Serving) -> Listener:
    loop = asyncio.get_running_loop()

    def accepted() -> ServerDriver:
        return ServerDriver(serving)

    endpoint = where if isinstance(where, Endpoint) else None
    if isinstance(where, Endpoint) and where.kind == "unix":
        where = bind_unix(where.path)
    if isinstance(where, socket.socket):
        server = await loop.create_server(accepted, sock=where, backlog=_BACKLOG, start_serving=False)
    else:
        server = await loop.create_server(
            accepted, where.host, where.port, backlog=_BACKLOG, start_serving=False
        )
    try:
        await start_accepting(server)
    except BaseException:
        serving.closed = True
        for driver in list(serving.drivers):
            driver.abort()
        remove_unix(endpoint)
        raise
    return Listener(server, serving, endpoint)


class Listener:
    """Takes the connections of clients; made by ``listen``. ``async with`` closes it."""

    def __init__(self, server: asyncio.Server, serving: Serving, endpoint: Endpoint | None) -> None:
        self._server = server
        self._serving = serving
        self._loop = asyncio.get_running_loop()
        self._endpoint = endpoint
        self._address: Any = server.sockets[0].getsockname()
        self._closed: Completion[None] = Completion()

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
            driver.connection
            for driver in self._serving.drivers
            if driver.connection is not None and driver.server.opened.done() and driver.connection.is_open
        ]

    async def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Take no more clients, close the connections with ``amqp:connection:forced``, wait for the handlers.

        Handlers that go on after *timeout* seconds are cancelled, and clients that have not answered by then are dropped.
        Twice does nothing. A handler may call it; itself it does not wait for.

        Raises:
            OperationTimeout: handlers go on although they were cancelled.
        """
        check_home(self._loop)
        deadline = Deadline(timeout)
        serving = self._serving
        if serving.closed:
            return
        serving.closed = True
        drivers: list[ServerDriver] = []
        try:
            try:
                await stop_accepting(self._server)
            finally:
                remove_unix(self._endpoint)
            drivers = list(serving.drivers)
            for driver in drivers:
                driver.shut_down()
            await _wait((driver.closed for driver in drivers), deadline)
            await _wait(serving.running(), deadline)
        finally:
            for driver in list(serving.drivers):
                driver.abort()
            for task in serving.running():
                task.cancel()
            self._closed.resolve(None)
        await _wait([*serving.running(), *(driver.closed for driver in drivers)], Deadline(_LAST))
        if left := len(serving.running()):
            raise OperationTimeout(f"{left} handlers of {self!r} do not end", scope=Scope.CONNECTION)

    async def wait_closed(self, *, timeout: float | None = None) -> None:
        """Wait until the listener is closed: a service that has nothing else to do waits here.

        Raises:
            OperationTimeout: it was not closed within *timeout* seconds; None waits for ever.
        """
        check_home(self._loop)
        deadline = None if timeout is None else Deadline(timeout)
        if not await until_done(self._closed, deadline):
            assert deadline is not None
            raise deadline.expired(f"the end of {self!r}", Scope.CONNECTION)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _place(self) -> object:
        try:
            return self.url
        except LocalError:
            return self._address

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        return f"<Listener on {self._place()}, {state}, {len(self.connections)} connections>"


async def _wait(futures: Iterable[asyncio.Future[None]], deadline: Deadline) -> None:
    waiting = list(futures)
    if waiting:
        left = deadline.left()
        await asyncio.wait(waiting, timeout=None if math.isinf(left) else left)
