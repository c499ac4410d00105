"""Bringing a connection up."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

from amqp.aio.client_driver import ClientDriver
from amqp.aio.connection import Connection
from amqp.aio.opening import Opening
from amqp.aio.waiting import Deadline, wait
from amqp.client.settings import connection_settings, endpoints, guard_secrets, sasl_client, tls_context
from amqp.engine import Engine
from amqp.errors import ConnectionLost, LocalError, OperationTimeout, RemoteClosed, Scope
from amqp.transport import is_private, tcp

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence
    from typing import Unpack

    from amqp.client.settings import ConnectArguments, Settings
    from amqp.client.url import Endpoint
    from amqp.sasl import SaslClient
    from amqp.transport import Connector

__all__ = ["connect", "open_over"]


def connect(
    url: str | Sequence[str],
    *,
    ssl_context: ssl.SSLContext | None = None,
    transport: Connector = tcp.connect,
    **options: Unpack[ConnectArguments],
) -> Opening[Connection]:
    """Connect to the server at *url*; await it, or use it with ``async with``.

    Args:
        url: ``amqp://user:password@host:port``, or ``amqps://`` for TLS; user, password and port may be left out
            (5672, with TLS 5671). Of several, the first that can be reached.
        ssl_context: how to do TLS with ``amqps``. None checks the certificate against the system's authorities and
            its name against the URL's host.
        transport: what makes the connection, in place of TCP: :class:`amqp.transport.Connector`.
        **options: ``container_id``, ``hostname``, ``sasl``, ``allow_cleartext``, ``max_frame_size``, ``channel_max``,
            ``idle_timeout``, ``connect_timeout``, ``operation_timeout``, ``properties``, ``offered_capabilities``,
            ``desired_capabilities`` and ``on_frame``, as :class:`amqp.client.settings.ConnectArguments` describes
            them.

    A user in the URL is proved by PLAIN; without one, ANONYMOUS is asked for.

    Raises:
        ConnectionLost: the server cannot be reached, went away, or does not talk AMQP 1.0; ``__cause__`` is the
            operating system's error where there is one, or the errors of several URLs.
        AuthenticationFailed: the server does not take the user or none of the mechanisms, or a password would have
            to be sent in clear text; further URLs are not tried.
        RemoteClosed: the server closed the connection; ``condition`` says why.
        OperationTimeout: it took longer than ``connect_timeout``.
        LocalError: the URL or an option is wrong.
        EncodeError: an option has no encoding.
    """
    addresses = endpoints(url)
    settings = connection_settings(**options)
    if ssl_context is not None and not any(endpoint.tls for endpoint in addresses):
        raise LocalError(f"{addresses[0]}: ssl_context= is for amqps://, and this would not use TLS")
    clients = [
        (endpoint, sasl_client(settings, endpoint, settings.options.hostname or endpoint.host))
        for endpoint in addresses
    ]
    return Opening(_connect(clients, settings, ssl_context, transport))


def open_over(
    transport: asyncio.Transport | socket.socket, **options: Unpack[ConnectArguments]
) -> Opening[Connection]:
    """Bring up a connection over a stream that the caller made; await it, or use it with ``async with``.

    Args:
        transport: a connected socket, or a transport of asyncio, with TLS done where TLS is wanted. It belongs to the
            connection from now on.
        **options: as for :func:`connect`, which also says what is raised.
    """
    settings = connection_settings(**options)
    return Opening(_open_over(transport, settings, sasl_client(settings, None, settings.options.hostname)))


async def _connect(
    clients: Sequence[tuple[Endpoint, SaslClient | None]],
    settings: Settings,
    ssl_context: ssl.SSLContext | None,
    connector: Connector,
) -> Connection:
    errors: list[Exception] = []
    for endpoint, sasl in clients:
        try:
            return await _connect_to(endpoint, sasl, settings, ssl_context, connector)
        except (ConnectionLost, RemoteClosed, OperationTimeout) as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    tried = "; ".join(str(error) for error in errors)
    raise ConnectionLost(f"none of {len(errors)} servers took the connection: {tried}") from ExceptionGroup(
        "what each server's connection failed of", errors
    )


async def _connect_to(
    endpoint: Endpoint,
    sasl: SaslClient | None,
    settings: Settings,
    ssl_context: ssl.SSLContext | None,
    connector: Connector,
) -> Connection:
    deadline = Deadline(settings.connect_timeout)
    driver = _driver(settings, sasl, settings.options.hostname or endpoint.host)
    limit = asyncio.timeout_at(deadline.at)
    try:
        async with limit:
            context = tls_context(endpoint, ssl_context)
            await connector(driver, endpoint.host, endpoint.port, ssl=context, server_hostname=endpoint.host)
    except OSError as error:
        # A TimeoutError is an OSError too: ours, or the operating system's.
        if limit.expired():
            raise deadline.expired(f"a connection to {endpoint}", Scope.CONNECTION) from error
        raise ConnectionLost(f"{endpoint} cannot be reached: {error}") from error
    return await _handshake(driver, sasl, settings, deadline, str(endpoint))


async def _open_over(
    transport: asyncio.Transport | socket.socket, settings: Settings, sasl: SaslClient | None
) -> Connection:
    deadline = Deadline(settings.connect_timeout)
    driver = _driver(settings, sasl, settings.options.hostname)
    if isinstance(transport, socket.socket):
        await driver.loop.create_connection(lambda: driver, sock=transport)
    else:
        transport.set_protocol(driver)
        driver.connection_made(transport)
        transport.resume_reading()
    return await _handshake(driver, sasl, settings, deadline, "the given stream")


def _driver(settings: Settings, sasl: SaslClient | None, hostname: str | None) -> ClientDriver:
    options = replace(settings.options, hostname=hostname)
    engine = Engine(options, role="client", sasl=sasl, on_frame=settings.on_frame)
    return ClientDriver(engine, settings.operation_timeout)


async def _handshake(
    driver: ClientDriver, sasl: SaslClient | None, settings: Settings, deadline: Deadline, peer: str
) -> Connection:
    try:
        transport = driver.transport
        if transport is None:
            raise ConnectionLost(f"{peer} closed the connection at once")
        guard_secrets(sasl, settings, private=is_private(transport), peer=peer)
        driver.engine.open()
        driver.turn()
        await wait(driver.client.opened, deadline, f"the open of {peer}", Scope.CONNECTION)
        # A peer that wants nobody may say so right behind its open.
        driver.client.check()
    except BaseException:
        driver.abort()
        raise
    return Connection(driver, peer)
