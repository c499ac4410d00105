"""Bringing a connection up."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Unpack, cast

from amqp.aio.client_driver import ClientDriver
from amqp.aio.connection import Connection
from amqp.aio.opening import Opening
from amqp.aio.waiting import Deadline, wait
from amqp.checks import check_options, wrong_type
from amqp.client.dialling import DialArguments, Dialling
from amqp.client.faults import none_connected, not_opened, not_reached
from amqp.client.settings import (
    ConnectArguments,
    OpenArguments,
    client_engine,
    connection_settings,
    guard_secrets,
    read_arguments,
    sasl_client,
    servers,
)
from amqp.errors import ConnectionLost, LocalError, OperationTimeout, RemoteClosed, Scope
from amqp.transport import Connector, is_private
from amqp.transport.routed import connector

if TYPE_CHECKING:
    from amqp.client.settings import Settings
    from amqp.client.url import Endpoint
    from amqp.sasl import SaslClient

__all__ = ["connect", "open_over"]

_OPEN_OPTIONS: Final = frozenset(OpenArguments.__annotations__)
_OPTIONS: Final = _OPEN_OPTIONS | frozenset(DialArguments.__annotations__)
_GIVEN: Final = "the given stream"


def connect(
    url: str | Sequence[str],
    *,
    ssl_context: ssl.SSLContext | None = None,
    transport: Connector | None = None,
    **options: Unpack[ConnectArguments],
) -> Opening[Connection]:
    """Connect to the server at *url*; await it, or use it with ``async with``.

    Args:
        url: ``amqp://user:password@host:port``, or ``amqps://`` for TLS; user, password and port may be left out
            (5672, with TLS 5671). ``ws://host/path`` and ``wss://`` go by WebSocket (80 and 443; extra ``websocket``),
            ``amqp+unix:///path`` by a Unix socket. Of several, the first that can be reached.
        ssl_context: how to do TLS with ``amqps`` and ``wss``; ``load_cert_chain`` gives it a client certificate. None checks
            the certificate against the system's authorities and its name against the URL's host. One that does not check
            both is refused, unless ``verify_tls`` is False.
        transport: what makes the connection, in place of TCP: :class:`amqp.transport.Connector`.
        **options: those below.

    Options, each with its default at the end:
        container_id: the name of this container (2.7.1); None, as it is, makes one that nobody else has.
        hostname: the host, or virtual host, that is asked for in the open, and in sasl-init without TLS (with it, that has the
            name that TLS asked for: 5.3.3.2); None is the URL's host.
        sasl: ``Plain(user, password)``, ``XOAuth2(user, token)``, ``Anonymous()``, or several such: the strongest that the
            server offers, of several as strong the first. None is SCRAM (with the extra ``scram``) and PLAIN where the
            URL has a user, else ANONYMOUS; an empty list is no SASL layer at all.
        sasl_floor: the weakest mechanism that may be used, such as ``"SCRAM-SHA-256"``. In this order: ANONYMOUS; PLAIN,
            XOAUTH2, OAUTHBEARER; SCRAM-SHA-1; SCRAM-SHA-256; SCRAM-SHA-512; GSSAPI, EXTERNAL. None.
        server_hostname: with ``amqps``, the name that TLS asks for and that the certificate is checked for; None, as it
            is, is the URL's host, whatever ``hostname`` is.
        verify_tls: whether the server's certificate and name are checked. False switches that off, so that anybody on the
            way can read and change everything, and is logged as a warning to ``amqp.security``. True.
        tls_in_band: with ``amqps``, ask for TLS inside the stream by its header (5.2.1), on port 5672 where the URL has
            none; a server that does not answer with the same header is refused. False: TLS begins with the first octet.
        proxy: an HTTP proxy to go through by CONNECT, ``http://user:password@host:port``; user and password are sent to
            it in clear text. None.
        tcp_nodelay: whether small writes leave at once. True.
        tcp_keepalive: seconds of silence, 1 to 32,767, after which the system asks whether the other end is there; None, as
            it is, leaves that to ``idle_timeout``.
        allow_cleartext: whether a password or token may be sent where others can read it: without TLS, to an address that
            is not loopback. False.
        max_frame_size: the largest frame, in octets, that this side takes, 512 to 2^32-1. 65,536.
        channel_max: one less than the number of sessions that this side takes, 0 to 65,535. 1,023.
        idle_timeout: the connection is lost when nothing came for so many seconds, from 0.002 (2.4.5); None waits
            for ever. 60.
        connect_timeout: seconds for each URL, from the look-up of its name to the peer's open. 30.
        operation_timeout: seconds that any other operation may take which is given no ``timeout``; ``math.inf`` is
            no limit. 30.
        properties: connection properties to send, a mapping of strings. None.
        offered_capabilities: extensions that this side supports, a list of strings. None.
        desired_capabilities: extensions that this side may use if the peer supports them, a list. None.
        registry: an :class:`amqp.Registry` of your own described types: in messages and in what the server tells
            of itself and its links they arrive as your classes (1.3.3). :data:`amqp_spec.DEFAULT_REGISTRY`, which
            has the types that were registered with it for the whole process.
        limits: an :class:`amqp.Limits`: how deep values may be nested in what the server sends, how many values a map of
            a performative may have, and how many sections a message. 64, 1,024, 10,000.
        max_buffered: octets of deliveries that have come in part which the connection holds, from 1; a delivery beyond that
            ends its link. 64 MiB.
        pre_open_max_frame_size: the largest frame, in octets, that this side takes before the server's open, 512 to 2^32-1;
            a server that sends long SASL challenges needs more. 8,192.
        pre_open_send_limit: the largest frame, in octets, that this side sends before the server's open, 512 to 2^32-1: what
            an open with many ``properties`` needs, and a server that takes it. 512, which every server takes (2.4.1).
        on_frame: called for every frame, in and out, with direction, channel, performative and payload size; what it
            raises is logged. None. The logger ``amqp.frames`` shows them too where it takes DEBUG as the connection is made,
            and with the environment variable ``AMQP_TRACE=1`` on stderr.

    A user in the URL is proved by the strongest of SCRAM and PLAIN that the server offers; without one, ANONYMOUS is asked
    for.

    Raises:
        ConnectionLost: the server cannot be reached, went away, or does not talk AMQP 1.0; ``__cause__`` is the
            operating system's error where there is one, or the errors of several URLs.
        TlsFailed: TLS did not come up, or the server is not who it should be; nothing was sent in clear text.
        AuthenticationFailed: the server does not take the user or none of the mechanisms, or a password would have
            to be sent in clear text; further URLs are not tried.
        RemoteClosed: the server closed the connection; ``condition`` says why.
        OperationTimeout: it took longer than ``connect_timeout``.
        LocalError: the URL or an option is wrong, of another type for example.
        TypeError: there is no such option.
        EncodeError: an option has no encoding.
    """
    check_options("connect", options, _OPTIONS, ("ssl_context", "transport"))
    if transport is not None and not callable(transport):
        raise wrong_type(
            "transport", transport, "a coroutine function such as amqp.transport.Connector describes"
        )
    dialling, settings = read_arguments(ssl_context, transport is not None, options)
    clients = servers(url, settings, dialling)
    return Opening(_connect(clients, settings, dialling, transport))


def open_over(
    transport: asyncio.WriteTransport | socket.socket, **options: Unpack[OpenArguments]
) -> Opening[Connection]:
    """Bring up a connection over a stream that the caller made; await it, or use it with ``async with``.

    Args:
        transport: a connected socket, or a transport of asyncio, with TLS done where TLS is wanted. It belongs to the
            connection from now on.
        **options: as for :func:`connect`, which also says what is raised.

    A connected socket, or the transport of a pair of streams, of which the reader is used no more::

        connection = await amqp.open_over(socket.create_connection(("localhost", 5672)))

        _, writer = await asyncio.open_connection("localhost", 5672)
        connection = await amqp.open_over(writer.transport)
    """
    check_options("open_over", options, _OPEN_OPTIONS)
    _check_stream(transport)
    settings = connection_settings(**options)
    return Opening(_open_over(transport, settings, sasl_client(settings, None, settings.options.hostname)))


def _check_stream(transport: object) -> None:
    wanted = "a connected socket or a transport of asyncio"
    if isinstance(transport, ssl.SSLSocket):
        raise LocalError(
            f"open_over takes {wanted}, and asyncio takes no SSLSocket: do TLS with asyncio.open_connection"
        )
    if type(transport) in (asyncio.StreamWriter, tuple):
        raise wrong_type("open_over", transport, f"{wanted}, such as the StreamWriter's .transport")
    # Other event loops have transports that do not inherit from those of asyncio.
    if not isinstance(transport, socket.socket) and not hasattr(transport, "set_protocol"):
        raise wrong_type("open_over", transport, wanted)


async def _connect(
    clients: Sequence[tuple[Endpoint, SaslClient | None]],
    settings: Settings,
    dialling: Dialling,
    transport: Connector | None,
) -> Connection:
    errors: list[ConnectionLost | RemoteClosed | OperationTimeout] = []
    for endpoint, sasl in clients:
        try:
            return await _connect_to(endpoint, sasl, settings, dialling, transport)
        except (ConnectionLost, RemoteClosed, OperationTimeout) as error:
            errors.append(error)
    raise none_connected(errors)


async def _connect_to(
    endpoint: Endpoint,
    sasl: SaslClient | None,
    settings: Settings,
    dialling: Dialling,
    transport: Connector | None,
) -> Connection:
    deadline = Deadline(settings.connect_timeout)
    make = transport or connector(dialling.route(endpoint))
    driver = _driver(settings, sasl, settings.options.hostname or endpoint.host or None, str(endpoint))
    limit = asyncio.timeout_at(deadline.at)
    try:
        async with limit:
            context = dialling.tls_context(endpoint)
            name = settings.server_hostname or endpoint.host
            await make(driver, endpoint.host, endpoint.port, ssl=context, server_hostname=name)
    except OSError as error:
        # A TimeoutError is an OSError too: ours, or the operating system's.
        if limit.expired():
            raise deadline.expired(f"a connection to {endpoint}", Scope.CONNECTION) from error
        raise not_reached(str(endpoint), error) from error
    private = driver.transport is not None and is_private(driver.transport)
    return await _handshake(
        driver,
        sasl,
        settings,
        deadline,
        str(endpoint),
        private=dialling.is_private(endpoint, connected=private),
    )


async def _open_over(
    transport: asyncio.WriteTransport | socket.socket, settings: Settings, sasl: SaslClient | None
) -> Connection:
    deadline = Deadline(settings.connect_timeout)
    driver = _driver(settings, sasl, settings.options.hostname, _GIVEN)
    if isinstance(transport, socket.socket):
        await driver.loop.create_connection(lambda: driver, sock=transport)
    else:
        transport.set_protocol(driver)
        driver.connection_made(transport)
        # Every stream can be read; the class that StreamWriter.transport is said to be does not tell.
        cast("asyncio.Transport", transport).resume_reading()
    private = driver.transport is not None and is_private(driver.transport)
    return await _handshake(driver, sasl, settings, deadline, _GIVEN, private=private)


def _driver(settings: Settings, sasl: SaslClient | None, hostname: str | None, peer: str) -> ClientDriver:
    return ClientDriver(client_engine(settings, sasl, hostname, peer), settings.operation_timeout, peer)


async def _handshake(
    driver: ClientDriver,
    sasl: SaslClient | None,
    settings: Settings,
    deadline: Deadline,
    peer: str,
    *,
    private: bool,
) -> Connection:
    try:
        if driver.transport is None:
            raise ConnectionLost(f"{peer} closed the connection at once")
        guard_secrets(sasl, settings, private=private, peer=peer)
        driver.engine.open()
        driver.turn()
        await wait(driver.client.opened, deadline, f"the open of {peer}", Scope.CONNECTION)
        # A peer that wants nobody may say so right behind its open.
        driver.client.check()
    except OperationTimeout as late:
        heard = driver.engine.heard
        driver.abort()
        raise not_opened(late, peer, heard=heard) from None
    except BaseException:
        driver.abort()
        raise
    return Connection(driver, peer)
