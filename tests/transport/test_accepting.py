"""Servers that close while a client comes in."""

from __future__ import annotations

import asyncio
import gc
import socket
import warnings
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

import amqp
from amqp.broker import Broker, BrokerOptions
from amqp.testing import AsyncPeer
from amqp.transport.accepting import stop_accepting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager


class Kept(asyncio.Protocol):
    """Holds what came in, and lets go of it at the end."""

    def __init__(self, kept: list[asyncio.BaseTransport]) -> None:
        self._kept = kept

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._kept.append(transport)


@asynccontextmanager
async def plain() -> AsyncIterator[int]:
    kept: list[asyncio.BaseTransport] = []
    server = await asyncio.get_running_loop().create_server(lambda: Kept(kept), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    await stop_accepting(server)
    for transport in kept:
        transport.close()
    await asyncio.sleep(0)


@asynccontextmanager
async def broker() -> AsyncIterator[int]:
    async with Broker(BrokerOptions()) as serving, serving.listen() as listener:
        yield listener.port


@asynccontextmanager
async def websocket_broker() -> AsyncIterator[int]:
    async with Broker(BrokerOptions()) as serving, serving.listen(websocket=True) as listener:
        yield listener.port


async def nobody(_: amqp.LinkRequest) -> None:
    """Accept nothing."""


@asynccontextmanager
async def service() -> AsyncIterator[int]:
    async with amqp.listen("amqp://127.0.0.1:0", nobody) as listener:
        yield listener.port


@asynccontextmanager
async def websocket_service() -> AsyncIterator[int]:
    async with amqp.listen("ws://127.0.0.1:0", nobody) as listener:
        yield listener.port


@asynccontextmanager
async def scripted() -> AsyncIterator[int]:
    peer = AsyncPeer()
    await peer.start()
    yield peer.port
    await peer.stop()


@pytest.mark.parametrize("turns", range(5))
@pytest.mark.parametrize("serving", [plain, broker, websocket_broker, service, websocket_service, scripted])
async def test_a_client_that_comes_in_last_is_closed(
    serving: Callable[[], AbstractAsyncContextManager[int]], turns: int
) -> None:
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        async with serving() as port:
            client = socket.create_connection(("127.0.0.1", port))
            for _ in range(turns):
                await asyncio.sleep(0)
        client.close()
        gc.collect()
    assert [str(warning.message) for warning in caught] == []
