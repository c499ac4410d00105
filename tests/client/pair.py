"""A client connection and a server's engine, joined without I/O: what one writes, the other reads at once."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

from amqp.client.connection import ClientConnection
from amqp.client.delivery import ClientDelivery
from amqp.client.termini import plan_receiver, plan_sender
from amqp.engine import (
    ConnectionOpened,
    DeliveryReceived,
    Engine,
    LinkRequested,
    ReceiverLink,
    SenderLink,
    SessionRequested,
)
from amqp.options import ConnectionOptions

if TYPE_CHECKING:
    from amqp.client.receiver import ClientReceiver
    from amqp.client.sender import ClientSender
    from amqp.client.session import ClientSession
    from amqp.engine import Event, IncomingDelivery, Link, Session

E = TypeVar("E")


class Pair:
    """The server answers by itself what is not in ``silent``: open, begin, attach."""

    def __init__(self, *, credit: int = 10, channel_max: int = 63, silent: set[str] | None = None) -> None:
        self.engine = Engine(ConnectionOptions(container_id="client"), role="client")
        options = ConnectionOptions(container_id="server", channel_max=channel_max)
        self.server = Engine(options, role="server")
        self.client = ClientConnection(self.engine, self._woken)
        self.credit = credit
        self.silent = silent or set()
        self.woken = 0
        self.happened: list[Event] = []
        """What the server's engine told, in order."""
        self.deliveries: deque[IncomingDelivery] = deque()
        """What the server received."""

    def _woken(self) -> None:
        self.woken += 1

    def open(self) -> Pair:
        self.engine.open()
        self.pump()
        return self

    def pump(self) -> None:
        """Carry octets both ways until neither side has any."""
        moved = True
        while moved:
            moved = self._carry(self.engine, self.server)
            self.client.written()
            self._serve(self.server.events())
            moved = self._carry(self.server, self.engine) or moved
            self.client.handle_events(self.engine.events())
            moved = moved or self.engine.wants_write or self.server.wants_write

    def cut(self) -> None:
        """End the stream from the server to the client."""
        self.engine.receive_data(b"", 0.0)
        self.client.handle_events(self.engine.events())

    def _carry(self, giver: Engine, taker: Engine) -> bool:
        buffers = giver.data_to_send(0.0)
        for buffer in buffers:
            taker.receive_data(buffer, 0.0)
        return bool(buffers)

    def _serve(self, events: list[Event]) -> None:
        self.happened += events
        for event in events:
            match event:
                case ConnectionOpened() if "open" not in self.silent:
                    self.server.open()
                case SessionRequested() if "begin" not in self.silent:
                    event.session.accept()
                case LinkRequested() if "attach" not in self.silent:
                    if isinstance(event.link, ReceiverLink):
                        event.link.accept(credit=self.credit)
                    elif isinstance(event.link, SenderLink):
                        event.link.accept()
                case DeliveryReceived():
                    self.deliveries.append(event.delivery)
                case _:
                    pass

    # -- shortcuts

    def session(self) -> ClientSession:
        session = self.client.begin()
        self.pump()
        return session

    def sender(self, session: ClientSession | None = None, **options: Any) -> ClientSender:
        sender = (session or self.client.default_session()).open_sender(plan_sender("q", **options))
        self.pump()
        return sender

    def receiver(
        self, session: ClientSession | None = None, **options: Any
    ) -> ClientReceiver[ClientDelivery]:
        plan = plan_receiver("q", **options)
        receiver = (session or self.client.default_session()).open_receiver(plan, ClientDelivery)
        self.pump()
        return receiver

    def server_session(self, channel: int = 0) -> Session:
        return next(s for s in self.server.sessions if s.remote_channel == channel)

    def server_links(self) -> list[Link]:
        return [link for session in self.server.sessions for link in session.links]

    def server_sender(self) -> SenderLink:
        return next(link for link in self.server_links() if isinstance(link, SenderLink))

    def server_receiver(self) -> ReceiverLink:
        return next(link for link in self.server_links() if isinstance(link, ReceiverLink))

    def told(self, kind: type[E]) -> list[E]:
        """What the server's engine told of one kind."""
        return [event for event in self.happened if isinstance(event, kind)]
