"""The broker's WebSocket listener, before anybody is known."""

from __future__ import annotations

import asyncio
import struct

import pytest

import amqp
from amqp.broker import Broker, BrokerOptions
from amqp.errors import LocalError
from amqp.transport.websocket import websocket_listener

REQUEST = (
    b"GET /any HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: amqp\r\n"
)
FOREIGN = b"Origin: https://evil.example\r\n\r\n"
HEADER_AND_OPEN = bytes.fromhex("414d515000010000 0000001002000000 005310c003 01a100")


@pytest.mark.parametrize(
    ("options", "origin", "status"),
    [
        (BrokerOptions(), FOREIGN, b"403"),
        (BrokerOptions(), b"Origin: http://localhost:3000\r\n\r\n", b"101"),
        (BrokerOptions(), b"\r\n", b"101"),
        (BrokerOptions(users={"joe": "secret"}), FOREIGN, b"101"),
        (BrokerOptions(allow_anonymous=True), FOREIGN, b"101"),
    ],
)
async def test_where_everybody_may_come_in_web_pages_of_elsewhere_may_not(
    options: BrokerOptions, origin: bytes, status: bytes
) -> None:
    async with Broker(options) as broker, broker.listen(websocket=True) as listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(REQUEST + origin)
        assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 " + status)
        writer.close()
        await writer.wait_closed()


async def test_a_listener_that_closes_drops_those_who_still_ask() -> None:
    async with Broker(BrokerOptions(handshake_timeout=60)) as broker:
        async with broker.listen(websocket=True) as listener:
            reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
            writer.write(REQUEST)
            # It was accepted before this one.
            async with amqp.connect(listener.url):
                pass
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


@pytest.mark.fault("C2")
async def test_a_frame_may_be_large_once_the_client_is_known() -> None:
    large = b"\x82\xff" + struct.pack("!Q", 800_000) + bytes(4) + bytes.fromhex("0000000802000000") * 100_000
    async with Broker() as broker, broker.listen(websocket=True) as listener:
        for opening in (b"", b"\x82" + bytes([0x80 | len(HEADER_AND_OPEN)]) + bytes(4) + HEADER_AND_OPEN):
            reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
            writer.write(REQUEST + b"\r\n")
            await reader.readuntil(b"\r\n\r\n")
            writer.write(opening)
            if opening:
                await reader.readuntil(b"\x00\x53\x10")
            writer.write(large + b"\x89\x80" + bytes(4))
            # 1009 (too big) of RFC 6455, 7.4.1, or the answer to the ping behind it.
            await reader.readuntil(b"\x8a\x00" if opening else b"\x03\xf1")
            writer.close()
            await writer.wait_closed()


async def test_without_a_subprotocol_nobody_could_be_taken() -> None:
    with pytest.raises(LocalError, match="names none"):
        websocket_listener(asyncio.Protocol, subprotocols=())
