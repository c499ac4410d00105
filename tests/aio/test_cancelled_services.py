"""What asks other nodes, and what ends links, may be cancelled at any step; the connection goes on, and nothing is left."""

from __future__ import annotations

import asyncio
import inspect
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from tests.aio import test_cancellation, test_cancelled_requests, test_cancelled_transactions
from tests.aio.peer import SOON
from tests.aio.test_cancelled_requests import cancelled_after

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Operation = Callable[["Ground"], Awaitable[object]]

QUEUE = {
    "name": "q",
    "vhost": "/",
    "type": "classic",
    "durable": True,
    "exclusive": False,
    "auto_delete": False,
    "arguments": {},
    "message_count": 0,
    "consumer_count": 0,
}


class Service:
    """Takes tokens, answers requests for management in both dialects, keeps a subscription, takes all else in."""

    def __init__(self) -> None:
        self.replies: dict[str | None, amqp.Sender] = {}

    async def serve(self, request: amqp.LinkRequest) -> None:
        if isinstance(request, amqp.SenderRequest):
            await self._reply(request)
            return
        async with request.accept(credit=10) as receiver:
            async for delivery in receiver:
                async with delivery:
                    await self._answer(request, delivery.message)

    async def _reply(self, request: amqp.SenderRequest) -> None:
        pair = request.address == "/management"
        key = request.target.address if isinstance(request.target, amqp.Target) and not pair else request.name
        async with request.accept(request.address or "kept") as sender:
            self.replies[key] = sender
            if request.address == "messages":
                sending = [sender.send(amqp.Message(number)) for number in range(4)]
                await asyncio.gather(*sending, return_exceptions=True)
            await sender.wait_closed()

    async def _answer(self, request: amqp.ReceiverRequest, asked: amqp.Message) -> None:
        known = asked.properties
        if known is None or known.reply_to is None:
            return
        body: Any = None
        if request.address == "/management":
            assert known.to is not None
            body = [] if known.to.startswith("/bindings?") else QUEUE
        sender = self.replies.get(request.name if request.address == "/management" else known.reply_to)
        if sender is None or not sender.is_open:
            return  # Who asked has left.
        properties = amqp.Properties(correlation_id=known.message_id, subject="200")
        answer = amqp.Message(
            amqp.AmqpValue(body), properties=properties, application_properties={"status-code": 202}
        )
        try:
            await sender.submit(answer, timeout=SOON)
        except amqp.NotSent:
            pass


class Ground:
    """What an operation may need, on one connection."""

    def __init__(self, connection: amqp.Connection) -> None:
        self.connection = connection

    async def authorize(self) -> None:
        async with self.connection.authorize(token, ["one", "two"]) as authorization:
            await authorization.renew()

    async def unsubscribe(self) -> None:
        await self.connection.unsubscribe("news")

    async def unsubscribe_on_a_session(self) -> None:
        async with self.connection.open_session() as session:
            await session.unsubscribe("news")

    async def management(self) -> None:
        async with self.connection.open_management() as management:
            assert (await management.call("READ")).status == 202

    async def rabbitmq_management(self) -> None:
        async with self.connection.open_rabbitmq_management() as management:
            await management.get_queue("q")
            await management.bind("x", queue="q", key="k")
            await management.unbind("x", queue="q", key="k", arguments={"a": 1})

    async def rabbitmq_others(self) -> None:
        async with self.connection.open_rabbitmq_management() as management:
            await management.declare_queue("q")
            await management.purge_queue("q")
            await management.delete_queue("q")
            await management.declare_exchange("x")
            await management.delete_exchange("x")
            await management.list_bindings("x", queue="q", key="k")
            await management.refresh_token("token")

    async def detach(self) -> None:
        sender = await self.connection.open_sender("s")
        await sender.set_flow_properties({"a": 1})
        await sender.detach()
        receiver = await self.connection.open_receiver("s")
        await receiver.detach()

    async def settle(self) -> None:
        second = amqp.ReceiverSettleMode.SECOND
        async with self.connection.open_receiver("messages", rcv_settle_mode=second) as receiver:
            await (await receiver.receive()).reject()
            await (await receiver.receive()).release()
            await (await receiver.receive()).modify(delivery_failed=True)
            await (await receiver.receive()).received(section_number=0, section_offset=0)

    async def end(self) -> None:
        async with self.connection.open_session() as session:
            await session.open_sender("s")
            await session.close()
            await session.wait_closed()


def token(audience: str) -> amqp.Token:
    return amqp.Token(f"for {audience}", expires_at=time.time() + 3_600)


OPERATIONS = [
    Ground.authorize,
    Ground.unsubscribe,
    Ground.unsubscribe_on_a_session,
    Ground.management,
    Ground.rabbitmq_management,
    Ground.rabbitmq_others,
    Ground.detach,
    Ground.settle,
    Ground.end,
]


@pytest.fixture
async def connection() -> AsyncIterator[amqp.Connection]:
    listening = amqp.listen(
        "amqp://127.0.0.1:0", Service().serve, offered_capabilities=["LINK_PAIR_V1_0"], max_links=10_000
    )
    async with listening as listener, amqp.connect(listener.url) as connection:
        yield connection


@pytest.mark.fault("F14")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
async def test_cancelled_at_any_step(connection: amqp.Connection, operation: Operation) -> None:
    ground = Ground(connection)
    sender = await connection.open_sender("q")
    for steps in range(1_000):
        finished = await cancelled_after(steps, operation(ground))
        await sender.send(amqp.Message("after"), timeout=SOON)
        if finished:
            break
    else:
        pytest.fail("it never ended by itself")
    # What was cancelled ends in the background: the session of the sender is left, with that one link.
    async with asyncio.timeout(SOON):
        while not repr(connection).endswith("1 sessions>") or not repr(sender.session).endswith("1 links>"):
            await sender.send(amqp.Message("after"), timeout=SOON)
    await operation(ground)


@pytest.mark.fault("F14")
async def test_the_end_of_a_connection_cancelled_at_any_step() -> None:
    async with amqp.listen("amqp://127.0.0.1:0", Service().serve) as listener:
        for steps in range(200):
            connection = await amqp.connect(listener.url)
            await (await connection.open_sender("q")).submit(amqp.Message("sent"))
            finished = await cancelled_after(steps, connection.close())
            assert not connection.is_open or steps == 0
            with suppress(ExceptionGroup):
                await connection.close()  # The outcome of the message may have been cut off.
            if finished:
                return
    pytest.fail("it never ended by itself")


@pytest.mark.fault("F14")
async def test_listening_cancelled_at_any_step() -> None:
    async def listen_and_close() -> None:
        async with amqp.listen("amqp://127.0.0.1:0", Service().serve) as listener:
            async with amqp.connect(listener.url) as connection:
                await connection.open_sender("q")
                await listener.close()
            await listener.wait_closed()

    for steps in range(200):
        if await cancelled_after(steps, listen_and_close()):
            return
    pytest.fail("it never ended by itself")


def test_every_public_coroutine_is_among_what_is_cancelled() -> None:
    tested = "".join(
        inspect.getsource(module)
        for module in (test_cancellation, test_cancelled_requests, test_cancelled_transactions)
    ) + inspect.getsource(inspect.getmodule(Ground) or pytest)
    classes = [each for each in vars(amqp.aio).values() if inspect.isclass(each)]
    missing = {
        f"{each.__name__}.{name}"
        for each in classes
        for name, method in inspect.getmembers(each)
        if not name.startswith("_")
        and (inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method))
        and f".{name}(" not in tested
    }
    assert not missing
