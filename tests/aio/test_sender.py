"""Sending: outcomes, times, and the fate of what is cancelled or lost."""

from __future__ import annotations

import asyncio
import math
import time

import pytest

import amqp
from amqp.engine import LinkEnded, LinkRequested
from tests.aio.peer import SOON, Peer

HELLO = amqp.Message(b"hello")


async def test_send_returns_when_the_message_is_accepted() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection, connection.open_sender("q") as sender:
        assert await sender.send(HELLO) == amqp.Accepted()
        assert amqp.Message.decode(peer.deliveries[0].payload) == HELLO


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (amqp.Rejected(error=amqp.Error(condition="x:y", description="why")), amqp.MessageRejected),
        (amqp.Released(), amqp.MessageReleased),
        (amqp.Modified(delivery_failed=True), amqp.MessageModified),
    ],
)
async def test_send_raises_unless_it_is_accepted(outcome: amqp.Outcome, error: type[Exception]) -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        sending = asyncio.create_task(sender.send(HELLO))
        await peer.until(lambda: peer.deliveries)
        peer.deliveries[0].settle(outcome)
        peer.flush()
        with pytest.raises(error) as caught:
            await sending
        assert isinstance(caught.value, amqp.DeliveryNotAccepted)
        assert caught.value.outcome == outcome
        assert caught.value.blame is amqp.Blame.REMOTE
        assert caught.value.scope is amqp.Scope.DELIVERY


async def test_submit_returns_before_the_outcome() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        pendings = [await sender.submit(amqp.Message(n)) for n in range(5)]
        assert not any(pending.done() for pending in pendings)
        await peer.until(lambda: len(peer.deliveries) == 5)
        waiting = asyncio.gather(*pendings)
        for delivery in peer.deliveries:
            delivery.settle(amqp.Accepted())
        peer.flush()
        assert await waiting == [amqp.Accepted()] * 5
        assert await pendings[0] == amqp.Accepted()
        assert pendings[0].tag == peer.deliveries[0].tag


async def test_a_result_that_is_not_there_yet() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        pending = await (await connection.open_sender("q")).submit(HELLO)
        with pytest.raises(amqp.OperationTimeout, match="the fate of"):
            await pending.result(0)
        seen: list[object] = []
        pending.add_done_callback(seen.append)
        await peer.until(lambda: peer.deliveries)
        peer.deliveries[0].settle(amqp.Accepted())
        peer.flush()
        await pending
        assert seen == [pending]


async def test_settled_messages_have_no_outcome() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q", snd_settle_mode=amqp.SenderSettleMode.SETTLED)
        assert await sender.send(HELLO) is None
        mixed = await connection.open_sender("q")
        assert await mixed.send(HELLO, settled=True) is None
        await peer.until(lambda: len(peer.deliveries) == 2)
        assert all(delivery.settled for delivery in peer.deliveries)


async def test_many_tasks_share_a_sender() -> None:
    async with Peer(credit=3) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        await asyncio.gather(*(sender.send(amqp.Message(n)) for n in range(200)))
        bodies = [amqp.Message.decode(delivery.payload).body for delivery in peer.deliveries]
        assert bodies == list(range(200))


async def test_a_pipelined_producer_is_held_back_by_credit() -> None:
    async with Peer(credit=10) as peer, amqp.connect(peer.url) as connection:
        async with connection.open_sender("q") as sender:
            for n in range(1_000):
                await sender.submit(amqp.Message(n))
        assert len(peer.deliveries) == 1_000


@pytest.mark.fault("F21")
async def test_a_producer_is_held_back_by_a_transport_that_does_not_write() -> None:
    async with Peer(credit=1_000_000) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        transport = peer.driver.transport
        assert transport is not None
        transport.pause_reading()

        async def produce() -> None:
            for _ in range(1_000):
                await sender.submit(amqp.Message(bytes(100_000)), timeout=0.2)

        with pytest.raises(amqp.NotSent):
            await produce()
        transport.resume_reading()
        await sender.flush()
        assert 10 < len(peer.deliveries) < 500


async def test_a_large_message() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        body = bytes(range(256)) * 20_000
        await sender.send(amqp.Message(body))
        assert amqp.Message.decode(peer.deliveries[0].payload).body == body


@pytest.mark.parametrize("wrong", ["text", b"bytes", None, {"a": 1}])
async def test_only_messages_are_sent(wrong: object) -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        with pytest.raises(amqp.LocalError, match=r"write Message\(...\)"):
            await sender.send(wrong)  # type: ignore[arg-type]  # on purpose
        with pytest.raises(amqp.EncodeError):
            await sender.send(amqp.Message())
        await sender.send(HELLO)


# -- time


@pytest.mark.fault("F12")
@pytest.mark.fault("F13")
async def test_no_credit_in_time_is_not_sent() -> None:
    async with Peer(credit=0) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        start = time.monotonic()
        for operation in (sender.send, sender.submit):
            with pytest.raises(amqp.NotSent, match="credit") as caught:
                await operation(HELLO, timeout=0.1)
            assert isinstance(caught.value.__cause__, amqp.OperationTimeout)
        assert 0.19 < time.monotonic() - start < 2
        peer.receiver().flow(5)
        peer.flush()
        await sender.send(amqp.Message(b"second"))
        assert len(peer.deliveries) == 1
        assert sender.credit == 4


@pytest.mark.fault("F13")
@pytest.mark.fault("F30")
async def test_no_outcome_in_time_is_in_doubt() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        with pytest.raises(amqp.InDoubt, match="outcome") as caught:
            await sender.send(HELLO, timeout=0.1)
        assert isinstance(caught.value.__cause__, amqp.OperationTimeout)
        sending = asyncio.create_task(sender.send(amqp.Message(2)))
        await peer.until(lambda: len(peer.deliveries) == 2)
        peer.deliveries[0].settle(amqp.Rejected())
        peer.deliveries[1].settle(amqp.Accepted())
        peer.flush()
        assert await sending == amqp.Accepted()


async def test_no_time_at_all_is_still_tried_once() -> None:
    async with Peer(credit=0) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        with pytest.raises(amqp.NotSent):
            await sender.submit(HELLO, timeout=0)
        with pytest.raises(amqp.LocalError, match="timeout"):
            await sender.send(HELLO, timeout=math.nan)


@pytest.mark.fault("F13")
async def test_flush_in_time_or_not() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        await sender.flush()
        pending = await sender.submit(HELLO)
        with pytest.raises(amqp.OperationTimeout, match="outcomes"):
            await sender.flush(timeout=0.1)
        assert not pending.done()
        flushing = asyncio.create_task(sender.flush())
        await peer.until(lambda: peer.deliveries)
        peer.deliveries[0].settle(amqp.Rejected())
        peer.flush()
        await flushing
        assert isinstance(pending.exception(), amqp.MessageRejected)


# -- cancelled


@pytest.mark.fault("F14")
async def test_a_send_that_is_cancelled_while_it_waits_was_never_made() -> None:
    async with Peer(credit=0) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        cancelled = [
            asyncio.create_task(operation(amqp.Message(1))) for operation in (sender.send, sender.submit)
        ]
        await asyncio.sleep(0)
        for task in cancelled:
            task.cancel()
        for task in cancelled:
            with pytest.raises(asyncio.CancelledError):
                await task
        peer.receiver().flow(5)
        peer.flush()
        await sender.send(amqp.Message(2))
        assert [amqp.Message.decode(delivery.payload).body for delivery in peer.deliveries] == [2]
        assert sender.credit == 4


@pytest.mark.fault("F14")
@pytest.mark.fault("F15")
async def test_a_send_that_is_cancelled_before_a_byte_left_is_taken_back() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        connection._driver.pause_writing()
        sending = asyncio.create_task(sender.send(amqp.Message(1)))
        await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        connection._driver.resume_writing()
        await sender.send(amqp.Message(2))
        assert [amqp.Message.decode(delivery.payload).body for delivery in peer.deliveries] == [2]
        assert sender.credit == 99


@pytest.mark.fault("F14")
async def test_a_send_that_is_cancelled_later_is_settled_in_the_background() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q", rcv_settle_mode=None)
        sending = asyncio.create_task(sender.send(amqp.Message(1)))
        await peer.until(lambda: peer.deliveries)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        peer.deliveries[0].update(amqp.Rejected(), settled=False)
        peer.flush()
        await peer.until(lambda: not peer.receiver().unsettled)
        # Nobody is told of it, not when the sender is closed either.
        await sender.close()


@pytest.mark.fault("F14")
async def test_who_stops_waiting_for_a_pending_changes_nothing() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        pending = await sender.submit(HELLO)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await pending
        peer.deliveries[0].settle(amqp.Accepted())
        peer.flush()
        assert await pending == amqp.Accepted()


# -- lost


@pytest.mark.fault("F4")
async def test_a_lost_connection_leaves_nobody_waiting() -> None:
    async with Peer(silent=("outcome",), credit=2) as peer:
        connection = await amqp.connect(peer.url)
        sender = await connection.open_sender("q")
        tasks = [asyncio.create_task(sender.send(amqp.Message(n))) for n in range(4)]
        await peer.until(lambda: len(peer.deliveries) == 2)
        peer.driver.abort()
        async with asyncio.timeout(SOON):
            results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [
            amqp.InDoubt,
            amqp.InDoubt,
            amqp.NotSent,
            amqp.NotSent,
        ]
        for result in results:
            assert isinstance(result, amqp.SendError)
            assert isinstance(result.__cause__, amqp.ConnectionLost)
            assert result.scope is amqp.Scope.CONNECTION
        assert not connection.is_open
        with pytest.raises(amqp.NotSent):
            await sender.send(HELLO)
        await connection.close()


@pytest.mark.fault("F8")
async def test_a_link_that_is_taken_away() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        sending = asyncio.create_task(sender.send(HELLO))
        await peer.until(lambda: peer.deliveries)
        peer.receiver().detach(error=amqp.Error(condition="amqp:link:stolen"))
        peer.flush()
        with pytest.raises(amqp.InDoubt) as caught:
            await sending
        assert isinstance(caught.value.__cause__, amqp.LinkStolen)
        assert caught.value.condition == "amqp:link:stolen"
        assert not sender.is_open
        assert connection.is_open


# -- closing


async def test_close_waits_for_outcomes() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        pending = await sender.submit(HELLO)
        closing = asyncio.create_task(sender.close())
        await peer.until(lambda: peer.deliveries)
        with pytest.raises(amqp.NotSent, match="closed"):
            await sender.send(HELLO)
        peer.deliveries[0].settle(amqp.Accepted())
        peer.flush()
        await closing
        assert await pending.result(0) == amqp.Accepted()
        await sender.close()
        await peer.until_told(LinkEnded)


async def test_close_raises_the_failures_that_nobody_looked_at() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        pendings = [await sender.submit(amqp.Message(n)) for n in range(3)]
        await peer.until(lambda: len(peer.deliveries) == 3)
        for delivery in peer.deliveries:
            delivery.settle(amqp.Rejected())
        peer.flush()
        with pytest.raises(amqp.MessageRejected):
            await pendings[1]
        with pytest.raises(ExceptionGroup, match="nobody has looked at") as caught:
            await sender.close()
        assert [type(error) for error in caught.value.exceptions] == [amqp.MessageRejected] * 2
        assert not sender.is_open


@pytest.mark.fault("F13")
async def test_close_gives_up_at_its_deadline() -> None:
    async with Peer(silent=("outcome",), credit=1) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        await sender.submit(HELLO)
        waiting = asyncio.create_task(sender.submit(HELLO))
        await peer.until(lambda: peer.deliveries)
        start = time.monotonic()
        with pytest.raises(ExceptionGroup) as caught:
            await sender.close(timeout=0.2)
        assert time.monotonic() - start < 2
        assert [type(error) for error in caught.value.exceptions] == [amqp.InDoubt]
        with pytest.raises(amqp.NotSent):
            await waiting


@pytest.mark.fault("F13")
async def test_silent_at_the_detach() -> None:
    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        sender = await connection.open_sender("q")
        peer.driver.mute = True
        with pytest.raises(amqp.OperationTimeout, match="detach of <Sender"):
            await sender.close(timeout=0.2)
        assert not sender.is_open
        await sender.close(timeout=0)
        with pytest.raises(amqp.OperationTimeout):
            await connection.close(timeout=0.1)


async def test_an_error_in_the_body_is_the_one_that_is_told() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        pendings: list[amqp.Pending] = []

        async def fail() -> None:
            async with connection.open_sender("q") as sender:
                pendings.append(await sender.submit(HELLO))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        await peer.until_told(LinkEnded)
        assert isinstance(pendings[0].exception(), amqp.SendError)


async def test_the_peer_may_grant_credit_only_later() -> None:
    async with Peer(silent=("attach",)) as peer, amqp.connect(peer.url) as connection:

        async def open_sender() -> amqp.Sender:
            return await connection.open_sender("q")

        opening = asyncio.create_task(open_sender())
        await peer.until_told(LinkRequested)
        peer.receiver().accept()
        peer.flush()
        sender = await opening
        sending = asyncio.create_task(sender.send(HELLO))
        peer.receiver().flow(1)
        peer.flush()
        await sending


def test_what_applications_see_of_a_pending_and_a_delivery() -> None:
    def face(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    assert face(amqp.Pending) == {
        *("tag", "outcome", "state", "done", "result", "exception", "add_done_callback", "abort")
    }
    settling = {"accept", "reject", "release", "modify", "settled", "outcome"}
    assert face(amqp.Delivery) == {
        "message",
        "raw",
        "fault",
        "error",
        "aborted",
        "head",
        "chunks",
        "tag",
        "format",
        "received",
        *settling,
    }


async def test_what_a_pending_says_and_whom_it_calls() -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        settled, unsettled = await sender.submit(HELLO, settled=True), await sender.submit(HELLO)
        called: list[amqp.Pending] = []
        unsettled.add_done_callback(called.append)
        assert repr(unsettled) == "<Pending no outcome yet>"
        assert await settled is None
        assert repr(settled) == "<Pending sent settled, without an outcome>"
        await peer.until(lambda: len(peer.deliveries) == 2)
        peer.deliveries[1].settle(amqp.Accepted())
        peer.flush()
        await unsettled
        assert called == [unsettled]
        assert unsettled.done()
        assert repr(unsettled) == "<Pending Accepted()>"
