"""A broker on loopback, and a client that is an engine and nothing else: every frame that it sends is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from amqp.aio.driver import EngineDriver
from amqp.broker import Broker, BrokerOptions, Listener
from amqp.engine import (
    DeliveryReceived,
    DeliveryUpdated,
    Drained,
    Engine,
    Event,
    IncomingDelivery,
    Link,
    LinkFailed,
    LinkOpened,
    OutgoingDelivery,
    ReceiverLink,
    SenderLink,
    SessionOpened,
)
from amqp.options import ConnectionOptions, LinkOptions
from amqp.sasl import Anonymous, ClientMechanism, SaslClient
from amqp_spec import Data, DeliveryState, Source, Target

if TYPE_CHECKING:
    from amqp.errors import Fault

E = TypeVar("E")


class Client:
    """One connection to a broker, with one session."""

    def __init__(self, options: ConnectionOptions | None = None, sasl: ClientMechanism | None = None) -> None:
        self.engine = Engine(options, sasl=SaslClient([sasl or Anonymous()]))
        self.driver = EngineDriver(self.engine, self._take)
        self.events: list[Event] = []
        """What happened and was not waited for yet."""
        self._came = asyncio.Event()

    def _take(self, events: list[Event]) -> None:
        self.events += events
        self._came.set()

    async def connect(self, listener: Listener, expect: type[Event] = SessionOpened) -> None:
        """Open the connection and a session; wait until it is, or for what else is expected."""
        loop = asyncio.get_running_loop()
        self.engine.open()
        self.session = self.engine.begin()
        await loop.create_connection(lambda: self.driver, listener.host, listener.port)
        await self.event(expect)

    async def event(self, kind: type[E], of: Callable[[E], bool] = lambda _: True) -> E:
        """Wait for the next event of this kind, and take it out of the list."""
        self.driver.schedule()
        async with asyncio.timeout(10):
            while True:
                for index, event in enumerate(self.events):
                    if isinstance(event, kind) and of(event):
                        del self.events[index]
                        return event
                self._came.clear()
                await self._came.wait()

    async def opened(self, link: Link) -> None:
        """Wait until the link is up."""
        await self.event(LinkOpened, lambda event: event.link is link)

    async def refused(self, link: Link) -> Fault:
        """Wait until the link is refused, or lost with an error; return why."""
        return (await self.event(LinkFailed, lambda event: event.link is link)).fault

    async def sender(self, target: Any, **options: Any) -> SenderLink:
        """Attach a sender; a string is an address."""
        if isinstance(target, str):
            target = Target(address=target)
        link = self.session.attach_sender(LinkOptions(target=target, source=Source(), **options))
        await self.opened(link)
        return link

    async def receiver(self, source: Any, credit: int = 0, **options: Any) -> ReceiverLink:
        """Attach a receiver; a string is an address."""
        if isinstance(source, str):
            source = Source(address=source)
        link = self.session.attach_receiver(
            LinkOptions(source=source, target=Target(), **options), credit=credit
        )
        await self.opened(link)
        return link

    async def credit(self, link: SenderLink) -> None:
        """Wait until the broker takes a message."""
        async with asyncio.timeout(10):
            while not link.credit:
                self._came.clear()
                await self._came.wait()

    async def send(self, link: SenderLink, payload: bytes, **options: Any) -> DeliveryState | None:
        """Send a message; return its outcome."""
        await self.credit(link)
        delivery = link.send(payload, **options)
        return await self.outcome(delivery)

    async def outcome(self, delivery: OutgoingDelivery) -> DeliveryState | None:
        """Wait until the broker has settled a delivery; return the outcome."""
        event = await self.event(DeliveryUpdated, lambda event: event.delivery is delivery)
        assert event.settled
        return event.state

    async def fill(self, address: str, *bodies: bytes) -> None:
        """Put a message into a queue for each of these bodies."""
        link = await self.sender(address)
        for body in bodies:
            await self.send(link, Data(body).encode())
        link.detach()

    async def delivery(self, link: ReceiverLink) -> IncomingDelivery:
        """Wait for the next delivery of the link."""
        return (await self.event(DeliveryReceived, lambda event: event.delivery.link is link)).delivery

    async def deliveries(self, link: ReceiverLink, count: int) -> list[IncomingDelivery]:
        """Wait for the next deliveries of the link."""
        return [await self.delivery(link) for _ in range(count)]

    async def rest(self, link: ReceiverLink, credit: int = 100) -> list[bytes]:
        """Drain the link, and return the bodies of all that comes."""
        link.flow(credit, drain=True)
        await self.event(Drained, lambda event: event.link is link)
        came = [e for e in self.events if isinstance(e, DeliveryReceived) and e.delivery.link is link]
        for event in came:
            self.events.remove(event)
        return [body(event.delivery) for event in came]

    async def close(self) -> None:
        """Drop the transport, if it is still there."""
        if self.driver.transport is not None:
            self.driver.abort()
            await self.driver.closed


def body(delivery: IncomingDelivery) -> bytes:
    """Return the body of a message that is one short data section and nothing else."""
    assert delivery.payload[:4] == b"\x00\x53\x75\xa0"
    return delivery.payload[5:]


@pytest.fixture
def body_of() -> Callable[[IncomingDelivery], bytes]:
    return body


MakeListener = Callable[..., Awaitable[Listener]]
MakeClient = Callable[..., Awaitable[Client]]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as exits:
        yield exits


@pytest.fixture
async def start(stack: AsyncExitStack) -> MakeListener:
    """Start a broker with these options; it is stopped after the test."""

    async def start_broker(**options: Any) -> Listener:
        broker = await stack.enter_async_context(Broker(BrokerOptions(**options)))
        return await stack.enter_async_context(broker.listen())

    return start_broker


@pytest.fixture
async def connect(stack: AsyncExitStack) -> MakeClient:
    """Connect a client; it is dropped before the broker is stopped."""

    async def connect_client(
        listener: Listener, expect: type[Event] = SessionOpened, **options: Any
    ) -> Client:
        client = Client(**options)
        stack.push_async_callback(client.close)
        await client.connect(listener, expect)
        return client

    return connect_client


@pytest.fixture
async def listener(start: MakeListener) -> Listener:
    """The port of a broker with the default options."""
    return await start()


@pytest.fixture
async def client(listener: Listener, connect: MakeClient) -> Client:
    """A client of that broker."""
    return await connect(listener)


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """An exception that a callback let through ends in asyncio's log, where no test would see it."""
    yield
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
