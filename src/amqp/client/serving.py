"""The server's side of a connection: what a client asks for waits for an answer, and is then as if this side had opened it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar
from uuid import uuid4

from amqp.client.completion import Completion
from amqp.client.connection import ClientConnection
from amqp.client.delivery import ClientDelivery
from amqp.client.faults import failed_here, link_ended
from amqp.client.receiver import ClientReceiver
from amqp.client.sender import ClientSender
from amqp.client.session import ClientSession
from amqp.client.settle_modes import SettleModes
from amqp.engine import ReceiverLink, SenderLink, events
from amqp.engine.states import LinkState
from amqp.errors import AmqpError, ConnectionClosed, LocalError, Scope, SessionEnded
from amqp_spec import AmqpErrorCondition, Coordinator, Error, Source, Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from amqp.client.acceptance import ReceiverAcceptance, SenderAcceptance
    from amqp.client.faults import Failure
    from amqp.engine import Engine, IncomingDelivery, Link, Session
    from amqp.options import SessionOptions
    from amqp_spec import AnySource, AnyTarget, Attach

D = TypeVar("D", bound=ClientDelivery)

_ANSWERABLE: Final = (LinkState.ATTACH_RCVD, LinkState.DETACH_RCVD)
_NO_TRANSACTIONS: Final = Error(
    condition=AmqpErrorCondition.NOT_IMPLEMENTED, description="there are no transactions here"
)


class Asked(Protocol):
    """What a front end does with what a client asks for. None of it may wait; the answer is given later."""

    def connection_asked(self) -> None:
        """The client's open was read: ``accept`` or ``refuse`` the connection."""
        ...

    def session_asked(self, session: ServerSession) -> None:
        """The client began a session: ``accept`` or ``refuse`` it."""
        ...

    def link_asked(self, link: AskedLink) -> None:
        """The client attached a link: accept or ``refuse`` it."""
        ...


class ServerConnection(ClientConnection):
    """A connection that a client made, over an engine in the role of server.

    What the client sends ahead of an answer waits for it: sessions for that to the open, links for that to the begin.

    Args:
        engine: an engine in the role of server.
        wake: as for a client.
        operation_timeout: as for a client.
        peer: what errors call the client.
    """

    def __init__(
        self, engine: Engine, wake: Callable[[], None], operation_timeout: float, peer: str = ""
    ) -> None:
        super().__init__(engine, wake, operation_timeout, peer)
        self.identity: str | None = None
        """Who the client proved to be; None is nobody in particular."""
        self.mechanism: str | None = None
        """The SASL mechanism that it did so by; None without a SASL layer."""
        self.asked: Asked | None = None
        """Who answers; set by the front end before the first octet comes."""
        self.requested: Completion[None] = Completion()
        """Done when the client's open was read, or will not be any more."""
        self._waiting: list[ServerSession] | None = []
        self._handlers[events.Authenticated] = self._authenticated

    def accept(self) -> None:
        """Answer the client's open with ours, and let the sessions be asked for that came behind it.

        Raises:
            AmqpError: our open cannot be told to this client.
        """
        if self.failure is not None or self._waiting is None:
            return
        self.engine.open()
        self.opened.resolve(None)
        waiting, self._waiting = self._waiting, None
        for session in waiting:
            self._ask(session)
        self.wake()

    def refuse(self, error: Error) -> None:
        """Close the connection with *error*; before it was accepted, that is the answer to the client's open."""
        if self.failure is not None:
            return
        for session in self.sessions:
            session.release_unread()
        self.failure = failed_here(ConnectionClosed, Scope.CONNECTION, error)
        try:
            self.engine.close(error)
        except AmqpError:
            self.engine.close(_shortened(error))
        self.wake()

    def _authenticated(self, event: events.Authenticated) -> None:
        self.identity, self.mechanism = event.identity, event.mechanism

    def _connection_opened(self, _event: events.ConnectionOpened) -> None:
        self.requested.resolve(None)
        if self.asked is not None:
            self.asked.connection_asked()

    def lose(self, failure: Failure) -> None:
        """The connection is gone, and all on it."""
        super().lose(failure)
        self.requested.resolve(None)

    def _session_requested(self, event: events.SessionRequested) -> None:
        session = ServerSession(self, event.session)
        if self._waiting is None:
            self._ask(session)
        else:
            self._waiting.append(session)

    def _link_requested(self, event: events.LinkRequested) -> None:
        session = event.link.session.context
        if isinstance(session, ServerSession):
            session.link_asked(AskedLink(session, event.link))
        else:
            # On a session that this side began: nobody is asked about those.
            super()._link_requested(event)

    def _ask(self, session: ServerSession) -> None:
        if self.asked is not None:
            self.asked.session_asked(session)

    def ask_link(self, link: AskedLink) -> None:
        """Have a link asked for."""
        if self.asked is not None:
            self.asked.link_asked(link)


class ServerSession(ClientSession):
    """A session that a client began."""

    def __init__(self, connection: ServerConnection, session: Session) -> None:
        super().__init__(connection, session)
        self._server = connection
        self._waiting: list[AskedLink] | None = []

    def accept(self, options: SessionOptions | None = None) -> None:
        """Answer the client's begin with ours, and let the links be asked for that came behind it."""
        if self.failure is not None or self._waiting is None:
            return
        try:
            self.session.accept(options)
        except AmqpError as error:
            self.refuse(Error(condition=AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED, description=str(error)))
            return
        self.opened.resolve(None)
        waiting, self._waiting = self._waiting, None
        for link in waiting:
            self._server.ask_link(link)
        self._server.wake()

    def refuse(self, error: Error) -> None:
        """End the session with *error*; before it was accepted, that is the answer to the client's begin."""
        if self.failure is not None:
            return
        self.release_unread()
        self._go(failed_here(SessionEnded, Scope.SESSION, error))
        try:
            self.session.end(error)
        except AmqpError:
            try:
                self.session.end(_shortened(error))
            except AmqpError:
                # Not even a begin can be told, on which the end would follow.
                self._server.refuse(error)
        self._server.wake()

    def link_asked(self, link: AskedLink) -> None:
        """A client attached a link here."""
        if isinstance(link.attach.target, Coordinator):
            link.refuse(_NO_TRANSACTIONS)
        elif self._waiting is not None:
            self._waiting.append(link)
        else:
            self._server.ask_link(link)


class AskedLink:
    """A link that a client attached, and what became of it here."""

    def __init__(self, session: ServerSession, link: Link) -> None:
        attach = link.remote_attach
        assert attach is not None
        self.session = session
        self.connection = session.connection
        self.link = link
        self.attach: Attach = attach
        """What the client asked for."""
        self.answer: ClientSender | ClientReceiver[Any] | None = None
        """The link, once it is accepted."""
        self.refused = False

    @property
    def answered(self) -> bool:
        """Whether it was accepted or refused."""
        return self.refused or self.answer is not None

    @property
    def gone(self) -> bool:
        """Whether there is nothing more to be told to the client about the link."""
        if self.answer is not None:
            return self.answer.failure is not None
        return (
            self.refused or self.session.failure is not None or self.link.state is not LinkState.ATTACH_RCVD
        )

    def accept_sender(self, plan: SenderAcceptance) -> ClientSender:
        """Accept a link on which this side sends.

        Raises:
            LocalError: it was answered before, or an option breaks a rule of termini.
            LinkError, SessionEnded, ConnectionClosed: the client has taken it back.
            EncodeError: an option has no encoding.
        """
        link = self.link
        assert isinstance(link, SenderLink)
        self._check()
        source = _given_source(self.attach.source, plan.source)
        snd = self.attach.snd_settle_mode if plan.snd_settle_mode is None else plan.snd_settle_mode
        link.accept(
            replace(
                plan.options,
                source=source,
                target=self.attach.target,
                snd_settle_mode=snd,
                rcv_settle_mode=self.attach.rcv_settle_mode,
            )
        )
        self.answer = sender = ClientSender(
            self.session,
            link,
            asked=SettleModes(None, None),
            durable=plan.durable,
            max_unsettled=plan.max_unsettled,
            accepted=True,
        )
        sender.opened.resolve(None)
        self.connection.wake()
        return sender

    def accept_receiver(
        self, plan: ReceiverAcceptance, delivery_type: Callable[[ClientReceiver[D], IncomingDelivery], D]
    ) -> ClientReceiver[D]:
        """Accept a link on which this side receives. It raises what :meth:`accept_sender` raises."""
        link = self.link
        assert isinstance(link, ReceiverLink)
        self._check()
        target = _given_target(self.attach.target, plan.target)
        rcv = self.attach.rcv_settle_mode if plan.rcv_settle_mode is None else plan.rcv_settle_mode
        link.accept(
            replace(
                plan.options,
                source=self.attach.source,
                target=target,
                snd_settle_mode=self.attach.snd_settle_mode,
                rcv_settle_mode=rcv,
            ),
            credit=plan.credit,
        )
        receiver: ClientReceiver[D] = ClientReceiver(
            self.session,
            link,
            asked=SettleModes(None, None),
            credit=plan.credit,
            auto_accept=plan.auto_accept,
            batch=plan.batch,
            batch_max_age=plan.batch_max_age,
            delivery_type=delivery_type,
        )
        self.answer = receiver
        receiver.accepted = True
        receiver.opened.resolve(None)
        self.connection.wake()
        return receiver

    def refuse(self, error: Error) -> None:
        """Say no: an attach without terminus, then a detach with *error* (2.6.3). A link that is up is detached with it."""
        if self.answer is not None:
            self.answer.fail(error)
            return
        if self.refused:
            return
        self.refused = True
        try:
            self.link.refuse(error)
        except AmqpError:
            try:
                self.link.refuse(_shortened(error))
            except AmqpError:
                self.session.refuse(error)
        self.connection.wake()

    def _check(self) -> None:
        if self.answered:
            raise LocalError(f"link {self.link.name!r} was answered before")
        self.session.check()
        if self.link.state not in _ANSWERABLE:
            raise link_ended(by_peer=True).error()


def _given_source(asked: AnySource | None, given: str | Source | None) -> AnySource | None:
    """Return what our attach says of the source: the client's wish with an address, and without filters.

    3.5.3: the filters in the answer are those that are in place, which only the service can know.
    """
    if isinstance(given, Source) or not isinstance(asked, Source):
        return Source(address=given) if isinstance(given, str) else given or asked
    return replace(asked, address=_address(asked, given), filter=None)


def _given_target(asked: AnyTarget | None, given: str | Target | None) -> AnyTarget | None:
    if isinstance(given, Target) or not isinstance(asked, Target):
        return Target(address=given) if isinstance(given, str) else given or asked
    return replace(asked, address=_address(asked, given))


def _address(asked: Source | Target, given: str | None) -> str | None:
    if given is None and asked.dynamic and asked.address is None:
        return str(uuid4())
    return asked.address if given is None else given


def _shortened(error: Error) -> Error:
    """Return what fits the smallest frame, for an error that the client does not take or that has no encoding."""
    return Error(condition=error.condition)
