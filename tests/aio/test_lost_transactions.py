"""The connection is lost behind every so many octets: what is told of a transaction is what became of it."""

from __future__ import annotations

import pytest

import amqp
from amqp.broker import Broker
from amqp.testing import FaultyPipe

STEP = 23
"""Octets from one place to the next; not a length that frames have."""


async def move(url: str, pipe: FaultyPipe, source: str, target: str) -> str:
    """Move two messages in one transaction; return what was told of it."""
    try:
        async with amqp.connect(url, transport=pipe.connect) as connection:
            sender = await connection.open_sender(target)
            receiver = await connection.open_receiver(source)
            first, second = await receiver.receive(timeout=10), await receiver.receive(timeout=10)
            try:
                async with receiver.session.transaction() as transaction:
                    await sender.send(first.message, transaction=transaction)
                    await first.accept(transaction=transaction)
                    await sender.send(second.message, transaction=transaction)
                    await second.accept(transaction=transaction)
            except amqp.TransactionInDoubt:
                return "in doubt"
            except amqp.AmqpError:
                return "rolled back"
            return "committed"
    except amqp.ConnectionClosed:
        return "rolled back"


async def bodies(connection: amqp.Connection, address: str) -> list[object]:
    browse = amqp.Source(address=address, distribution_mode=amqp.StdDistMode.COPY)
    async with connection.open_receiver(browse) as receiver:
        await receiver.drain()
        return [delivery.message.body for delivery in await receiver.receive_many(10, timeout=0)]


@pytest.mark.parametrize("direction", ["outgoing", "incoming"])
async def test_what_is_told_is_what_became_of_it(direction: str) -> None:
    async with Broker() as broker, broker.listen() as listener, amqp.connect(listener.url) as watching:
        told: dict[str, int] = {}
        for number in range(200):
            source, target = f"from {number}", f"to {number}"
            async with watching.open_sender(source) as sender:
                for body in ("one", "two"):
                    await sender.send(amqp.Message(body))
            pipe = FaultyPipe()
            getattr(pipe, direction).cut(at=200 + number * STEP)
            outcome = await move(listener.url, pipe, source, target)
            left, arrived = await bodies(watching, source), await bodies(watching, target)
            both = ["one", "two"]
            assert (left, arrived) in (([], both), (both, [])), (number, outcome)
            if outcome != "in doubt":
                assert (arrived == both) is (outcome == "committed"), (number, outcome)
            told[outcome] = told.get(outcome, 0) + 1
            if told.get("committed", 0) > 10:
                break
        # All that can be was met.
        assert set(told) == {"rolled back", "in doubt", "committed"}, told
