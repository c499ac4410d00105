"""A client's connection: hands each event of the engine to the one that it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from amqp.client.completion import Completion
from amqp.client.control import ControlLink
from amqp.client.failures import UnseenFailures
from amqp.client.faults import Failure, connection_ended, connection_failure
from amqp.client.link import ClientLink
from amqp.client.receiver import ClientReceiver
from amqp.client.sender import ClientSender
from amqp.client.session import ClientSession
from amqp.client.settings import OPERATION_TIMEOUT
from amqp.engine import events
from amqp.options import SessionOptions
from amqp_spec import AmqpErrorCondition, Error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from amqp.client.transaction import ClientTransaction
    from amqp.engine import Engine, Link

STREAM_WINDOW: Final = 2 * 1024 * 1024
"""Octets that may come and not be read on a session for a receiver that streams."""


class ClientConnection:
    """The client's side of one engine. The front end feeds it events, and is told by ``wake`` that output waits.

    Args:
        engine: an engine in the role of client.
        wake: called whenever the engine has something to send; it must not raise, and must not call back at once.
        operation_timeout: seconds that an operation may take where the caller says nothing.
        peer: what errors call the server.
    """

    def __init__(
        self,
        engine: Engine,
        wake: Callable[[], None],
        operation_timeout: float = OPERATION_TIMEOUT,
        peer: str = "",
    ) -> None:
        self.engine = engine
        self.peer = peer
        self.wake = wake
        self.operation_timeout = operation_timeout
        self.registry = engine.options.registry
        """What the described types in received messages become."""
        self.limits = engine.options.limits
        """What a received message may hold."""
        self.opened: Completion[None] = Completion()
        """Done when the peer's open was read; its error says why that did not happen."""
        self.closed: Completion[None] = Completion()
        """Done when the connection is gone, for whatever reason."""
        self.failure: Failure | None = None
        """Why the connection is gone, or going."""
        self.transport_error: BaseException | None = None
        """What broke the transport: an error of the operating system, or an exception that this side ran into. Set by
        the front end before the event comes."""
        self.unseen = UnseenFailures()
        """Sends that failed, and that nobody has looked at."""
        self.sessions: dict[ClientSession, None] = {}
        self.writing: list[ClientSender | ControlLink] = []
        """Links with something that the engine has and the driver may not have written yet."""
        self.transactions: dict[bytes, ClientTransaction] = {}
        """The transactions that are open, by the id that names them all over the connection (4.5.4)."""
        self.batches: dict[ClientReceiver[Any], None] = {}
        """Receivers with outcomes that wait to be told together, so that the driver has to look at the time."""
        self.home: object = None
        """What the front end binds the connection to: the event loop of asyncio."""
        self._default: ClientSession | None = None
        self._handlers: dict[type[Any], Callable[[Any], None]] = {
            events.ConnectionOpened: self._connection_opened,
            events.ConnectionFailed: self._connection_failed,
            events.ConnectionEnded: self._connection_ended,
            events.SessionRequested: self._session_requested,
            events.SessionOpened: self._session_opened,
            events.SessionFailed: self._session_failed,
            events.SessionEnded: self._session_ended,
            events.LinkRequested: self._link_requested,
            events.LinkOpened: self._link_opened,
            events.LinkFailed: self._link_failed,
            events.LinkEnded: self._link_ended,
            events.CreditChanged: self._credit_changed,
            events.Drained: self._drained,
            events.FlowReceived: self._flow_received,
            events.DeliveryStarted: self._delivery_received,
            events.DeliveryReadable: self._delivery_readable,
            events.DeliveryReceived: self._delivery_received,
            events.DeliveryAborted: self._delivery_aborted,
            events.DeliveryUpdated: self._delivery_updated,
        }

    def check(self) -> None:
        """Raise why the connection cannot be used (any more), if so."""
        if self.failure is not None:
            raise self.failure.error()

    def begin(self, options: SessionOptions | None = None, *, own: bool = False) -> ClientSession:
        """Begin a session, with *own* for one link; wait for its ``opened``.

        Raises:
            ConnectionClosed: the connection is gone.
            LocalError: no channel is free.
            EncodeError: an option has no encoding.
        """
        self.check()
        session = ClientSession(self, self.engine.begin(options), own=own)
        self.wake()
        return session

    def begin_for_stream(self) -> ClientSession:
        """Begin a session for one receiver that streams; its window bounds what may wait unread. It raises as above."""
        frames = max(2, STREAM_WINDOW // self.engine.options.max_frame_size)
        return self.begin(SessionOptions(incoming_window=frames), own=True)

    def default_session(self) -> ClientSession:
        """Return the session that links share which ask for no other; a new one where the last has ended."""
        if self._default is None or self._default.failure is not None:
            self._default = self.begin()
        return self._default

    def raise_failures(self, whose: str) -> None:
        """Raise the failures of sends that nobody has looked at, also those on links that are long gone.

        Raises:
            ExceptionGroup: there are some.
        """
        self.unseen.raise_those(lambda _: True, whose)

    def finish_current(self) -> None:
        """With auto_accept: settle the deliveries that were handed out last."""
        for session in self.sessions:
            session.finish_current()

    def senders(self) -> list[ClientSender]:
        """Return the senders of all sessions."""
        return [sender for session in self.sessions for sender in session.senders()]

    def close(self) -> None:
        """Close the connection; ``closed`` follows when the peer has answered."""
        if self.failure is None:
            for session in self.sessions:
                session.release_unread()
            self.failure = connection_ended(by_peer=False)
            self.engine.close()
            self.wake()

    # -- what the engine and the driver tell

    def next_timeout(self, now: float) -> float | None:
        """Return the seconds, 0 or more, until ``handle_timeout`` is due; None when no timer runs."""
        wait = self.engine.next_timeout(now)
        for receiver in self.batches:
            left = max(0.0, receiver.batch_wait(now))
            wait = left if wait is None else min(wait, left)
        return wait

    def handle_timeout(self, now: float) -> None:
        """Do what is due: the engine's part, and outcomes that waited long enough."""
        self.engine.handle_timeout(now)
        for receiver in [receiver for receiver in self.batches if receiver.batch_wait(now) <= 0]:
            receiver.flush()

    def handle_events(self, happened: Sequence[events.Event]) -> None:
        """Hand each event to the one that it concerns. Events of what this side never heard of are ignored."""
        handlers = self._handlers
        for event in happened:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)

    def written(self) -> None:
        """The driver has written what the engine gave, and its transport takes more."""
        if self.writing:
            writing, self.writing = self.writing, []
            for link in writing:
                link.written()

    def lose(self, failure: Failure) -> None:
        """The connection is gone, and all on it; *failure* counts unless it was going before."""
        if self.failure is None:
            self.failure = failure
        self.opened.fail(self.failure.error())
        for session in tuple(self.sessions):
            session.lose(self.failure)
        self.writing.clear()
        self.closed.resolve(None)

    def _connection_opened(self, _event: events.ConnectionOpened) -> None:
        self.opened.resolve(None)

    def _connection_failed(self, event: events.ConnectionFailed) -> None:
        self.lose(connection_failure(event, self.transport_error, self.peer))

    def _connection_ended(self, _event: events.ConnectionEnded) -> None:
        self.lose(connection_ended(by_peer=self.failure is None, peer=self.peer))

    def _session_requested(self, event: events.SessionRequested) -> None:
        event.session.end(_refusal("this container begins its sessions itself"))

    def _session_opened(self, event: events.SessionOpened) -> None:
        if isinstance(event.session.context, ClientSession):
            event.session.context.session_opened()

    def _session_failed(self, event: events.SessionFailed) -> None:
        if isinstance(event.session.context, ClientSession):
            event.session.context.session_failed(event.fault)

    def _session_ended(self, event: events.SessionEnded) -> None:
        if isinstance(event.session.context, ClientSession):
            event.session.context.session_ended(by_peer=event.by_peer)

    def _link_requested(self, event: events.LinkRequested) -> None:
        event.link.refuse(_refusal("this container attaches its links itself"))

    def _link_opened(self, event: events.LinkOpened) -> None:
        link = _client_link(event.link)
        if link is not None:
            link.link_opened()

    def _link_failed(self, event: events.LinkFailed) -> None:
        link = _client_link(event.link)
        if link is not None:
            link.link_failed(event)

    def _link_ended(self, event: events.LinkEnded) -> None:
        link = _client_link(event.link)
        if link is not None:
            link.link_ended(event)

    def _credit_changed(self, event: events.CreditChanged) -> None:
        link = _client_link(event.link)
        if isinstance(link, ClientSender | ControlLink):
            link.credit_changed()
            if event.properties is not None:
                link.flowed(event.properties)

    def _flow_received(self, event: events.FlowReceived) -> None:
        link = _client_link(event.link)
        if link is not None:
            link.flowed(event.properties)

    def _drained(self, event: events.Drained) -> None:
        link = _client_link(event.link)
        if isinstance(link, ClientReceiver):
            link.drained()

    def _delivery_received(self, event: events.DeliveryReceived | events.DeliveryStarted) -> None:
        # For each message: by the class itself, as it has no others below it.
        incoming = event.delivery
        link = incoming.link.context
        if type(link) is ClientReceiver:
            link.received(incoming)

    def _delivery_readable(self, event: events.DeliveryReadable) -> None:
        link = _client_link(event.delivery.link)
        if isinstance(link, ClientReceiver):
            link.readable(event.delivery)

    def _delivery_aborted(self, event: events.DeliveryAborted) -> None:
        link = _client_link(event.delivery.link)
        if isinstance(link, ClientReceiver):
            link.aborted(event.delivery)

    def _delivery_updated(self, event: events.DeliveryUpdated) -> None:
        link = event.delivery.link.context
        if type(link) is ClientSender or type(link) is ClientReceiver or type(link) is ControlLink:
            link.updated(event)


def _client_link(link: Link) -> ClientLink | None:
    context = link.context
    return context if isinstance(context, ClientLink) else None


def _refusal(text: str) -> Error:
    return Error(condition=AmqpErrorCondition.NOT_ALLOWED, description=text)
