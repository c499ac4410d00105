"""What is particular to services in asyncio: tasks, cancellation, the loop that they belong to."""

from __future__ import annotations

import asyncio
import gc
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

import amqp
from amqp.broker import Broker
from amqp.testing import AsyncPeer

if TYPE_CHECKING:
    from pathlib import Path

ANYWHERE = "amqp://127.0.0.1:0"


async def test_handlers_are_cancelled_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled = asyncio.Event()

    async def handler(request: amqp.LinkRequest) -> None:
        await request.accept()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    listener = await amqp.listen(ANYWHERE, handler)
    async with amqp.connect(listener.url) as connection:
        await connection.open_sender("a")
        await listener.close(timeout=0.01)
        assert cancelled.is_set()


async def test_a_handler_that_does_not_let_itself_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amqp.aio.listening._LAST", 0.01)
    ended = asyncio.Event()

    async def handler(request: amqp.LinkRequest) -> None:
        await request.accept()
        while not ended.is_set():
            try:
                await ended.wait()
            except asyncio.CancelledError:
                pass

    listener = await amqp.listen(ANYWHERE, handler)
    async with amqp.connect(listener.url) as connection:
        await connection.open_sender("a")
        with pytest.raises(amqp.OperationTimeout, match=r"^1 handlers of <Listener on .* do not end"):
            await listener.close(timeout=0.01)
        ended.set()


@pytest.mark.parametrize("kind", ["port", "path", "broker", "peer"])
async def test_listening_may_be_cancelled_at_any_step(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "socket"

    async def handler(request: amqp.LinkRequest) -> None:
        pass

    async def listening(port: int) -> None:
        if kind == "broker":
            async with Broker() as broker, broker.listen(port=port):
                pass
        elif kind == "peer":
            async with AsyncPeer(port=port):
                pass
        else:
            url = f"amqp://127.0.0.1:{port}" if kind == "port" else f"amqp+unix://{path}"
            async with amqp.listen(url, handler):
                pass

    steps, done = 0, False
    while not done:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        task = asyncio.ensure_future(listening(port))
        for _ in range(steps):
            await asyncio.sleep(0)
        done = task.done()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        # Nobody is there any more.
        assert not path.exists()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        steps += 1
    assert steps > 1


async def test_a_handler_may_close_its_listener() -> None:
    async with asyncio.timeout(5):
        listener: amqp.Listener

        async def handler(request: amqp.LinkRequest) -> None:
            async with request.accept():
                await listener.close()

        async with amqp.listen(ANYWHERE, handler) as listener, amqp.connect(listener.url) as connection:
            with suppress(amqp.RemoteClosed):
                await connection.open_sender("a")
            await listener.wait_closed()
            assert isinstance(await connection.wait_closed(), amqp.RemoteClosed)


async def test_a_service_in_memory_of_another_loop_is_refused() -> None:
    request_of: asyncio.Future[amqp.LinkRequest] = asyncio.get_running_loop().create_future()
    go = asyncio.Event()

    async def handler(request: amqp.LinkRequest) -> None:
        request_of.set_result(request)
        await go.wait()

    async with amqp.listen(ANYWHERE, handler) as listener, amqp.connect(listener.url) as connection:
        opening = asyncio.create_task(_open(connection))
        request = await request_of

        async def accept() -> object:
            return await request.accept()

        with pytest.raises(amqp.WrongLoop):
            await asyncio.to_thread(asyncio.run, accept())
        go.set()
        with pytest.raises(amqp.AttachRefused):
            await opening


async def _open(connection: amqp.Connection) -> amqp.Sender:
    return await connection.open_sender("a")


async def test_many_clients_at_once() -> None:
    async def handler(request: amqp.LinkRequest) -> None:
        if isinstance(request, amqp.ReceiverRequest):
            async with request.accept(auto_accept=True) as receiver:
                async for _ in receiver:
                    pass

    async def client(url: str) -> None:
        async with amqp.connect(url) as connection:
            sender = await connection.open_sender("a")
            for _ in range(5):
                await sender.send(amqp.Message(b"x"))

    async with amqp.listen(ANYWHERE, handler) as listener:
        async with asyncio.TaskGroup() as clients:
            for _ in range(30):
                clients.create_task(client(listener.url))
        assert len(listener.connections) <= 30


async def test_a_client_that_comes_as_the_listener_closes_leaves_nothing_open() -> None:
    # A socket that nobody closes is a ResourceWarning, and so an error here.
    for _ in range(10):
        listener = await amqp.listen(ANYWHERE, _nothing)
        with socket.create_connection(listener.address):
            await listener.close()
        gc.collect()
    assert not listener.is_open


async def _nothing(request: amqp.LinkRequest) -> None:
    """Accept nothing."""
