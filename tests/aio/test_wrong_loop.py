"""Objects of asyncio used from another thread or loop: told at once, and nothing is changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from tests.aio.peer import SOON, Peer

if TYPE_CHECKING:
    from collections.abc import Callable

HELLO = amqp.Message(b"hello")


async def elsewhere(call: Callable[[], Any]) -> BaseException | None:
    """Run *call*, and what it returns where that can be awaited, on a loop in another thread; return what it raised."""
    raised: list[BaseException] = []

    async def calling() -> None:
        result = call()
        if asyncio.iscoroutine(result) or hasattr(result, "__await__"):
            await result

    def running() -> None:
        try:
            asyncio.run(calling())
        except amqp.AmqpError as error:
            raised.append(error)

    async with asyncio.timeout(SOON):
        await asyncio.to_thread(running)
    return raised[0] if raised else None


@pytest.mark.fault("F19")
async def test_everything_says_that_it_is_on_the_wrong_loop() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        session = await connection.open_session()
        sender, receiver = await session.open_sender("q"), await session.open_receiver("q")
        pending = await sender.submit(HELLO)
        await peer.send("one")
        delivery = await receiver.receive()
        calls: list[Callable[[], Any]] = [
            connection.open_session,
            lambda: connection.open_sender("q"),
            lambda: connection.open_receiver("q"),
            connection.close,
            lambda: session.open_sender("q"),
            lambda: session.open_receiver("q"),
            session.close,
            lambda: sender.send(HELLO),
            lambda: sender.submit(HELLO),
            sender.flush,
            sender.close,
            receiver.receive,
            lambda: receiver.receive_many(5),
            lambda: receiver.issue_credit(1),
            receiver.drain,
            receiver.flush,
            receiver.close,
            delivery.accept,
            lambda: delivery.received(section_number=0, section_offset=0),
            lambda: pending,
            pending.result,
            pending.abort,
        ]
        for call in calls:
            assert isinstance(await elsewhere(call), amqp.WrongLoop), call
        with pytest.raises(amqp.WrongLoop, match=r"run_coroutine_threadsafe.*amqp\.sync"):
            await asyncio.to_thread(receiver.issue_credit, 1)
        # Nothing was changed.
        assert sender.is_open
        assert receiver.is_open
        await delivery.accept()
        peer.deliveries[0].settle(amqp.Accepted())
        peer.flush()
        assert await pending == amqp.Accepted()
