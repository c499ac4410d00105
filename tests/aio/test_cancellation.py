"""Each public coroutine is cancelled at its k-th step, for all k; then the same connection still works."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

import amqp
from amqp.engine import DeliveryUpdated, Engine, Event, SenderLink
from tests.aio.peer import SOON, Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Operation = Callable[["Ground"], Awaitable[object]]


class Ground:
    """What an operation may need, on one connection."""

    def __init__(
        self, peer: Peer, connection: amqp.Connection, sender: amqp.Sender, receiver: amqp.Receiver
    ) -> None:
        self.peer = peer
        self.connection = connection
        self.sender = sender
        self.receiver = receiver

    async def session(self) -> None:
        session = await self.connection.open_session()
        await session.close()

    async def open_sender(self) -> None:
        sender = await self.connection.open_sender("new")
        await sender.close()

    async def open_own(self) -> None:
        receiver = await self.connection.open_receiver("new", session="own")
        await receiver.close()

    async def send(self) -> None:
        await self.sender.send(amqp.Message("cancelled"))

    async def submit(self) -> None:
        await (await self.sender.submit(amqp.Message("cancelled")))

    async def flush(self) -> None:
        await self.sender.submit(amqp.Message("cancelled"))
        await self.sender.flush()

    async def receive(self) -> None:
        await self.receiver.receive()

    async def drain(self) -> None:
        await self.receiver.drain()

    async def second(self) -> None:
        async with self.connection.open_receiver(
            "s", rcv_settle_mode=amqp.ReceiverSettleMode.SECOND
        ) as receiver:
            await receiver.receive()

    async def send_settled(self) -> None:
        await self.sender.send(amqp.Message("cancelled"), settled=True)

    async def send_many(self) -> None:
        async for pending in self.sender.send_many([amqp.Message("cancelled")] * 3, in_flight=2):
            await pending

    async def result(self) -> None:
        await (await self.sender.submit(amqp.Message("cancelled"))).result()

    async def send_stream(self) -> None:
        await self.sender.send_stream([b"cancelled"] * 3)

    async def receive_many(self) -> None:
        await self.receiver.receive_many(3, timeout=SOON)

    async def batch(self) -> None:
        async with self.connection.open_receiver("b", batch=5) as receiver:
            await receiver.flush()

    async def wait_closed(self) -> None:
        await self.connection.wait_closed()

    async def wait_for_link(self) -> None:
        await self.receiver.wait_closed()

    async def stream(self) -> None:
        async with self.connection.open_receiver("s", streaming=True) as receiver:
            await receiver.receive()

    async def default_session(self) -> None:
        receiver = await self.connection.open_receiver("d")
        await receiver.close()


OPERATIONS = [
    Ground.session,
    Ground.open_sender,
    Ground.open_own,
    Ground.send,
    Ground.submit,
    Ground.flush,
    Ground.receive,
    Ground.drain,
    Ground.second,
    Ground.send_settled,
    Ground.send_many,
    Ground.result,
    Ground.send_stream,
    Ground.receive_many,
    Ground.batch,
    Ground.wait_closed,
    Ground.wait_for_link,
    Ground.stream,
    Ground.default_session,
]


async def cancelled_after(steps: int, operation: Awaitable[object]) -> bool:
    """Run *operation* for so many turns of the loop, then cancel it; return whether it had ended by itself."""
    task = asyncio.ensure_future(operation)
    for _ in range(steps):
        if task.done():
            break
        await asyncio.sleep(0)
    finished = task.done()
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=SOON)
    assert done, "cancelling did not end it"
    if not task.cancelled():
        task.result()
    return finished


@pytest.mark.fault("F14")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
async def test_cancelled_at_any_step_the_connection_goes_on(operation: Operation) -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender, receiver = await connection.open_sender("q"), await connection.open_receiver("q")
        ground = Ground(peer, connection, sender, receiver)
        for steps in range(60):
            finished = await cancelled_after(steps, operation(ground))
            assert await sender.send(amqp.Message("after"), timeout=SOON) == amqp.Accepted()
            assert sender.is_open
            assert receiver.is_open
            if finished:
                break
        other = await connection.open_sender("other", timeout=SOON)
        await other.send(amqp.Message("after"), timeout=SOON)
        # Nothing is left behind: every message that left is settled at both ends.
        await peer.until(lambda: not peer.receiver().unsettled)


@pytest.mark.fault("F14")
async def test_no_delivery_is_lost_to_cancelled_receivers() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", credit=5)
        expected = 0
        for steps in range(12):
            await peer.send(steps)
            task = asyncio.create_task(receiver.receive())
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                assert task.result().message.body == expected
                await task.result().accept()
                expected += 1
        while expected < 12:
            delivery = await receiver.receive(timeout=SOON)
            assert delivery.message.body == expected
            await delivery.accept()
            expected += 1


@pytest.mark.fault("F14")
async def test_connecting_may_be_cancelled_at_any_step() -> None:
    async with Peer() as peer:
        for steps in range(60):

            async def connect_and_close() -> None:
                async with amqp.connect(peer.url):
                    pass

            if await cancelled_after(steps, connect_and_close()):
                break
        await peer.until(lambda: all(driver.transport is None for driver in peer.drivers))
        async with amqp.connect(peer.url) as connection:
            assert connection.is_open


class Settling(Peer):
    """A server that settles, too, once it knows the outcome."""

    def serve(self, engine: Engine, event: Event) -> None:
        super().serve(engine, event)
        if isinstance(event, DeliveryUpdated) and not event.settled:
            event.delivery.settle()


@pytest.mark.fault("F14")
async def test_cancelled_settlements_and_pieces_can_be_asked_for_again() -> None:
    async with Settling() as peer, amqp.connect(peer.url) as connection:
        second = amqp.ReceiverSettleMode.SECOND
        receiver = await connection.open_receiver("q", rcv_settle_mode=second)
        for steps in range(12):
            await peer.send(steps)
            delivery = await receiver.receive(timeout=SOON)
            await cancelled_after(steps, delivery.accept())
            # The outcome was told, or was not: it is told once.
            if delivery.outcome is None:
                await delivery.accept()
            assert delivery.outcome == amqp.Accepted()
        reading = await connection.open_receiver("s", streaming=True)
        await peer.until(lambda: _sender_of(peer, reading.name).credit)
        sent = _sender_of(peer, reading.name).send_stream()
        sent.write(amqp.Data(b"one").encode())
        peer.flush()
        delivery = await reading.receive(timeout=SOON)
        for steps in range(8):
            await cancelled_after(steps, delivery.head())
        chunks = delivery.chunks()
        assert await anext(chunks) == b"one"
        await cancelled_after(3, _next(chunks))
        sent.finish(amqp.Data(b"two").encode())
        peer.flush()
        assert b"".join([chunk async for chunk in delivery.chunks(timeout=SOON)]) == b"two"


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    return await anext(chunks)


def _sender_of(peer: Peer, name: str) -> SenderLink:
    links = [link for session in peer.driver.engine.sessions for link in session.links if link.name == name]
    found = links[0]
    assert isinstance(found, SenderLink)
    return found
