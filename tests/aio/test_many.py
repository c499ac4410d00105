"""Many messages at once, sent and taken; sends taken back; what tells that something is gone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

import amqp
from amqp.engine import DeliveryUpdated
from tests.aio.peer import SOON, Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


async def later(count: int) -> AsyncIterator[amqp.Message]:
    for value in range(count):
        await asyncio.sleep(0)
        yield amqp.Message(value)


def bodies(peer: Peer) -> list[object]:
    return [amqp.Message.decode(delivery.payload).body for delivery in peer.deliveries]


@pytest.mark.parametrize("asynchronous", [False, True], ids=["plain", "async"])
async def test_send_many_gives_the_fates_in_order(asynchronous: bool) -> None:
    async with Peer(credit=10) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        messages = later(50) if asynchronous else (amqp.Message(value) for value in range(50))
        outcomes = [await pending.result(0) async for pending in sender.send_many(messages, in_flight=7)]
        assert outcomes == [amqp.Accepted()] * 50
        assert bodies(peer) == list(range(50))


async def test_send_many_takes_no_more_than_may_be_under_way() -> None:
    taken: list[int] = []

    def messages() -> Iterator[amqp.Message]:
        for value in range(1_000_000):
            taken.append(value)
            yield amqp.Message(value)

    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        sending = sender.send_many(messages(), in_flight=5)
        first = asyncio.ensure_future(anext(sending))
        await peer.until(lambda: len(peer.deliveries) == 5)
        assert not first.done()
        assert len(taken) == 5
        peer.deliveries[0].settle(amqp.Released())
        peer.flush()
        pending = await asyncio.wait_for(first, SOON)
        assert isinstance(pending.exception(), amqp.MessageReleased)
        await sending.aclose()
        for delivery in list(peer.deliveries)[1:]:
            delivery.settle(amqp.Accepted())
        peer.flush()


async def test_send_many_goes_on_where_one_is_not_accepted() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        sending = sender.send_many([amqp.Message(value) for value in range(3)], timeout=0.3)
        fates: list[object] = []

        async def collect() -> None:
            fates.extend([pending.exception() or pending.outcome async for pending in sending])

        task = asyncio.create_task(collect())
        await peer.until(lambda: len(peer.deliveries) == 3)
        peer.deliveries[0].settle(amqp.Rejected())
        peer.deliveries[1].settle(amqp.Accepted())
        peer.flush()
        await task
        assert isinstance(fates[0], amqp.MessageRejected)
        assert fates[1] == amqp.Accepted()
        assert isinstance(fates[2], amqp.InDoubt)


async def test_send_many_ends_where_there_is_no_credit() -> None:
    async with Peer(credit=2) as peer, amqp.connect(peer.url) as connection:
        peer.silent.add("outcome")
        sender = await connection.open_sender("q")
        with pytest.raises(amqp.NotSent):
            async for _ in sender.send_many([amqp.Message(1)] * 3, timeout=0.1):
                pass
        for delivery in peer.deliveries:
            delivery.settle(amqp.Accepted())
        peer.flush()


async def test_send_many_refuses_what_holds_no_messages() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        with pytest.raises(amqp.LocalError, match="send_many takes an iterable"):
            await anext(sender.send_many(5))  # type: ignore[arg-type]  # on purpose
        with pytest.raises(amqp.LocalError, match="in_flight"):
            await anext(sender.send_many([], in_flight=0))


async def test_receive_many_takes_what_is_there() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        assert await receiver.receive_many(10, timeout=0) == []
        await peer.send(*range(5))
        first = await receiver.receive_many(1, timeout=SOON)
        # Those behind the first came with it, or will.
        rest: list[amqp.Delivery] = []
        while len(rest) < 4:
            rest += await receiver.receive_many(3, timeout=SOON)
        assert [delivery.message.body for delivery in (*first, *rest)] == list(range(5))
        for delivery in (*first, *rest):
            await delivery.accept()
        with pytest.raises(amqp.LocalError, match="most"):
            await receiver.receive_many(0)


async def test_with_auto_accept_all_that_were_taken_are_accepted() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", auto_accept=True)
        await peer.send(1, 2, 3)
        taken = 0
        while taken < 3:
            taken += len(await receiver.receive_many(3, timeout=SOON))
        assert await receiver.receive_many(3, timeout=0) == []
        await peer.until(lambda: len(peer.told(DeliveryUpdated)) == 3)


async def test_a_batch_of_outcomes_is_told_when_it_is_old_enough() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", batch=100, batch_max_age=0.05)
        await peer.send(1, 2)
        await (await receiver.receive()).accept()
        await (await receiver.receive()).accept()
        assert not peer.told(DeliveryUpdated)
        await peer.until(lambda: len(peer.told(DeliveryUpdated)) == 2)
        await peer.send(3)
        await (await receiver.receive()).release()
        await receiver.flush()
        await peer.until(lambda: len(peer.told(DeliveryUpdated)) == 3)


async def test_how_far_a_message_was_processed_is_told() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        await peer.send(1)
        delivery = await receiver.receive()
        await delivery.received(section_number=1, section_offset=512)
        told = await peer.until_told(DeliveryUpdated)
        assert told.state == amqp.Received(section_number=1, section_offset=512)
        assert not told.settled
        assert delivery.outcome is None
        with pytest.raises(amqp.LocalError, match="section_number"):
            await delivery.received(section_number=-1, section_offset=0)
        await delivery.accept()
        with pytest.raises(amqp.LocalError, match="settled before"):
            await delivery.received(section_number=1, section_offset=0)
        # And the other way round: a sender sees it too.
        sender = await connection.open_sender("q")
        pending = await sender.submit(amqp.Message(1))
        assert pending.state is None
        await peer.until(lambda: peer.deliveries)
        peer.deliveries[0].update(amqp.Received(section_number=0, section_offset=3), settled=False)
        peer.deliveries[0].settle(amqp.Accepted())
        peer.flush()
        await pending
        assert isinstance(pending.state, amqp.Accepted)


async def test_a_message_that_came_settled_needs_no_progress() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        await peer.send(1, settled=True)
        delivery = await receiver.receive()
        await delivery.received(section_number=0, section_offset=0)
        assert delivery.settled


@pytest.mark.fault("F29")
async def test_what_is_no_message_is_not_accepted_by_default() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", auto_accept=True)
        await peer.send_octets(b"\x00\x53\x75")
        # A section whose structure is sound and whose content is not: a str that is no UTF-8.
        await peer.send_octets(b"\x00\x53\x77\xa1\x01\xff")
        first = await receiver.receive()
        assert first.raw == b"\x00\x53\x75"
        assert isinstance(first.fault, amqp.DecodeError)
        second = await receiver.receive()
        before = second.fault
        with pytest.raises(amqp.DecodeError):
            _ = second.message.body
        assert (before, type(second.fault)) == (None, amqp.DecodeError)
        await receiver.receive_many(1, timeout=0)
        await peer.until(lambda: len(peer.told(DeliveryUpdated)) == 2)
        for event in peer.told(DeliveryUpdated):
            assert event.state == amqp.Modified(delivery_failed=True, undeliverable_here=True)
        assert connection.is_open
        await peer.send_octets(b"\x00")
        async with connection.open_receiver("other") as other:
            assert other.is_open


async def test_leaving_a_delivery_that_is_no_message_modifies_it() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        await peer.send_octets(b"\x00")
        async with await receiver.receive() as delivery:
            pass
        assert delivery.outcome == amqp.Modified(delivery_failed=True, undeliverable_here=True)


async def test_what_has_left_is_not_taken_back() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        pending = await sender.submit(amqp.Message("x"))
        await peer.until(lambda: peer.deliveries)
        assert not pending.abort()
        peer.deliveries[0].settle(amqp.Accepted())
        peer.flush()
        assert await pending == amqp.Accepted()


async def test_who_watches_is_told_that_something_is_gone() -> None:
    gone: list[object] = []
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        session = await connection.open_session()
        sender = await session.open_sender("q")
        for what in (connection, session, sender):
            what.add_close_callback(gone.append)
            with pytest.raises(amqp.OperationTimeout, match="the end of"):
                await what.wait_closed(timeout=0.01)
            assert what.error is None
        peer.receiver().detach(error=amqp.Error(condition="amqp:link:detach-forced", description="go away"))
        peer.flush()
        error = await sender.wait_closed(timeout=SOON)
        assert isinstance(error, amqp.LinkDetached)
        assert gone == [sender]
        await session.close()
        assert await session.wait_closed() is None
        peer.driver.engine.close(amqp.Error(condition="amqp:connection:forced"))
        peer.flush()
        assert isinstance(await connection.wait_closed(timeout=SOON), amqp.RemoteClosed)
        assert gone == [sender, session, connection]
        await connection.close()
        assert isinstance(connection.error, amqp.RemoteClosed)
