"""A receiver that is stopped while somebody waits on it."""

from __future__ import annotations

import asyncio

import pytest

import amqp
from amqp.engine import DeliveryUpdated
from tests.aio.peer import Peer


async def test_who_waits_is_told() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        waiting = asyncio.create_task(receiver.receive())
        looping = asyncio.create_task(anext(receiver, None))
        await asyncio.sleep(0)
        receiver.stop()
        with pytest.raises(amqp.LinkDetached, match="was stopped"):
            await waiting
        assert await looping is None


async def test_what_came_for_somebody_who_was_cancelled_goes_back() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        client = receiver._receiver
        waiter = client.next()
        await peer.send("hello")
        # What was sent before an answer is there with it.
        await (await connection.open_sender("q")).close()
        assert waiter.done()
        receiver.stop()
        client.stop_waiting(waiter)
        await receiver.close()
        told = [event.state for event in peer.happened if isinstance(event, DeliveryUpdated)]
        assert told == [amqp.Released()]
