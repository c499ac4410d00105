"""Servers to test the client against, on a socket of loopback: one on the engine, one of raw octets."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self, TypeVar

from amqp.aio.driver import EngineDriver
from amqp.engine import (
    ConnectionOpened,
    DeliveryReceived,
    Engine,
    LinkRequested,
    ReceiverLink,
    SenderLink,
    SessionRequested,
)
from amqp.message import Message
from amqp.options import ConnectionOptions
from amqp.sasl import AnonymousServer, PlainServer, SaslServer
from amqp.transport.accepting import stop_accepting
from amqp_spec import Accepted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from types import TracebackType

    from amqp.engine import Event, IncomingDelivery, Session

E = TypeVar("E")

SOON = 10.0
"""Seconds within which what must happen does; a test that waits so long has failed."""


def default_sasl() -> SaslServer:
    return SaslServer(
        {
            "PLAIN": lambda: PlainServer(lambda user, password: (user, password) == ("guest", "guest")),
            "ANONYMOUS": AnonymousServer,
        }
    )


class PeerDriver(EngineDriver):
    """Joins a server's engine to a socket; ``mute`` keeps what it has to say."""

    def __init__(self, peer: Peer) -> None:
        super().__init__(Engine(peer.options, role="server", sasl=peer.sasl), self._serve)
        self.peer = peer
        self.mute = False

    def _write(self) -> None:
        if not self.mute:
            super()._write()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.peer.changed.set()

    def _serve(self, events: list[Event]) -> None:
        peer = self.peer
        peer.happened += events
        peer.changed.set()
        for event in events:
            peer.serve(self.engine, event)


class Peer:
    """A server that answers by itself what is not in ``silent``: open, begin, attach, outcome."""

    def __init__(
        self,
        *,
        credit: int = 100,
        silent: tuple[str, ...] = (),
        sasl: SaslServer | None = None,
        options: ConnectionOptions | None = None,
    ) -> None:
        self.options = options or ConnectionOptions(container_id="peer", idle_timeout=None)
        self.sasl = sasl or default_sasl()
        self.credit = credit
        self.silent = set(silent)
        self.happened: list[Event] = []
        self.deliveries: deque[IncomingDelivery] = deque()
        self.drivers: list[PeerDriver] = []
        self.changed = asyncio.Event()
        self.port = 0
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"amqp://127.0.0.1:{self.port}"

    @property
    def driver(self) -> PeerDriver:
        """The last connection."""
        return self.drivers[-1]

    def make_driver(self) -> PeerDriver:
        self.drivers.append(PeerDriver(self))
        return self.driver

    def serve(self, engine: Engine, event: Event) -> None:
        match event:
            case ConnectionOpened() if "open" not in self.silent:
                engine.open()
            case SessionRequested() if "begin" not in self.silent:
                event.session.accept()
            case LinkRequested() if "attach" not in self.silent:
                if isinstance(event.link, ReceiverLink):
                    event.link.accept(credit=self.credit)
                elif isinstance(event.link, SenderLink):
                    event.link.accept()
            case DeliveryReceived():
                self.deliveries.append(event.delivery)
                if "outcome" not in self.silent:
                    event.delivery.settle(Accepted())
                    link = event.delivery.link
                    if self.credit and link.credit <= self.credit // 2:
                        link.flow(self.credit)
            case _:
                pass

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until *condition* holds; it is looked at whenever something happens."""
        async with asyncio.timeout(SOON):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def until_told(self, kind: type[E]) -> E:
        """Wait for an event of one kind."""
        await self.until(lambda: self.told(kind))
        return self.told(kind)[-1]

    def told(self, kind: type[E]) -> list[E]:
        return [event for event in self.happened if isinstance(event, kind)]

    def session(self) -> Session:
        return next(iter(self.driver.engine.sessions))

    def sender(self) -> SenderLink:
        """The link that serves the client's receiver."""
        links = [link for session in self.driver.engine.sessions for link in session.links]
        return next(link for link in links if isinstance(link, SenderLink))

    def receiver(self) -> ReceiverLink:
        """The link that serves the client's sender."""
        links = [link for session in self.driver.engine.sessions for link in session.links]
        return next(link for link in links if isinstance(link, ReceiverLink))

    async def send(self, *values: object, settled: bool = False) -> None:
        """Send messages to the client's receiver once it has granted the credit for them."""
        for value in values:
            await self.send_octets(Message(value).encode(), settled=settled)

    async def send_octets(self, octets: bytes, *, settled: bool = False) -> None:
        await self.until(lambda: self.sender().credit)
        self.sender().send(octets, settled=settled)
        self.flush()

    def flush(self) -> None:
        """Have written what a test told the engine."""
        self.driver.turn()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self.make_driver, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None
        await stop_accepting(self._server)
        for driver in self.drivers:
            driver.abort()
        async with asyncio.timeout(SOON):
            for driver in self.drivers:
                if driver.transport is not None:
                    await driver.closed
            await self._server.wait_closed()


@asynccontextmanager
async def raw_peer(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Serve connections with *handle*; gives the URL. What it still does at the end is cancelled."""
    tasks: set[asyncio.Task[None]] = set()
    gone: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        gone.append(writer)
        try:
            await handle(reader, writer)
        except (asyncio.CancelledError, OSError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"amqp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        await stop_accepting(server)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in gone:
            writer.transport.abort()


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read on and say nothing more."""
    while await reader.read(65_536):
        pass


def saying(*answers: bytes, then_close: bool = False) -> Callable[..., Awaitable[None]]:
    """Answer each piece that comes with the next of *answers*, then be silent, or close."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.read(65_536)
            writer.write(answer)
        if not then_close:
            await silence(reader, writer)

    return handle
