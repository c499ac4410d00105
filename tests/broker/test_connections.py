"""Connections to the broker: who is let in, how long it waits, and that one bad client harms no other."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest
import trustme

import amqp
from amqp.broker import Broker, BrokerOptions
from amqp.engine import ConnectionEnded, ConnectionFailed, LinkEnded, SessionOpened
from amqp.errors import LocalError
from amqp.options import LinkOptions
from amqp.sasl import Anonymous, Plain
from amqp_spec import Accepted, Data, Target

if TYPE_CHECKING:
    from collections.abc import Callable

Client = Any
Connect = Any
Listener = Any
Start = Any

SASL_HEADER = b"AMQP\x03\x01\x00\x00"
AMQP_HEADER = b"AMQP\x00\x01\x00\x00"


OPEN = b"\x00\x00\x00\x11\x02\x00\x00\x00\x00\x53\x10\xc0\x04\x01\xa1\x01x"
"""An open with the container-id x."""


async def frame(reader: asyncio.StreamReader) -> bytes:
    """Return the next frame that the broker sends."""
    async with asyncio.timeout(10):
        size = await reader.readexactly(4)
        return size + await reader.readexactly(int.from_bytes(size, "big") - 4)


async def dropped(reader: asyncio.StreamReader) -> bytes:
    """Return what the broker says before it drops the connection."""
    async with asyncio.timeout(10):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


@pytest.mark.parametrize("sasl", [Anonymous(), Plain("guest", "guest")])
async def test_on_loopback_everybody_and_guest_come_in(
    listener: Listener, connect: Connect, sasl: Anonymous | Plain
) -> None:
    client = await connect(listener, sasl=sasl)
    assert client.engine.remote_open.container_id == listener.broker.options.container_id


@pytest.mark.parametrize("sasl", [Plain("guest", "wrong"), Plain("nobody", "guest"), Plain("ann", "")])
async def test_wrong_credentials_are_refused(start: Start, connect: Connect, sasl: Plain) -> None:
    listener = await start(users={"ann": "secret", "guest": "guest"})
    good = await connect(listener, sasl=Plain("ann", "secret"))
    refused = await connect(listener, expect=ConnectionFailed, sasl=sasl)
    await refused.driver.closed
    async with asyncio.timeout(10):
        await asyncio.gather(*(c.driver.closed for c in listener.broker.connections if not c.is_open))
    await good.receiver("q")


@pytest.mark.requirement("transport-2.4.3-01")
async def test_a_clean_close_is_answered(listener: Listener, client: Client) -> None:
    client.engine.close()
    await client.event(ConnectionEnded)
    await client.driver.closed


@pytest.mark.fault("D1")
@pytest.mark.parametrize("start_of", [b"", SASL_HEADER, AMQP_HEADER, AMQP_HEADER[:3]])
async def test_a_silent_client_is_dropped_at_the_deadline(start: Start, start_of: bytes) -> None:
    listener = await start(handshake_timeout=0.2)
    reader, writer = await asyncio.open_connection(listener.host, listener.port)
    began = time.monotonic()
    writer.write(start_of)
    await dropped(reader)
    assert 0.1 < time.monotonic() - began < 5
    writer.close()


@pytest.mark.fault("D1")
async def test_a_trickle_of_octets_does_not_move_the_deadline(start: Start) -> None:
    listener = await start(handshake_timeout=0.3)
    reader, writer = await asyncio.open_connection(listener.host, listener.port)
    began = time.monotonic()
    gone = asyncio.create_task(dropped(reader))
    for octet in SASL_HEADER[:7]:
        writer.write(bytes([octet]))
        await asyncio.wait([gone], timeout=0.1)
    await gone
    assert time.monotonic() - began < 5
    writer.close()


@pytest.mark.fault("C2")
@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\nHost: broker\r\n\r\n",
        b"\x00" * 64,
        b"AMQP\x00\x00\x09\x01",
        AMQP_HEADER + b"\xff\xff\xff\xff\x02\x00\x00\x00",
        AMQP_HEADER + b"\x00\x00\x00\x04\x02\x00\x00\x00",
        SASL_HEADER + b"\x00\x00\x00\x0c\x02\x01\x00\x00\xff\xff\xff\xff",
    ],
)
async def test_nonsense_hurts_nobody_else(listener: Listener, client: Client, octets: bytes) -> None:
    receiver = await client.receiver("q", credit=1)
    reader, writer = await asyncio.open_connection(listener.host, listener.port)
    writer.write(octets)
    await dropped(reader)
    writer.close()
    await client.fill("q", b"a")
    assert (await client.delivery(receiver)).payload == Data(b"a").encode()
    assert len(listener.broker.connections) == 1


async def test_nonsense_in_an_open_connection_ends_just_that(listener: Listener, connect: Connect) -> None:
    bad, good = await connect(listener), await connect(listener)
    await bad.fill("q", b"a")
    await bad.delivery(await bad.receiver("q", credit=1))
    receiver = await good.receiver("q", credit=1)
    bad.driver.transport.write(b"\x00\x00\x00\x03nonsense")
    failure = await bad.event(ConnectionFailed)
    assert failure.fault.condition == "amqp:connection:framing-error"
    assert (await good.delivery(receiver)).payload == Data(b"a").encode()


async def test_many_connections(listener: Listener, connect: Connect) -> None:
    clients = await asyncio.gather(*(connect(listener) for _ in range(100)))
    receivers = [await client.receiver("q", credit=1) for client in clients]
    await clients[0].fill("q", *(b"%d" % number for number in range(100)))
    for client, receiver in zip(clients, receivers, strict=True):
        (await client.delivery(receiver)).settle(Accepted())
        client.driver.schedule()
    assert listener.broker.opened == 100
    for client in clients:
        await client.close()
    async with asyncio.timeout(10):
        await asyncio.gather(*(c.driver.closed for c in listener.broker.connections))
    assert listener.broker.opened == 0
    assert listener.broker.queues["q"].consumers == 0


async def test_connections_are_bounded(start: Start, connect: Connect) -> None:
    listener = await start(max_connections=1)
    first = await connect(listener)
    reader, writer = await asyncio.open_connection(listener.host, listener.port)
    writer.write(AMQP_HEADER + OPEN)
    assert await reader.readexactly(8) == AMQP_HEADER
    await frame(reader)
    assert b"amqp:resource-limit-exceeded" in await frame(reader)
    writer.close()
    await first.receiver("q")


@pytest.mark.fault("C7")
async def test_sessions_are_bounded(start: Start, connect: Connect) -> None:
    client = await connect(await start(channel_max=2))
    client.engine.begin()
    client.engine.begin()
    await client.event(SessionOpened)
    await client.event(SessionOpened)
    assert client.engine.remote_channel_max == 2
    with pytest.raises(LocalError, match="no channel"):
        client.engine.begin()
    assert BrokerOptions().channel_max == 63


@pytest.mark.fault("C7")
async def test_the_links_of_a_session_are_bounded(start: Start, connect: Connect) -> None:
    client = await connect(await start(handle_max=1))
    first, _second = await client.receiver("q"), await client.sender("q")
    with pytest.raises(LocalError, match="no handle"):
        first.session.attach_sender(LinkOptions(target=Target(address="q")))
    first.detach()
    await client.event(LinkEnded)
    assert (await client.receiver("q")).attached
    assert BrokerOptions().handle_max == 255


async def test_a_client_that_does_not_answer_a_close_is_dropped() -> None:
    async with Broker(BrokerOptions(close_timeout=0.1)) as broker, broker.listen() as listener:
        reader, writer = await asyncio.open_connection(listener.host, listener.port)
        writer.write(AMQP_HEADER + OPEN)
        assert await reader.readexactly(8) == AMQP_HEADER
        await frame(reader)
        assert broker.opened == 1
        began = time.monotonic()
        await listener.close()
        assert time.monotonic() - began < 5
        assert b"amqp:connection:forced" in await dropped(reader)
        writer.close()


async def test_tls() -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with Broker() as broker, broker.listen(ssl_context=context) as listener:
        assert listener.url == f"amqps://127.0.0.1:{listener.port}"
        async with amqp.connect(listener.url, ssl_context=trusting) as connection:
            sender = await connection.open_sender("q")
            await sender.send(amqp.Message(b"x"))
        assert broker.queues["q"].depth == 1


@pytest.mark.fault("D1")
async def test_a_client_that_does_not_begin_tls_is_dropped() -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async with (
        Broker(BrokerOptions(handshake_timeout=0.2)) as broker,
        broker.listen(ssl_context=context) as listener,
    ):
        reader, writer = await asyncio.open_connection(listener.host, listener.port)
        await dropped(reader)
        writer.close()


async def test_a_listener_says_where_it_listens() -> None:
    broker = Broker()
    async with broker.listen() as listener:
        assert listener.url == f"amqp://127.0.0.1:{listener.port}"
        assert listener.url in repr(listener)
        with pytest.raises(OSError, match=r"[Aa]ddress"):
            await broker.listen(port=listener.port).start()
    assert "not listening" in repr(listener)
    with pytest.raises(LocalError, match="not listening"):
        _ = listener.url
    await listener.close()
    await broker.close()


async def test_ipv6() -> None:
    async with Broker() as broker:
        try:
            listener = await broker.listen("::1").__aenter__()
        except OSError:
            pytest.skip("this machine has no IPv6")
        assert listener.url == f"amqp://[::1]:{listener.port}"
        async with amqp.connect(listener.url):
            assert "1 connections" in repr(broker)


async def test_a_transport_of_the_callers(body_of: Callable[[Any], bytes]) -> None:
    """Over a Unix socket, the broker takes the protocol's end that it hands out."""
    import socket

    near, far = socket.socketpair()
    loop = asyncio.get_running_loop()
    async with Broker() as broker:
        await loop.connect_accepted_socket(broker.accept, far)
        reader, writer = await asyncio.open_connection(sock=near)
        writer.write(SASL_HEADER)
        async with asyncio.timeout(10):
            assert await reader.readexactly(8) == SASL_HEADER
        writer.close()
