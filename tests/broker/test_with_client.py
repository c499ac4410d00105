"""The broker as users meet it: through the asyncio client, over TCP and in memory."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

import amqp
from amqp.broker import Broker, BrokerOptions
from amqp.transport.memory import MemoryListener

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    async with Broker() as running:
        yield running


@pytest.fixture(params=["tcp", "memory"])
async def connection(broker: Broker, request: pytest.FixtureRequest) -> AsyncIterator[amqp.Connection]:
    if request.param == "memory":
        near = MemoryListener(broker.accept)
        async with amqp.connect("amqp://broker", transport=near.connect) as opened:
            yield opened
    else:
        async with broker.listen() as listener, amqp.connect(listener.url) as opened:
            yield opened


async def test_send_and_receive(broker: Broker, connection: amqp.Connection) -> None:
    sender = await connection.open_sender("orders")
    await sender.send(amqp.Message(b"hello", properties=amqp.Properties(message_id=1)))
    assert broker.queues["orders"].depth == 1
    receiver = await connection.open_receiver("orders")
    delivery = await receiver.receive(timeout=10)
    assert delivery.message.body == b"hello"
    assert delivery.message.properties is not None
    assert delivery.message.properties.message_id == 1
    await delivery.accept()


async def test_a_released_message_comes_again(connection: amqp.Connection) -> None:
    sender = await connection.open_sender("q")
    await sender.send(amqp.Message("text"))
    async with connection.open_receiver("q") as receiver:
        await (await receiver.receive(timeout=10)).release()
        again = await receiver.receive(timeout=10)
        assert again.message.body == "text"
        await again.modify(delivery_failed=True)
        third = await receiver.receive(timeout=10)
        assert third.message.header is not None
        assert third.message.header.delivery_count == 1
        await third.accept()


async def test_credentials_in_the_url() -> None:
    options = BrokerOptions(users={"ann": "secret"})
    async with Broker(options) as broker, broker.listen() as listener:
        async with amqp.connect(listener.url.replace("//", "//ann:secret@")) as connection:
            await connection.open_sender("q")
        for user in ("", "ann:wrong@", "guest:guest@"):
            with pytest.raises(amqp.AuthenticationFailed):
                await amqp.connect(listener.url.replace("//", f"//{user}"))
        # A refused client leaves nothing behind.
        async with asyncio.timeout(10):
            await asyncio.gather(*(c.driver.closed for c in broker.connections))


async def test_what_the_broker_refuses_is_told(connection: amqp.Connection) -> None:
    with pytest.raises(amqp.AttachRefused) as refusal:
        await connection.open_receiver("temporary-queue/nowhere")
    assert refusal.value.condition == "amqp:not-found"
    await connection.open_receiver("q")


async def test_a_stopping_broker_is_told() -> None:
    async with Broker() as broker, broker.listen() as listener:
        connection = await amqp.connect(listener.url)
        receiver = await connection.open_receiver("q")
        waiting = asyncio.create_task(receiver.receive())
        await asyncio.sleep(0)
        await broker.close()
        with pytest.raises(amqp.RemoteClosed) as closed:
            await waiting
        assert closed.value.condition == "amqp:connection:forced"
        await connection.close()


async def test_many_workers_share_the_work(broker: Broker) -> None:
    """Each message is accepted exactly once, whoever gets it."""
    done: list[int] = []

    async def work(url: str, wanted: int) -> None:
        async with amqp.connect(url) as connection, connection.open_receiver("work", credit=5) as receiver:
            while len(done) < wanted:
                try:
                    delivery = await receiver.receive(timeout=0.1)
                except amqp.OperationTimeout:
                    continue
                done.append(delivery.message.body)
                await delivery.accept()

    async with broker.listen() as listener:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(5):
                tasks.create_task(work(listener.url, 300))
            async with amqp.connect(listener.url) as connection, connection.open_sender("work") as sender:
                for number in range(300):
                    await sender.submit(amqp.Message(number))
        assert sorted(done) == list(range(300))
        queue = broker.queues["work"]
        assert (queue.depth, queue.accepted) == (0, 300)


@pytest.mark.requirement("messaging-3.5.8-01")
async def test_a_source_that_breaks_a_rule_is_told_and_nothing_is_lost(connection: amqp.Connection) -> None:
    wrong = amqp.Source(address="q", filter={"colour": "red"})
    with pytest.raises(amqp.LocalError, match="give a filter such as SelectorFilter"):
        await connection.open_receiver(wrong)
    sender = await connection.open_sender("q")
    await sender.send(amqp.Message(b"hello"))
