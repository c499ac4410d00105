"""AMQP inside WebSocket: our two ends with each other, and each with the package's own."""

from __future__ import annotations

import asyncio
import logging
import ssl
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import trustme
from websockets.asyncio.client import connect as their_client
from websockets.asyncio.server import serve as their_server
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

import amqp
from amqp.broker import Broker, BrokerOptions
from amqp.transport.websocket import AMQP, AZURE, WebSocketConnector, websocket_listener

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from websockets.asyncio.server import ServerConnection

HEADER = b"AMQP\x00\x01\x00\x00"


@asynccontextmanager
async def broker_behind(context: ssl.SSLContext | None = None) -> AsyncIterator[tuple[Broker, int]]:
    """A broker that listens by WebSocket, and its port."""
    async with Broker(BrokerOptions(allow_anonymous=True)) as broker:
        server = await asyncio.get_running_loop().create_server(
            websocket_listener(broker.accept), "127.0.0.1", 0, ssl=context
        )
        async with server:
            yield broker, server.sockets[0].getsockname()[1]


async def there_and_back(connection: amqp.aio.Connection, body: bytes) -> bytes:
    """Send a message to a queue and receive it."""
    sender = await connection.open_sender("q")
    await sender.send(amqp.Message(body))
    receiver = await connection.open_receiver("q")
    delivery = await receiver.receive()
    await delivery.accept()
    return bytes(delivery.message.body)


@pytest.mark.parametrize("size", [1, 125, 126, 65_536, 3_000_000])
async def test_messages_there_and_back(size: int) -> None:
    async with (
        broker_behind() as (broker, port),
        amqp.connect(f"amqp://127.0.0.1:{port}", transport=WebSocketConnector()) as connection,
    ):
        body = bytes(size)
        assert await there_and_back(connection, body) == body
        assert len(broker.connections) == 1
    assert not connection.is_open


async def test_wss_with_names_checked() -> None:
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(serving)
    calling = ssl.create_default_context()
    authority.configure_trust(calling)
    async with broker_behind(serving) as (_, port):
        transport = WebSocketConnector("/amqp?tenant=1")
        async with amqp.connect(
            f"amqps://localhost:{port}", ssl_context=calling, transport=transport
        ) as connection:
            assert await there_and_back(connection, b"x") == b"x"
        with pytest.raises(amqp.ConnectionLost, match="certificate"):
            await amqp.connect(f"amqps://127.0.0.1:{port}", ssl_context=calling, transport=transport)


async def test_a_server_that_is_none(unused_tcp_port: int) -> None:
    with pytest.raises(amqp.ConnectionLost, match="cannot be reached"):
        await amqp.connect(f"amqp://127.0.0.1:{unused_tcp_port}", transport=WebSocketConnector())


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "404"),
        (b"AMQP\x00\x01\x00\x00\r\n\r\n", "cannot be reached"),
        (b"", "ended the WebSocket handshake|cannot be reached"),
    ],
)
async def test_a_server_that_does_not_speak_websocket(answer: bytes, says: str) -> None:
    async def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(on_client, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(amqp.ConnectionLost, match=says):
            await amqp.connect(f"amqp://127.0.0.1:{port}", transport=WebSocketConnector())


async def test_a_server_without_the_subprotocol() -> None:
    async def on_client(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with their_server(on_client, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(amqp.ConnectionLost, match="subprotocol"):
            await amqp.connect(f"amqp://127.0.0.1:{port}", transport=WebSocketConnector())


async def test_the_request(caplog: pytest.LogCaptureFixture) -> None:
    """What is asked for, as another implementation reads it; and nothing of the stream is logged."""
    caplog.set_level(logging.DEBUG)
    seen: list[tuple[str, str | None, str | None]] = []

    async def on_client(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append((connection.request.path, connection.subprotocol, connection.request.headers["X-Tenant"]))
        await connection.recv()
        await connection.close()

    async with their_server(on_client, "127.0.0.1", 0, subprotocols=[Subprotocol(AZURE)]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        transport = WebSocketConnector(
            "/$servicebus/websocket?a=b", subprotocols=(AMQP, AZURE), headers=[("X-Tenant", "one")]
        )
        caplog.clear()
        with pytest.raises(amqp.ConnectionLost, match="ended the stream"):
            await amqp.connect(f"amqp://joe:hidden@127.0.0.1:{port}", transport=transport)
    assert seen == [("/$servicebus/websocket?a=b", AZURE, "one")]


async def test_another_client_and_any_borders_of_messages() -> None:
    async with (
        broker_behind() as (_, port),
        their_client(f"ws://127.0.0.1:{port}/", subprotocols=[Subprotocol(AMQP)]) as client,
    ):
        assert client.subprotocol == AMQP
        await client.send([HEADER[:1], b"", HEADER[1:5]])  # one message of fragments
        await client.send(b"")
        await client.send(HEADER[5:])
        assert await client.recv() == HEADER


async def test_text_is_refused() -> None:
    async with (
        broker_behind() as (_, port),
        their_client(f"ws://127.0.0.1:{port}/", subprotocols=[Subprotocol(AMQP)]) as client,
    ):
        await client.send("AMQP")
        with pytest.raises(ConnectionClosed) as caught:
            await client.recv()
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1003


class Answering(asyncio.Protocol):
    """Answers whatever comes, and notes how it ends."""

    def __init__(self) -> None:
        self.came = b""
        self.ended: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"hello")

    def data_received(self, data: bytes) -> None:
        self.came += data
        self.transport.write(b"answer")

    def eof_received(self) -> bool:
        self.came += b" end"
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set_result(exc)


@pytest.mark.parametrize(
    ("code", "came", "why"),
    [
        (1000, b"last end", ""),
        (1008, b"last", "the peer closed the WebSocket: 1008 (policy violation) no more"),
    ],
)
async def test_a_close_right_behind_a_message(code: int, came: bytes, why: str) -> None:
    async def on_client(connection: ServerConnection) -> None:
        await connection.recv()
        # All of it is there before the client reads.
        connection.protocol.send_binary(b"last")
        connection.protocol.send_close(code, "no more")
        connection.send_data()
        await connection.wait_closed()

    async with their_server(on_client, "127.0.0.1", 0, subprotocols=[Subprotocol(AMQP)]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        protocol = Answering()
        await WebSocketConnector()(protocol, "127.0.0.1", port)
        reason = await protocol.ended
    assert protocol.came == came
    assert str(reason or "") == why


async def test_a_ping_is_answered() -> None:
    async with (
        broker_behind() as (_, port),
        their_client(f"ws://127.0.0.1:{port}/", subprotocols=[Subprotocol(AMQP)]) as client,
    ):
        await (await client.ping())


async def test_clients_that_ask_for_no_subprotocol_are_refused() -> None:
    async with broker_behind() as (broker, port):
        with pytest.raises(InvalidStatus):
            async with their_client(f"ws://127.0.0.1:{port}/"):
                pass
        assert not broker.connections


async def test_a_client_that_closes_takes_its_connection_along() -> None:
    async with broker_behind() as (broker, port):
        async with their_client(f"ws://127.0.0.1:{port}/", subprotocols=[Subprotocol(AMQP)]) as client:
            await client.send(HEADER)
            await client.recv()
            (connection,) = broker.connections
        await connection.driver.closed
        assert not broker.connections


def test_what_cannot_be() -> None:
    with pytest.raises(amqp.LocalError, match="begins with a slash"):
        WebSocketConnector("amqp")
    assert repr(WebSocketConnector("/amqp")) == "WebSocketConnector('/amqp')"


def test_without_websockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "websockets.client", None)
    with pytest.raises(amqp.LocalError, match=r"amqp10\[websocket\]"):
        WebSocketConnector()
