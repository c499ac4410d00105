"""A request, and the opening of a requester, may be cancelled at any step; the next one works."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

import amqp
from amqp.broker import Broker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable


@pytest.fixture
async def connection() -> AsyncIterator[amqp.Connection]:
    """A connection to a broker on which what is asked of "echo" is answered."""
    async with Broker() as broker, broker.listen() as listener, amqp.connect(listener.url) as connection:
        answering = asyncio.create_task(
            echo(connection, await connection.open_receiver("echo", auto_accept=True))
        )
        yield connection
        answering.cancel()
        await asyncio.wait([answering])


async def echo(connection: amqp.Connection, receiver: amqp.Receiver) -> None:
    sender = await connection.open_sender(None)
    async for delivery in receiver:
        asked = delivery.message.properties
        assert asked is not None
        properties = amqp.Properties(to=asked.reply_to, correlation_id=asked.message_id)
        try:
            await sender.send(amqp.Message(delivery.message.body, properties=properties))
        except amqp.MessageRejected:
            pass  # Who asked has left.


async def cancelled_after(steps: int, work: Awaitable[object]) -> bool:
    """Run *work* for so many turns of the loop, then cancel it; return whether it had ended by itself."""
    task = asyncio.ensure_future(work)
    for _ in range(steps):
        await asyncio.sleep(0)
    finished = task.done()
    task.cancel()
    await asyncio.wait([task], timeout=10)
    assert task.done()
    if not task.cancelled():
        task.result()
    return finished


async def test_a_request(connection: amqp.Connection) -> None:
    async with connection.open_requester("echo") as requester:
        for steps in range(200):
            finished = await cancelled_after(steps, requester.request(amqp.Message("cancelled")))
            assert requester.waiting == 0
            reply = await requester.request(amqp.Message(steps), timeout=10)
            assert reply.body == steps
            if finished:
                return
    pytest.fail("no request ended by itself")


async def test_the_opening(connection: amqp.Connection) -> None:
    async def opened() -> None:
        async with connection.open_requester("echo"):
            pass

    for steps in range(200):
        finished = await cancelled_after(steps, opened())
        async with connection.open_requester("echo") as requester:
            assert (await requester.request(amqp.Message(steps), timeout=10)).body == steps
        if finished:
            # What is left is the session of the one who answers; no other was left behind.
            async with connection.open_session() as session:
                # The broker has answered what came before this.
                assert session.is_open
                assert repr(connection).endswith("2 sessions>")
            return
    pytest.fail("nothing was opened")
