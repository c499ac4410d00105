"""One client's connection to the broker: the engine's events in, calls on sessions, links and queues out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from amqp.aio.driver import EngineDriver
from amqp.broker.attach import ANONYMOUS_RELAY, answer_attach
from amqp.broker.consumer import ConsumerLink
from amqp.broker.faults import error_of
from amqp.broker.links import BrokerLink, LinkKey
from amqp.broker.producer import ProducerLink
from amqp.broker.transactions import CoordinatorLink
from amqp.engine import Engine, IncomingDelivery, Link, Session
from amqp.engine.events import (
    Authenticated,
    ConnectionEnded,
    ConnectionFailed,
    ConnectionOpened,
    CreditChanged,
    DeliveryAborted,
    DeliveryReceived,
    DeliveryUpdated,
    Event,
    LinkEnded,
    LinkFailed,
    LinkRequested,
    SessionEnded,
    SessionFailed,
    SessionRequested,
)
from amqp.engine.transactions import TXN_ID, TransactionTable
from amqp.errors import AmqpError
from amqp.options import ConnectionOptions, SessionOptions
from amqp_spec import AmqpErrorCondition, Error, Symbol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from amqp.broker.broker import Broker
    from amqp.broker.listener import Listener
    from amqp.sasl import SaslServer


class BrokerDriver(EngineDriver):
    """A driver that tells when it has written, so that what waited for room goes on."""

    def __init__(
        self,
        engine: Engine,
        handle_events: Callable[[list[Event]], None],
        handle_made: Callable[[], None],
        handle_written: Callable[[], None],
    ) -> None:
        super().__init__(engine, handle_events)
        self._handle_made = handle_made
        self._handle_written = handle_written

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        super().connection_made(transport)
        self._handle_made()

    def turn(self) -> None:
        """Do a turn, then look at what has left."""
        super().turn()
        self._handle_written()


class BrokerConnection:
    """The broker's end of one connection. What goes wrong in it stays in it."""

    def __init__(self, broker: Broker, sasl: SaslServer, listener: Listener | None = None) -> None:
        self.broker = broker
        self.listener = listener
        """Where the client came in; None where the caller made the transport."""
        self.nodes = broker.nodes
        self.options = broker.options
        self.sending: dict[ConsumerLink, None] = {}
        """Consumers of which deliveries wait in the engine."""
        self.fed: dict[ProducerLink, None] = {}
        """Producers that have used credit in the events at hand."""
        options = broker.options
        self.transactions = TransactionTable(max_transactions=options.max_transactions)
        """The transactions of this client that are open (4.1)."""
        self.engine = Engine(
            ConnectionOptions(
                container_id=options.container_id,
                max_frame_size=options.max_frame_size,
                channel_max=options.channel_max,
                idle_timeout=options.idle_timeout,
                offered_capabilities=[ANONYMOUS_RELAY],
                properties={Symbol("product"): "amqp10"},
            ),
            role="server",
            sasl=sasl,
        )
        self.driver = BrokerDriver(self.engine, self._handle_events, self._made, self._written)
        self.driver.closed.add_done_callback(self._lost)
        self.is_open = False
        """Whether the opens were exchanged and no end of the connection has come."""
        self._identity: str | None = None
        self._links: dict[Session, dict[BrokerLink, None]] = {}
        self._deadline: asyncio.TimerHandle | None = None

    def close(self, error: Error) -> None:
        """Close the connection for *error*; a client that does not answer in time, or is not open, is dropped."""
        if not self.is_open:
            self.driver.abort()
            return
        self._let_go()
        self._refuse(error)

    def link_key(self, link: Link) -> LinkKey:
        """Return what makes the link one of a kind (2.6.1); other users cannot lay hand on it."""
        remote = self.engine.remote_open
        return (self._identity, "" if remote is None else remote.container_id, link.role, link.name)

    def forget(self, link: BrokerLink) -> None:
        """Forget a link that is gone."""
        self._links.get(link.link.session, {}).pop(link, None)
        link.link.context = None
        if self.broker.links.get(link.key) is link:
            del self.broker.links[link.key]

    # What the driver tells

    def _made(self) -> None:
        self.broker.connections[self] = None
        # The whole handshake has one deadline, however slowly its octets come.
        self._set_deadline(self.options.handshake_timeout)
        if self.listener is not None and self.listener.closed:
            self.driver.abort()

    def _lost(self, _closed: asyncio.Future[None]) -> None:
        self._let_go()
        if self._deadline is not None:
            self._deadline.cancel()
        self.broker.connections.pop(self, None)
        self.nodes.dispatch(self.driver.loop.time())

    def _written(self) -> None:
        if self.sending:
            for consumer in list(self.sending):
                consumer.sent()
            self.nodes.dispatch(self.driver.loop.time())

    def _handle_events(self, events: list[Event]) -> None:
        for event in events:
            handler = self._HANDLERS.get(type(event))
            if handler is not None:
                self._guarded(handler, event)
        if self.fed:
            fed, self.fed = self.fed, {}
            for producer in fed:
                producer.caught_up()
        self.nodes.dispatch(self.driver.loop.time())

    # The connection

    def _authenticated(self, event: Authenticated) -> None:
        self._identity = event.identity

    def _opened(self, event: ConnectionOpened) -> None:
        refusal = self.broker.refusal()
        if refusal is not None:
            self._refuse(refusal)
            return
        self.is_open = True
        self.broker.opened += 1
        if self._deadline is not None:
            self._deadline.cancel()
        self.driver.trust()
        self.engine.open()

    def _ended(self, event: ConnectionEnded | ConnectionFailed) -> None:
        self._let_go()
        # A client that does not read what is still to be written cannot keep the transport.
        self._set_deadline(self.options.close_timeout)

    # Sessions and links

    def _session_requested(self, event: SessionRequested) -> None:
        event.session.accept(SessionOptions(handle_max=self.options.handle_max))

    def _session_gone(self, event: SessionEnded | SessionFailed) -> None:
        self._drop_links(event.session)

    def _link_requested(self, event: LinkRequested) -> None:
        key = self.link_key(event.link)
        link = answer_attach(self, event.link)
        if link is None:
            return
        stolen = self.broker.links.get(key)
        if stolen is not None:
            stolen.steal()
        self.broker.links[key] = link
        self._links.setdefault(event.link.session, {})[link] = None
        event.link.context = link

    def _link_gone(self, event: LinkEnded | LinkFailed) -> None:
        link = event.link.context
        if isinstance(link, BrokerLink):
            link.gone()

    # Deliveries

    def _received(self, event: DeliveryReceived) -> None:
        link = event.delivery.link.context
        if isinstance(link, ProducerLink):
            link.received(event.delivery, self.driver.loop.time())
        elif isinstance(link, CoordinatorLink):
            link.received(event.delivery)

    def _aborted(self, event: DeliveryAborted) -> None:
        link = event.delivery.link.context
        if isinstance(link, ProducerLink):
            self.fed[link] = None

    def _updated(self, event: DeliveryUpdated) -> None:
        delivery = event.delivery
        link = delivery.link.context
        if isinstance(delivery, IncomingDelivery):
            if isinstance(link, ProducerLink):
                link.top_up()
        elif isinstance(link, ConsumerLink):
            link.updated(delivery, event.state, settled=event.settled)

    def _credit_changed(self, event: CreditChanged) -> None:
        link = event.link.context
        if not isinstance(link, ConsumerLink):
            return
        if event.properties is not None and event.properties.get(TXN_ID) is not None:
            # 4.4.3
            link.fail(
                Error(
                    condition=AmqpErrorCondition.NOT_IMPLEMENTED,
                    description="messages are not acquired in a transaction here: retire them in it",
                )
            )
        else:
            link.credit_changed()

    # Inside

    def _guarded(self, handler: Callable[[BrokerConnection, Any], None], event: Any) -> None:
        """Handle an event; what cannot be done or told ends the smallest scope in which that can be said."""
        try:
            handler(self, event)
        except AmqpError as fault:
            error = error_of(fault)
            link, session = _scope_of(event)
            if link is not None and _ends(lambda: self._end_link(link, error)):
                return
            if session is not None and _ends(lambda: session.end(error)):
                self._drop_links(session)
                return
            self._refuse(error)

    def _end_link(self, link: Link, error: Error) -> None:
        if isinstance(link.context, BrokerLink):
            link.context.fail(error)
        else:
            link.refuse(error)

    def _drop_links(self, session: Session) -> None:
        for link in list(self._links.pop(session, ())):
            link.gone()

    def _let_go(self) -> None:
        """Give up all links, and what they hold."""
        if self.is_open:
            self.is_open = False
            self.broker.opened -= 1
        for links in list(self._links.values()):
            for link in list(links):
                link.gone()
        self._links.clear()

    def _refuse(self, error: Error) -> None:
        self.engine.close(error)
        self._set_deadline(self.options.close_timeout)
        self.driver.schedule()

    def _set_deadline(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.driver.loop.call_later(seconds, self.driver.abort)

    _HANDLERS: ClassVar[dict[type[Event], Callable[[BrokerConnection, Any], None]]] = {
        DeliveryReceived: _received,
        DeliveryUpdated: _updated,
        CreditChanged: _credit_changed,
        DeliveryAborted: _aborted,
        Authenticated: _authenticated,
        ConnectionOpened: _opened,
        ConnectionEnded: _ended,
        ConnectionFailed: _ended,
        SessionRequested: _session_requested,
        SessionEnded: _session_gone,
        SessionFailed: _session_gone,
        LinkRequested: _link_requested,
        LinkEnded: _link_gone,
        LinkFailed: _link_gone,
    }


def _scope_of(event: Any) -> tuple[Link | None, Session | None]:
    """Return the link and the session that an event is of, as far as it is of any."""
    if isinstance(event, SessionRequested | SessionEnded | SessionFailed):
        return None, event.session
    link: Link | None = None
    if isinstance(event, DeliveryReceived | DeliveryUpdated):
        link = event.delivery.link
    elif isinstance(event, LinkRequested | LinkEnded | LinkFailed | CreditChanged):
        link = event.link
    return link, None if link is None else link.session


def _ends(end: Callable[[], None]) -> bool:
    """Try to end something; False when that cannot be told to the client either."""
    try:
        end()
    except AmqpError:
        return False
    return True
