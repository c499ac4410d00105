"""The contract suite: each test runs on both front ends, against servers that live in a thread of their own."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from amqp.broker import Broker, BrokerOptions
from tests.aio.peer import Peer
from tests.contract.front import FRONTS, Front, LoopThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    Serve = Callable[[Callable[[], AbstractAsyncContextManager[Any]]], Any]
    MakePeer = Callable[..., "ThreadedPeer"]


class ThreadedPeer:
    """A scripted peer on its loop, told from the test's thread what to do."""

    def __init__(self, thread: LoopThread, peer: Peer) -> None:
        self.thread = thread
        self.peer = peer
        self.url = peer.url

    def do(self, step: Callable[[Peer], Any]) -> Any:
        """Run *step* on the peer's loop, and have written what it told the engine."""

        def stepping() -> Any:
            result = step(self.peer)
            if self.peer.drivers and self.peer.driver.transport is not None:
                self.peer.flush()
            return result

        return self.thread.call(stepping)

    def until(self, condition: Callable[[Peer], object]) -> None:
        """Wait until *condition* holds."""
        self.thread.run(self.peer.until(lambda: condition(self.peer)))

    def send(self, *values: object, settled: bool = False) -> None:
        """Send messages to the client's receiver."""
        self.thread.run(self.peer.send(*values, settled=settled))


@pytest.fixture
def server() -> Iterator[LoopThread]:
    """The loop of the servers."""
    thread = LoopThread()
    yield thread
    thread.close()


@pytest.fixture
def serve(server: LoopThread) -> Iterator[Serve]:
    """Enter an asynchronous context manager on the servers' loop; it is left after the test."""
    stack = AsyncExitStack()

    def entered(make: Callable[[], AbstractAsyncContextManager[Any]]) -> Any:
        async def enter() -> Any:
            return await stack.enter_async_context(make())

        return server.run(enter())

    yield entered
    server.run(stack.aclose())


@pytest.fixture
def start_broker(serve: Serve) -> Callable[..., str]:
    """Start a broker with these options; gives its URL."""

    def start(**options: Any) -> str:
        broker = serve(lambda: Broker(BrokerOptions(**options)))
        return str(serve(broker.listen).url)

    return start


@pytest.fixture
def broker(start_broker: Callable[..., str]) -> str:
    """The URL of a broker with the default options."""
    return start_broker()


@pytest.fixture
def start_peer(server: LoopThread, serve: Serve) -> MakePeer:
    """Start a scripted peer with these options."""

    def start(**options: Any) -> ThreadedPeer:
        return ThreadedPeer(server, serve(lambda: Peer(**options)))

    return start


@pytest.fixture
def peer(start_peer: MakePeer) -> ThreadedPeer:
    """A scripted peer that answers everything."""
    return start_peer()


@pytest.fixture(params=FRONTS)
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    """One front end after the other."""
    thread = LoopThread()
    yield Front(request.param, thread)
    thread.close()


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What is swallowed ends in a log, where no test would see it."""
    yield
    loggers = ("asyncio", "amqp.aio", "amqp.sync")
    assert [record.getMessage() for record in caplog.records if record.name in loggers] == []
