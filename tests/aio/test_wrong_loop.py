"""Objects of asyncio used from another thread or loop: told at once, and nothing is changed."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.broker import Broker
from tests.aio.peer import SOON, Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

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

    # In a thread that nobody waits for at the end: what fails to raise may wait for ever.
    ended = asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()

    def running_and_telling() -> None:
        running()
        loop.call_soon_threadsafe(ended.set_result, None)

    threading.Thread(target=running_and_telling, daemon=True).start()
    async with asyncio.timeout(SOON):
        await ended
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


async def _first(items: AsyncIterator[Any]) -> Any:
    return await anext(items)


@pytest.mark.fault("F19")
async def test_so_do_requests_transactions_tokens_and_listeners() -> None:
    async with Broker() as broker, broker.listen() as serving, amqp.connect(serving.url) as connection:
        sender, receiver = await connection.open_sender("q"), await connection.open_receiver("q")
        session = receiver.session
        await sender.send(HELLO)
        delivery = await receiver.receive(timeout=SOON)
        requester = await connection.open_requester("r")
        management = await connection.open_management("m")
        transaction = await session.transaction()
        listener = await amqp.listen("amqp://127.0.0.1:0", _nobody)
        calls: list[Callable[[], Any]] = [
            connection.wait_closed,
            session.wait_closed,
            sender.wait_closed,
            lambda: connection.open_requester("r"),
            connection.open_management,
            lambda: connection.authorize(_token),
            lambda: connection.unsubscribe("news"),
            lambda: session.unsubscribe("news"),
            session.transaction,
            lambda: _first(sender.send_many([HELLO])),
            lambda: sender.send_stream([b"x"]),
            lambda: sender.set_flow_properties({}),
            sender.detach,
            receiver.detach,
            receiver.stop,
            delivery.reject,
            delivery.release,
            delivery.modify,
            lambda: requester.request(HELLO),
            requester.close,
            lambda: management.call("READ"),
            transaction.commit,
            transaction.rollback,
            listener.wait_closed,
            listener.close,
        ]
        for call in calls:
            assert isinstance(await elsewhere(call), amqp.WrongLoop), call
        # Nothing was changed.
        assert sender.is_open
        assert receiver.is_open
        assert listener.is_open
        await transaction.commit()
        await delivery.accept()
        await listener.close()


async def _nobody(_: amqp.LinkRequest) -> None:
    """Take no link."""


def _token(audience: str) -> amqp.Token:
    return amqp.Token(audience, expires_at=None)
