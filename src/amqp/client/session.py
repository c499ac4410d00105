"""A client's session: its links, and what becomes of them when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from amqp.client.completion import Completion
from amqp.client.control import ControlLink
from amqp.client.delivery import ClientDelivery
from amqp.client.faults import Failure, session_ended, session_failure
from amqp.client.receiver import ClientReceiver
from amqp.client.requester import ClientRequester
from amqp.client.sender import ClientSender

if TYPE_CHECKING:
    from collections.abc import Callable

    from amqp.client.connection import ClientConnection
    from amqp.client.link import ClientLink
    from amqp.client.termini import ReceiverPlan, RequesterPlan, SenderPlan
    from amqp.client.transaction import ClientTransaction
    from amqp.engine import IncomingDelivery, Session
    from amqp.errors import Fault

D = TypeVar("D", bound=ClientDelivery)


class ClientSession:
    """A session that this side began. It is usable from ``opened`` until ``failure`` is set."""

    def __init__(self, connection: ClientConnection, session: Session, *, own: bool = False) -> None:
        self.connection = connection
        self.session = session
        self.own = own
        """Whether it was begun for one link, and ends with it."""
        self.opened: Completion[None] = Completion()
        """Done when the peer has answered; its error says why it did not."""
        self.closed: Completion[None] = Completion()
        """Done when the session is gone, for whatever reason."""
        self.failure: Failure | None = None
        """Why the session is gone, or going."""
        self.links: dict[ClientLink, None] = {}
        self._wanted = True
        self._control: ControlLink | None = None
        session.context = self
        connection.sessions[self] = None

    def check(self) -> None:
        """Raise why the session cannot be used (any more), if so."""
        if self.failure is not None:
            raise self.failure.error()

    def open_sender(self, plan: SenderPlan) -> ClientSender:
        """Attach a sender; wait for its ``opened``.

        Raises:
            SessionEnded, ConnectionClosed: the session is gone.
            LocalError: a link of that name is attached, or no handle is free.
            EncodeError: an option has no encoding.
        """
        self.check()
        link = self.session.attach_sender(plan.options)
        self.connection.wake()
        return ClientSender(
            self, link, asked=plan.asked, durable=plan.durable, max_unsettled=plan.max_unsettled
        )

    def open_receiver(
        self, plan: ReceiverPlan, delivery_type: Callable[[ClientReceiver[D], IncomingDelivery], D]
    ) -> ClientReceiver[D]:
        """Attach a receiver; wait for its ``opened``. It raises what :meth:`open_sender` raises."""
        self.check()
        link = self.session.attach_receiver(plan.options, credit=plan.credit)
        self.connection.wake()
        return ClientReceiver(
            self,
            link,
            asked=plan.asked,
            credit=plan.credit,
            auto_accept=plan.auto_accept,
            require_filters=plan.require_filters,
            batch=plan.batch,
            batch_max_age=plan.batch_max_age,
            delivery_type=delivery_type,
        )

    def open_requester(self, plan: RequesterPlan) -> ClientRequester:
        """Attach the two links of a requester; wait for its ``opened``. It raises what :meth:`open_sender` raises."""
        try:
            return ClientRequester(self, plan)
        except BaseException:
            if self.own:
                self.end()
            raise

    def begin_transaction(self) -> ClientTransaction:
        """Declare a transaction over the control link, which is attached where there is none; wait for ``declared``.

        Raises:
            SessionEnded, ConnectionClosed: the session is gone.
            LocalError: no handle is free.
        """
        self.check()
        if self._control is None or self._control.failure is not None:
            self._control = ControlLink(self)
        return self._control.begin()

    def abandon(self) -> None:
        """Nobody waits for the begin any more; a late answer is answered with an end (F14)."""
        self._wanted = False
        if self.opened.done():
            self.end()
        else:
            self._go(session_ended(by_peer=False))

    def end(self) -> None:
        """End the session; ``closed`` follows when the peer has answered."""
        if self.failure is None:
            self.release_unread()
            self._go(session_ended(by_peer=False))
            self.session.end()
            self.connection.wake()

    def forsake(self) -> None:
        """The peer does not answer the end: count the session as gone; a late answer changes nothing."""
        self.lose(session_ended(by_peer=False))

    def senders(self) -> list[ClientSender]:
        """Return the senders that are attached."""
        return [link for link in self.links if isinstance(link, ClientSender)]

    def raise_failures(self, whose: str) -> None:
        """Raise the failures of sends on this session that nobody has looked at.

        Raises:
            ExceptionGroup: there are some.
        """
        self.connection.unseen.raise_those(lambda pending: pending.sender.session is self, whose)

    def finish_current(self) -> None:
        """With auto_accept: settle the deliveries that were handed out last."""
        for link in self.links:
            if isinstance(link, ClientReceiver):
                link.finish_current()

    def release_unread(self) -> None:
        """Give back to their senders the deliveries that nobody has taken (F7)."""
        for link in self.links:
            if isinstance(link, ClientReceiver):
                link.release_unread()

    # -- what the engine tells

    def session_opened(self) -> None:
        """The peer answered the begin."""
        if self._wanted:
            self.opened.resolve(None)
        else:
            self.session.end()

    def session_failed(self, fault: Fault) -> None:
        """The session ended with an error."""
        self.lose(session_failure(fault))

    def session_ended(self, *, by_peer: bool) -> None:
        """The ends were exchanged without an error."""
        self.lose(session_ended(by_peer=by_peer))

    def lose(self, failure: Failure) -> None:
        """The session is gone and its links with it; *failure* counts unless it was going before."""
        self._go(failure)
        for link in tuple(self.links):
            link.lose(failure)
        self.connection.sessions.pop(self, None)
        self.closed.resolve(None)

    def _go(self, failure: Failure) -> None:
        if self.failure is None:
            self.failure = failure
            self.opened.fail(failure.error())
