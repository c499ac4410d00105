"""A client that does not read, or does not take what it has asked for, costs little and holds nobody up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.broker import Broker, BrokerOptions
from amqp.options import SessionOptions
from amqp_spec import Accepted, Data, SenderSettleMode

if TYPE_CHECKING:
    from collections.abc import Callable

    from amqp.engine import IncomingDelivery

Connect = Any
Listener = Any
Start = Any

KIB = 1024


async def fill(client: Any, count: int, size: int) -> None:
    """Put messages into the queue without waiting for each outcome."""
    sender = await client.sender("q")
    octets = Data(bytes(size)).encode()
    for number in range(count):
        await client.credit(sender)
        sender.send(octets)
        if number % 100 == 0:
            client.driver.schedule()
    await client.send(sender, octets)


@pytest.mark.fault("F22")
@pytest.mark.parametrize("settled", [False, True])
async def test_who_does_not_read_keeps_only_what_fits_the_buffers(
    start: Start, connect: Connect, settled: bool
) -> None:
    listener = await start(max_unsettled=1_000_000)
    stuck, other, producer = await connect(listener), await connect(listener), await connect(listener)
    mode = SenderSettleMode.SETTLED if settled else SenderSettleMode.UNSETTLED
    await stuck.receiver("q", credit=1_000_000, snd_settle_mode=mode)
    stuck.driver.transport.pause_reading()
    # Far more than the buffers of two sockets take.
    await fill(producer, 5_000, 16 * KIB)
    queue = listener.broker.queues["q"]
    assert queue.unsettled < 4_000
    receiver = await other.receiver("q", credit=100)
    assert (await other.delivery(receiver)).payload == Data(bytes(16 * KIB)).encode()
    if settled:
        return
    # All that the stuck one held, sent or not, is there again once it is gone.
    left = queue.depth - 1
    await stuck.close()
    seen = 0
    receiver.flow(6_000)
    for _ in range(left):
        (await other.delivery(receiver)).settle(Accepted())
        seen += 1
    assert seen == 5_000


@pytest.mark.requirement("transport-2.5.6-08")
async def test_a_closed_window_holds_back_one_session(
    listener: Listener, connect: Connect, body_of: Callable[[IncomingDelivery], bytes]
) -> None:
    """What the window keeps back stays at the queue, but for a bounded rest; it goes on when the window opens."""
    producer, consumer = await connect(listener), await connect(listener)
    await producer.fill("q", *(b"%d" % number for number in range(20)))
    narrow = consumer.engine.begin(SessionOptions(incoming_window=4))
    consumer.session = narrow
    receiver = await consumer.receiver("q", credit=20)
    got = [body_of(d) for d in await consumer.deliveries(receiver, 20)]
    assert got == [b"%d" % number for number in range(20)]


async def test_producers_wait_while_consumers_are_slow(start: Start, connect: Connect) -> None:
    listener = await start(max_depth=100)
    producer, consumer = await connect(listener), await connect(listener)
    sender = await producer.sender("q")
    receiver = await consumer.receiver("q")
    paused = asyncio.Event()
    accepted = 0

    async def produce() -> None:
        nonlocal accepted
        for _ in range(500):
            if accepted == 75:
                paused.set()
            assert await producer.send(sender, Data(b"x").encode()) == Accepted()
            accepted += 1

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(produce())
        await paused.wait()
        assert 75 <= listener.broker.queues["q"].depth < 100
        for _ in range(500):
            receiver.flow(10)
            (await consumer.delivery(receiver)).settle(Accepted())
            consumer.driver.schedule()
    assert accepted == 500


@pytest.mark.parametrize("producers", [1, 3])
@pytest.mark.parametrize(
    "options",
    [BrokerOptions(max_depth=300), BrokerOptions(max_octets=200_000), BrokerOptions(max_depth=1)],
    ids=["messages", "octets", "one message"],
)
async def test_what_was_granted_credit_is_never_sent_back(options: BrokerOptions, producers: int) -> None:
    """However fast the producers are, and whatever they do not wait for: all of it is accepted."""
    each = 50 if options.max_depth == 1 else 1_000
    received = 0

    async def produce(connection: amqp.Connection) -> None:
        sender = await connection.open_sender("q")
        for outcome in [await sender.submit(amqp.Message(bytes(500))) for _ in range(each)]:
            await outcome

    async with (
        Broker(options) as broker,
        broker.listen() as listener,
        amqp.connect(listener.url) as connection,
        connection.open_receiver("q") as receiver,
        asyncio.TaskGroup() as tasks,
    ):
        for _ in range(producers):
            tasks.create_task(produce(connection))
        while received < each * producers:
            await (await receiver.receive(timeout=10)).accept()
            received += 1
            assert broker.queues["q"].depth <= options.max_depth + producers
        assert broker.queues["q"].refused == 0


async def test_a_fast_producer_leaves_its_own_consumer_room() -> None:
    """On one connection, with a larger window than the consumer's: the consumer keeps pace, from first to last."""
    wanted, received = 10_000, 0
    when_all_were_sent = -1

    async def produce(connection: amqp.Connection) -> None:
        nonlocal when_all_were_sent
        sender = await connection.open_sender("q")
        for _ in range(wanted):
            await sender.submit(amqp.Message(b"x"))
        when_all_were_sent = received

    async with (
        Broker(BrokerOptions(credit=200)) as broker,
        broker.listen() as listener,
        amqp.connect(listener.url) as connection,
        connection.open_receiver("q", credit=20) as receiver,
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(produce(connection))
        while received < wanted:
            await (await receiver.receive(timeout=10)).accept()
            received += 1
    assert when_all_were_sent > wanted // 4
