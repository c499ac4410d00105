"""A process that forks: in the child the parent's connections are of no use, and of no harm to the parent (F18)."""

from __future__ import annotations

import asyncio
import gc
import os
import warnings
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.testing import ThreadedBroker
from tests.aio.peer import SOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HELLO = amqp.Message(b"hello")

pytestmark = [
    pytest.mark.fault("F18"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
]


@pytest.fixture
def broker() -> Iterator[ThreadedBroker]:
    with ThreadedBroker() as broker:
        yield broker


def in_a_child(work: Callable[[], object]) -> None:
    """Do *work* in a child process, which ends behind it; raise what it raised."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        # Newer versions warn of forks where there are threads; that is what is tested here.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # whatever it is, the parent is told
            os.write(write, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as said:
        assert said.read() == ""


class Opened:
    """A connection with links, one delivery, and what a child may try with them."""

    def __init__(self) -> None:
        self.objects: dict[str, Any] = {}

    async def open(self, url: str) -> None:
        connection = await amqp.connect(url)
        sender = await connection.open_sender("q")
        receiver = await connection.open_receiver("q")
        await sender.send(HELLO)
        delivery = await receiver.receive(timeout=SOON)
        requester = await connection.open_requester("r")
        transaction = await receiver.session.transaction()
        self.objects = {
            "connection": connection,
            "sender": sender,
            "receiver": receiver,
            "delivery": delivery,
            "requester": requester,
            "transaction": transaction,
        }

    def __getattr__(self, name: str) -> Any:
        return self.objects[name]

    async def works(self) -> None:
        assert await self.sender.send(HELLO, timeout=SOON) == amqp.Accepted()
        await self.transaction.rollback(timeout=SOON)
        await self.delivery.accept()
        await self.connection.close()

    async def refuses(self) -> None:
        attempts: tuple[Callable[[], Any], ...] = (
            lambda: self.sender.send(HELLO),
            lambda: self.receiver.receive(),
            lambda: self.delivery.accept(),
            lambda: self.requester.request(HELLO),
            lambda: self.transaction.commit(),
            lambda: self.connection.open_session(),
            lambda: self.transaction.__aexit__(None, None, None),
        )
        for attempt in attempts:
            with pytest.raises(amqp.ForkError, match="parent process"):
                await attempt()

    async def closes(self) -> None:
        async with self.connection, self.receiver.session, self.sender, self.receiver, self.requester:
            pass
        for context in (self.connection, self.receiver.session, self.sender, self.receiver, self.transaction):
            with pytest.raises(KeyError):
                async with context:
                    raise KeyError
        await self.sender.detach()
        await self.receiver.detach()


def step(coroutine: Any) -> None:
    """Run *coroutine*, which has nothing to wait for, without a loop."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


@pytest.mark.parametrize("again", [False, True], ids=["in the loop", "between two runs of it"])
def test_the_parents_connection_in_a_child(broker: ThreadedBroker, again: bool) -> None:
    opened = Opened()
    loop = asyncio.new_event_loop()

    def child() -> None:
        for attempt in (opened.refuses, opened.closes):
            if again:
                loop.run_until_complete(attempt())
            else:
                step(attempt())
        opened.objects.clear()
        gc.collect()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            if again:
                loop.close()

    async def all_of_it() -> None:
        await opened.open(broker.url)
        in_a_child(child)
        await opened.works()

    if again:
        loop.run_until_complete(opened.open(broker.url))
        in_a_child(child)
        loop.run_until_complete(opened.works())
    else:
        loop.run_until_complete(all_of_it())
    loop.close()


async def test_a_child_connects_for_itself(broker: ThreadedBroker) -> None:
    def child() -> None:
        async def send() -> None:
            async with amqp.connect(broker.url) as connection:
                await (await connection.open_sender("q")).send(amqp.Message(b"from the child"), timeout=SOON)

        asyncio.new_event_loop().run_until_complete(send())

    async with amqp.connect(broker.url) as connection:
        receiver = await connection.open_receiver("q")
        # This loop runs in the thread; the child has to have one that does not know of it.
        await asyncio.to_thread(in_a_child, child)
        delivery = await receiver.receive(timeout=SOON)
        assert delivery.message.body == b"from the child"
        await delivery.accept()
