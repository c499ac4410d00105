"""Whatever a transaction waits for may be cancelled; the connection and its other transactions go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.broker import Broker
from amqp.testing import AsyncPeer, Composite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

CAPABILITIES = ["amqp:local-transactions", "amqp:multi-txns-per-ssn", "amqp:multi-ssns-per-txn"]


@pytest.fixture
async def peer() -> AsyncIterator[AsyncPeer]:
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.accept_session()
        yield peer


def accept_control(peer: AsyncPeer) -> None:
    peer.expect_attach(target=Composite("coordinator")).respond(
        target=Composite("coordinator", capabilities=CAPABILITIES)
    )
    peer.grant(10)


def declare(peer: AsyncPeer, txn_id: bytes) -> None:
    peer.expect_delivery(body=Composite("declare")).settle(Composite("declared", txn_id=txn_id))


def discharge(peer: AsyncPeer, txn_id: bytes, *, fail: bool) -> Any:
    return peer.expect_delivery(body=Composite("discharge", txn_id=txn_id, fail=fail))


def seen(expectation: Any) -> asyncio.Event:
    event = asyncio.Event()
    expectation.then(lambda _: event.set())
    return event


async def cancelled_after(coroutine: Coroutine[Any, Any, Any], event: asyncio.Event) -> None:
    """Run *coroutine* until *event*, and cancel it then."""
    task = asyncio.ensure_future(coroutine)
    async with asyncio.timeout(10):
        await event.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def begin(session: amqp.Session) -> amqp.Transaction:
    return await session.transaction()


async def commits_the_next(peer: AsyncPeer, session: amqp.Session) -> None:
    declare(peer, b"next")
    discharge(peer, b"next", fail=False).settle("accepted")
    async with session.transaction() as transaction:
        assert transaction.id == b"next"
    peer.expect_close().respond()


async def test_while_the_control_link_is_attached(peer: AsyncPeer) -> None:
    # What the peer says is kept until the one who waits for it is gone.
    attach = peer.expect_attach(target=Composite("coordinator")).then(lambda _: peer.hold())
    came = seen(attach)
    attach.respond(target=Composite("coordinator", capabilities=CAPABILITIES))
    peer.grant(10)
    async with amqp.connect(peer.url) as connection:
        session = await connection.open_session()
        await cancelled_after(begin(session), came)
        peer.release()
        # The link that came late serves the next one.
        await commits_the_next(peer, session)


async def test_while_it_is_declared(peer: AsyncPeer) -> None:
    accept_control(peer)
    came = seen(peer.expect_delivery(body=Composite("declare")))
    gate = peer.gate()
    async with amqp.connect(peer.url) as connection:
        session = await connection.open_session()
        await cancelled_after(begin(session), came)
        peer.remote_disposition(
            role="receiver", first=0, settled=True, state=Composite("declared", txn_id=b"1")
        )
        rolled_back = seen(discharge(peer, b"1", fail=True).settle("accepted"))
        gate.open()
        async with asyncio.timeout(10):
            await rolled_back.wait()
        await commits_the_next(peer, session)


async def test_while_the_commit_waits_for_an_outcome(peer: AsyncPeer) -> None:
    peer.accept_sender()
    accept_control(peer)
    declare(peer, b"1")
    posted = seen(peer.expect_delivery(state=Composite("transactional-state", txn_id=b"1")))
    discharge(peer, b"1", fail=True).settle("accepted")
    async with amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        transaction = await sender.session.transaction()
        pending = await sender.submit(amqp.Message(1), transaction=transaction)
        await cancelled_after(transaction.commit(), posted)
        with pytest.raises(amqp.InDoubt, match="rolled back"):
            await pending
        assert transaction.status is amqp.TransactionStatus.ROLLED_BACK
        await commits_the_next(peer, sender.session)


async def test_while_the_commit_waits_for_its_answer(peer: AsyncPeer) -> None:
    accept_control(peer)
    declare(peer, b"1")
    came = seen(discharge(peer, b"1", fail=False))
    gate = peer.gate()
    async with amqp.connect(peer.url) as connection:
        session = await connection.open_session()
        transaction = await session.transaction()
        await cancelled_after(transaction.commit(), came)
        assert transaction.status.name == "DISCHARGING"
        peer.remote_disposition(role="receiver", first=1, settled=True, state="accepted")
        gate.open()
        await commits_the_next(peer, session)
        assert transaction.status.name == "COMMITTED"


async def test_in_the_block(peer: AsyncPeer) -> None:
    accept_control(peer)
    declare(peer, b"1")
    discharge(peer, b"1", fail=True).settle("accepted")
    entered = asyncio.Event()

    async def work(session: amqp.Session) -> None:
        async with session.transaction():
            entered.set()
            await asyncio.Event().wait()

    async with amqp.connect(peer.url) as connection:
        session = await connection.open_session()
        await cancelled_after(work(session), entered)
        await commits_the_next(peer, session)


async def test_while_it_is_rolled_back(peer: AsyncPeer) -> None:
    accept_control(peer)
    declare(peer, b"1")
    came = seen(discharge(peer, b"1", fail=True))
    gate = peer.gate()
    async with amqp.connect(peer.url) as connection:
        session = await connection.open_session()
        transaction = await session.transaction()
        await cancelled_after(transaction.rollback(), came)
        peer.remote_disposition(role="receiver", first=1, settled=True, state="accepted")
        gate.open()
        await commits_the_next(peer, session)
        assert transaction.status is amqp.TransactionStatus.ROLLED_BACK


async def test_at_any_step_with_a_broker() -> None:
    async with Broker() as broker, broker.listen() as listener, amqp.connect(listener.url) as connection:
        sender = await connection.open_sender("q")
        receiver = await connection.open_receiver("q")

        async def work() -> None:
            async with connection.open_session() as session, session.transaction() as transaction:
                await sender.send(amqp.Message("both"), transaction=transaction)
                await sender.send(amqp.Message("or none"), transaction=transaction)

        for steps in range(200):
            task = asyncio.ensure_future(work())
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task], timeout=10)
            if not task.cancelled():
                break
            async with sender.session.transaction() as transaction:
                await sender.send(amqp.Message("after"), transaction=transaction)
            bodies: list[object] = []
            while bodies[-1:] != ["after"]:
                delivery = await receiver.receive(timeout=10)
                bodies.append(delivery.message.body)
                await delivery.accept()
            assert bodies in (["after"], ["both", "or none", "after"])
        assert task.done()
        assert not task.cancelled()
