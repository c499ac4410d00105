"""Bringing a connection up."""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Unpack, cast

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
from amqp.sync.connection import Connection
from amqp.sync.driver import Driver
from amqp.sync.waiting import Deadline
from amqp.transport.routed_stream import stream_connector
from amqp.transport.stream import SocketStream, Stream, StreamConnector

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
    transport: StreamConnector | None = None,
    **options: Unpack[ConnectArguments],
) -> Connection:
    """Connect to the server at *url*; close the connection, or use it with ``with``.

    Args:
        url: ``amqp://user:password@host:port``, or ``amqps://`` for TLS; user, password and port may be left out
            (5672, with TLS 5671). ``ws://host/path`` and ``wss://`` go by WebSocket (80 and 443; extra ``websocket``),
            ``amqp+unix:///path`` by a Unix socket. Of several, the first that can be reached.
        ssl_context: how to do TLS with ``amqps`` and ``wss``; ``load_cert_chain`` gives it a client certificate. None checks
            the certificate against the system's authorities and its name against the URL's host. One that does not check
            both is refused, unless ``verify_tls`` is False.
        transport: what makes the connection, in place of TCP: :class:`amqp.transport.StreamConnector`.
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
            "transport", transport, "a function such as amqp.transport.StreamConnector describes"
        )
    dialling, settings = read_arguments(ssl_context, transport is not None, options)
    found = servers(url, settings, dialling)
    errors: list[ConnectionLost | RemoteClosed | OperationTimeout] = []
    for endpoint, sasl in found:
        try:
            return _connect_to(endpoint, sasl, settings, dialling, transport)
        except (ConnectionLost, RemoteClosed, OperationTimeout) as error:
            errors.append(error)
    failed = none_connected(errors)
    if any(isinstance(error, OperationTimeout) for error in errors):
        _note_a_loop(failed)
    raise failed


def _note_a_loop(error: BaseException) -> None:
    """Say that the caller's event loop stood still, if it did: what it had to do, perhaps for this server, was not done."""
    asyncio = sys.modules.get("asyncio")  # not imported here: who has not imported it runs no loop
    if asyncio is None:
        return
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    error.add_note(
        "This thread runs an event loop, which stands still while amqp.sync waits: use amqp.connect, or asyncio.to_thread."
    )


def open_over(transport: socket.socket | Stream, **options: Unpack[OpenArguments]) -> Connection:
    """Bring up a connection over a stream that the caller made; close it, or use it with ``with``.

    Args:
        transport: a connected socket, or an :class:`amqp.transport.Stream`, with TLS done where TLS is wanted. It
            belongs to the connection from now on.
        **options: as for :func:`connect`, which also says what is raised.

    A connected socket, as it is or with TLS::

        connection = amqp.sync.open_over(socket.create_connection(("localhost", 5672)))

        plain = socket.create_connection((host, 5671))
        connection = amqp.sync.open_over(amqp.transport.tls.wrap(plain, ssl.create_default_context(), host))
    """
    check_options("open_over", options, _OPEN_OPTIONS)
    settings = connection_settings(**options)
    sasl = sasl_client(settings, None, settings.options.hostname)
    given = _stream(transport)
    deadline = Deadline(settings.connect_timeout)
    hostname = settings.options.hostname
    return _handshake(given, sasl, settings, hostname, deadline, _GIVEN, private=given.private)


def _stream(transport: object) -> Stream:
    wanted = "a connected socket or an amqp.transport.Stream"
    if isinstance(transport, ssl.SSLSocket):
        raise LocalError(
            f"open_over takes {wanted}, and no SSLSocket, which does not bear two threads: do TLS with "
            "amqp.transport.tls.wrap(socket, context, host)"
        )
    if isinstance(transport, socket.socket):
        return SocketStream(transport)
    if all(hasattr(transport, name) for name in ("fileno", "read", "write", "unwritten", "private")):
        return cast("Stream", transport)
    raise wrong_type("open_over", transport, wanted)


def _connect_to(
    endpoint: Endpoint,
    sasl: SaslClient | None,
    settings: Settings,
    dialling: Dialling,
    transport: StreamConnector | None,
) -> Connection:
    deadline = Deadline(settings.connect_timeout)
    make = transport or stream_connector(dialling.route(endpoint))
    try:
        context = dialling.tls_context(endpoint)
        connected = make(
            endpoint.host,
            endpoint.port,
            timeout=settings.connect_timeout,
            ssl=context,
            server_hostname=settings.server_hostname or endpoint.host,
        )
    except OSError as error:
        # A TimeoutError is an OSError too: ours, or the operating system's.
        if deadline.left() <= 0:
            raise deadline.expired(f"a connection to {endpoint}", Scope.CONNECTION) from error
        raise not_reached(str(endpoint), error) from error
    hostname = settings.options.hostname or endpoint.host or None
    private = dialling.is_private(endpoint, connected=connected.private)
    return _handshake(connected, sasl, settings, hostname, deadline, str(endpoint), private=private)


def _handshake(
    connected: Stream,
    sasl: SaslClient | None,
    settings: Settings,
    hostname: str | None,
    deadline: Deadline,
    peer: str,
    *,
    private: bool,
) -> Connection:
    try:
        guard_secrets(sasl, settings, private=private, peer=peer)
        engine = client_engine(settings, sasl, hostname, peer)
        driver = Driver(engine, connected, settings.operation_timeout, peer)
    except BaseException:
        connected.close()
        raise
    try:
        driver.run(_open, driver, deadline, peer)
        driver.start()
    except OperationTimeout as late:
        heard = driver.client.engine.heard
        driver.abort()
        raise not_opened(late, peer, heard=heard) from None
    except BaseException:
        driver.abort()
        raise
    return Connection(driver, peer)


def _open(driver: Driver, deadline: Deadline, peer: str) -> None:
    driver.client.engine.open()
    driver.wait(driver.client.opened, deadline, f"the open of {peer}", Scope.CONNECTION)
    # A peer that wants nobody may say so right behind its open.
    driver.client.check()
