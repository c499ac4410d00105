"""A name that has several addresses: one that does not answer holds nobody up (RFC 8305)."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import amqp
from tests.aio.peer import SOON, Peer

if TYPE_CHECKING:
    import pytest


async def test_an_address_that_does_not_answer_is_raced(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    dialled: list[str] = []
    dial = loop.sock_connect

    async def answer(_host: object, port: int, **_options: object) -> list[Any]:
        addresses = ("127.0.0.2", "127.0.0.1")
        return [
            (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))
            for address in addresses
        ]

    async def connecting(connected: socket.socket, address: Any) -> None:
        dialled.append(address[0])
        if address[0] == "127.0.0.2":
            await loop.create_future()
        await dial(connected, address)

    async with Peer() as peer:
        monkeypatch.setattr(loop, "getaddrinfo", answer)
        monkeypatch.setattr(loop, "sock_connect", connecting)
        async with amqp.connect(f"amqp://several.test:{peer.port}", connect_timeout=SOON) as connection:
            assert connection.is_open
        assert dialled == ["127.0.0.2", "127.0.0.1"]
