"""Receiving: waiting, settling, credit, and the end of it."""

from __future__ import annotations

import asyncio
import time

import pytest

import amqp
from amqp.client.receiver import ClientReceiver
from amqp.engine import DeliveryUpdated, IncomingDelivery, LinkEnded
from tests.aio.peer import SOON, Peer


def states(peer: Peer) -> list[object]:
    return [event.state for event in peer.told(DeliveryUpdated)]


async def test_receive_and_settle() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        await peer.send(1, 2, 3, 4)
        first = await receiver.receive()
        assert first.message.body == 1
        await first.accept()
        await (await receiver.receive()).release()
        error = amqp.Error(condition="x:y")
        await (await receiver.receive()).reject(error)
        await (await receiver.receive()).modify(undeliverable_here=True, message_annotations={"x-opt-a": 1})
        await peer.until(lambda: len(states(peer)) == 4)
        modified = states(peer)[3]
        assert states(peer)[:3] == [amqp.Accepted(), amqp.Released(), amqp.Rejected(error=error)]
        assert isinstance(modified, amqp.Modified)
        assert modified.undeliverable_here
        assert modified.message_annotations == {amqp.Symbol("x-opt-a"): 1}


async def test_dispositions_of_one_turn_leave_as_one_range() -> None:
    seen: list[str] = []

    def note(direction: str, channel: int, performative: object, size: int) -> None:
        if direction == "out":
            seen.append(type(performative).__name__)

    async with Peer() as peer, amqp.connect(peer.url, on_frame=note) as connection:
        receiver = await connection.open_receiver("q")
        await peer.send(*range(50))
        await (await receiver.receive()).accept()
        await peer.until(lambda: len(states(peer)) == 1)
        seen.clear()
        for _ in range(49):
            await (await receiver.receive()).accept()
        await peer.until(lambda: len(states(peer)) == 50)
        assert seen.count("Disposition") == 1


async def test_receive_waits() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        waiting = [asyncio.create_task(receiver.receive()) for _ in range(3)]
        await asyncio.sleep(0)
        await peer.send(1, 2, 3)
        assert [(await task).message.body for task in waiting] == [1, 2, 3]


@pytest.mark.fault("F13")
async def test_receive_waits_so_long_and_no_longer() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        start = time.monotonic()
        with pytest.raises(amqp.OperationTimeout, match="no message came"):
            await receiver.receive(timeout=0.1)
        with pytest.raises(amqp.OperationTimeout):
            await receiver.receive(timeout=0)
        assert time.monotonic() - start < 2
        await peer.send(1)
        assert (await receiver.receive(timeout=SOON)).message.body == 1


@pytest.mark.fault("F14")
async def test_a_cancelled_receive_loses_nothing() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        leaving = asyncio.create_task(receiver.receive())
        staying = asyncio.create_task(receiver.receive())
        await asyncio.sleep(0)
        leaving.cancel()
        await peer.send(1, 2)
        assert (await staying).message.body == 1
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert (await receiver.receive()).message.body == 2


@pytest.mark.fault("F14")
async def test_cancelled_in_the_moment_of_arrival_it_is_left_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        leaving = asyncio.create_task(receiver.receive())
        await asyncio.sleep(0)
        received = ClientReceiver.received

        def received_and_cancelled(client: ClientReceiver[amqp.Delivery], incoming: IncomingDelivery) -> None:
            received(client, incoming)
            leaving.cancel()

        monkeypatch.setattr(ClientReceiver, "received", received_and_cancelled)
        await peer.send(1)
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert receiver.unread == 1
        assert (await receiver.receive(timeout=SOON)).message.body == 1


async def test_async_for_goes_on_until_the_receiver_is_closed_here() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        await peer.send(1, 2)
        bodies: list[object] = []
        async for delivery in receiver:
            bodies.append(delivery.message.body)
            await delivery.accept()
            if len(bodies) == 2:
                await receiver.close()
        assert bodies == [1, 2]


@pytest.mark.parametrize("what", ["receiver", "session", "connection"])
async def test_async_for_ends_when_what_it_is_on_is_closed_by_another_task(what: str) -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        session = await connection.open_session()
        receiver = await session.open_receiver("q")

        async def consume() -> int:
            return len([delivery async for delivery in receiver])

        task = asyncio.create_task(consume())
        await asyncio.sleep(0)
        if what == "receiver":
            await receiver.close()
        else:
            await (session if what == "session" else connection).close()
        assert await task == 0
        await connection.close()


@pytest.mark.fault("F8")
async def test_async_for_raises_when_the_link_is_taken_away() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")

        async def consume() -> None:
            async for _ in receiver:
                pass

        task = asyncio.create_task(consume())
        await asyncio.sleep(0)
        peer.sender().detach(error=amqp.Error(condition="amqp:resource-deleted", description="gone"))
        peer.flush()
        with pytest.raises(amqp.LinkDetached, match="gone"):
            await task


# -- settling


async def test_leaving_a_delivery_settles_it() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        await peer.send(1, 2, 3)
        async with await receiver.receive() as delivery:
            assert delivery.message.body == 1

        async def fail() -> None:
            async with await receiver.receive():
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        async with await receiver.receive() as delivery:
            await delivery.release()
        await peer.until(lambda: len(states(peer)) == 3)
        assert states(peer) == [amqp.Accepted(), amqp.Modified(delivery_failed=True), amqp.Released()]


async def test_in_mode_second_the_sender_settles_last() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", rcv_settle_mode=amqp.ReceiverSettleMode.SECOND)
        await peer.send(1)
        delivery = await receiver.receive()
        accepting = asyncio.create_task(delivery.accept())
        update = await peer.until_told(DeliveryUpdated)
        assert not update.settled
        assert not accepting.done()
        update.delivery.settle()
        peer.flush()
        await accepting
        assert delivery.settled


@pytest.mark.fault("F13")
async def test_silent_at_the_settlement() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", rcv_settle_mode=amqp.ReceiverSettleMode.SECOND)
        await peer.send(1)
        delivery = await receiver.receive()
        with pytest.raises(amqp.OperationTimeout, match="settlement by the sender"):
            await delivery.accept(timeout=0.1)
        assert connection.is_open


@pytest.mark.fault("F7")
async def test_settling_after_the_connection_is_gone() -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        receiver = await connection.open_receiver("q")
        await peer.send(1)
        delivery = await receiver.receive()
        peer.driver.abort()
        with pytest.raises(amqp.ConnectionLost):
            await receiver.receive(timeout=SOON)
        with pytest.raises(amqp.ConnectionLost):
            await delivery.accept()
        assert delivery.message.body == 1
        await connection.close()


async def test_auto_accept() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        async with connection.open_receiver("q", auto_accept=True) as receiver:
            await peer.send(1, 2, 3)
            bodies = [(await receiver.receive()).message.body for _ in range(2)]
            await peer.until(lambda: len(states(peer)) == 1)
        assert bodies == [1, 2]
        await peer.until(lambda: len(states(peer)) == 3)
        assert states(peer) == [amqp.Accepted(), amqp.Accepted(), amqp.Released()] or states(peer) == [
            amqp.Accepted(),
            amqp.Released(),
            amqp.Accepted(),
        ]


async def test_auto_accept_does_not_accept_what_failed() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:

        async def fail() -> None:
            async with connection.open_receiver("q", auto_accept=True) as receiver:
                await peer.send(1)
                await receiver.receive()
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        await peer.until_told(LinkEnded)
        assert amqp.Accepted() not in states(peer)


@pytest.mark.fault("F29")
async def test_a_message_that_cannot_be_read_is_delivered_as_such() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", auto_accept=True)
        await peer.send_octets(b"\xff\xff")
        delivery = await receiver.receive(timeout=SOON)
        assert delivery.raw == b"\xff\xff"
        with pytest.raises(amqp.DecodeError):
            _ = delivery.message
        await peer.send("fine")
        assert (await receiver.receive(timeout=SOON)).message.body == "fine"
        await peer.until(lambda: states(peer))
        assert states(peer) == [amqp.Modified(delivery_failed=True, undeliverable_here=True)]


# -- credit


@pytest.mark.fault("F22")
async def test_no_more_comes_than_there_is_credit_for() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", credit=10)
        await peer.until(lambda: peer.sender().credit)
        await peer.send(*range(10))
        assert peer.sender().credit == 0
        for n in range(5):
            assert (await receiver.receive()).message.body == n
        await peer.until(lambda: peer.sender().credit == 5)


async def test_credit_by_hand_and_drain() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", credit=0)
        receiver.issue_credit(5)
        await peer.until(lambda: peer.sender().credit == 5)
        assert receiver.credit == 5
        await peer.send(1, 2)
        draining = asyncio.create_task(receiver.drain())
        await peer.until(lambda: peer.sender().drain)
        peer.sender().drained()
        peer.flush()
        await draining
        assert receiver.unread == 2
        assert receiver.credit == 0


@pytest.mark.fault("F13")
async def test_silent_at_the_drain() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        peer.driver.mute = True
        with pytest.raises(amqp.OperationTimeout, match="drain"):
            await receiver.drain(timeout=0.1)
        peer.driver.mute = False


# -- closing


@pytest.mark.fault("F7")
async def test_what_nobody_took_is_released() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        async with connection.open_receiver("q") as receiver:
            await peer.send(1, 2, 3)
            taken = await receiver.receive()
        await peer.until_told(LinkEnded)
        assert states(peer) == [amqp.Released(), amqp.Released()]
        with pytest.raises(amqp.LinkDetached, match="the link was closed"):
            await taken.accept()
        with pytest.raises(amqp.LinkDetached):
            await receiver.receive()
        await receiver.close()


@pytest.mark.fault("F13")
async def test_silent_at_the_detach() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        peer.driver.mute = True
        with pytest.raises(amqp.OperationTimeout, match="detach of <Receiver"):
            await receiver.close(timeout=0.1)
        await receiver.close()
        peer.driver.mute = False
