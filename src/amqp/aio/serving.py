"""What a client of a listener asks for, and its connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Unpack

from amqp.aio.connection import Connection
from amqp.aio.delivery import Delivery
from amqp.aio.opening import Opening
from amqp.aio.receiver import Receiver
from amqp.aio.sender import Sender
from amqp.aio.session import Session
from amqp.aio.waiting import check_loop
from amqp.checks import check_options
from amqp.client.acceptance import (
    RECEIVER_OPTIONS,
    SENDER_OPTIONS,
    AcceptReceiverArguments,
    AcceptSenderArguments,
    accept_receiver,
    accept_sender,
)
from amqp.client.serving import AskedLink, ServerConnection
from amqp.client.views import IncomingView, ReceiverRequestView, SenderRequestView
from amqp_spec import Source, Target

if TYPE_CHECKING:
    from amqp.aio.client_driver import ClientDriver

__all__ = ["IncomingConnection", "LinkHandler", "LinkRequest", "ReceiverRequest", "SenderRequest"]


class IncomingConnection(Connection, IncomingView):
    """A connection that a client made to a listener. It is a connection as any other, and tells who the client is."""

    def __init__(self, driver: ClientDriver, client: ServerConnection) -> None:
        super().__init__(driver, client.peer)
        self._server = client


class SenderRequest(SenderRequestView):
    """A client asks to receive from an address: it attached a link on which this side is to send."""

    def __init__(self, session: Session, connection: IncomingConnection, asked: AskedLink) -> None:
        super().__init__(asked)
        self._session = session
        self._connection = connection

    @property
    def session(self) -> Session:
        """The session that the link is asked for on."""
        return self._session

    @property
    def connection(self) -> IncomingConnection:
        """The connection that it is asked for on."""
        return self._connection

    def accept(
        self, address: str | Source | None = None, **options: Unpack[AcceptSenderArguments]
    ) -> Opening[Sender]:
        """Let the link come up; await it, or use it with ``async with``.

        Args:
            address: what the client is told of the source: an address, a whole ``Source``, or None for what it asked
                for. Where it asked for a new node, None makes an address that nobody else has. But in a whole ``Source``
                the client is told that none of its filters is applied (3.5.3).
            **options: those below.

        Options, each with its default at the end:
            durable: whether every message is sent as durable (3.2.1), also where its header does not say so. False.
            max_unsettled: how many messages may wait for their outcome, 1 to 2^32-1; more wait to be sent as for credit. 5,000.
            snd_settle_mode: a ``SenderSettleMode``: how this side settles (2.8.2); None, as it is, is what the client wished.
            max_message_size: the largest message, in octets, that this side takes; None, as it is, tells no limit.
            properties: link properties to send, a mapping of strings. None.
            offered_capabilities: extensions that this side supports, a list of strings. None.
            desired_capabilities: extensions that this side may use if the client supports them, a list. None.

        Raises:
            LinkError, SessionEnded, ConnectionClosed: the client has taken the link back.
            LocalError: it was answered before, the client named no source and none is given, or an option is of another
                type or out of its range.
            TypeError: there is no such option.
            EncodeError: an option has no encoding.
        """
        check_options("accept", options, SENDER_OPTIONS)
        return Opening(self._accept(address, options))

    async def _accept(self, address: str | Source | None, options: AcceptSenderArguments) -> Sender:
        check_loop(self._asked.connection)
        return Sender(self._session, self._asked.accept_sender(accept_sender(address, **options)))


class ReceiverRequest(ReceiverRequestView):
    """A client asks to send to an address: it attached a link on which this side is to receive."""

    def __init__(self, session: Session, connection: IncomingConnection, asked: AskedLink) -> None:
        super().__init__(asked)
        self._session = session
        self._connection = connection

    @property
    def session(self) -> Session:
        """The session that the link is asked for on."""
        return self._session

    @property
    def connection(self) -> IncomingConnection:
        """The connection that it is asked for on."""
        return self._connection

    def accept(
        self, address: str | Target | None = None, **options: Unpack[AcceptReceiverArguments]
    ) -> Opening[Receiver]:
        """Let the link come up; await it, or use it with ``async with``.

        Args:
            address: what the client is told of the target: an address, a whole ``Target``, or None for what it asked
                for. Where it asked for a new node, None makes an address that nobody else has.
            **options: those below.

        Options, each with its default at the end:
            credit: deliveries that may be on their way or unread, renewed when half of it is used, 0 to 2^32-1; 0 grants
                nothing by itself: see :meth:`Receiver.issue_credit`. 100.
            auto_accept: whether a delivery is accepted when the next one is asked for, or the receiver is closed without an
                error. False.
            streaming: whether a delivery is handed out as it begins to come, and read while it does, by
                :meth:`Delivery.chunks`. What is unread holds up the whole session, so listen with a small
                ``incoming_window`` where links stream. False.
            batch: how many outcomes, accepted and released, are told at once, for fewer frames: they are held until there
                are so many, the oldest waited for ``batch_max_age``, :meth:`Receiver.flush` is called or the receiver is
                closed. Not in receiver-settle-mode second. 0, as it is, and 1 hold none.
            batch_max_age: seconds that an outcome is held at most. 5.
            rcv_settle_mode: a ``ReceiverSettleMode``: how this side settles (2.8.3); None, as it is, is what the client
                wished.
            max_message_size: the largest message, in octets, that this side takes; None, as it is, tells no limit.
            properties: link properties to send, a mapping of strings. None.
            offered_capabilities: extensions that this side supports, a list of strings. None.
            desired_capabilities: extensions that this side may use if the client supports them, a list. None.

        Raises:
            LinkError, SessionEnded, ConnectionClosed: the client has taken the link back.
            LocalError: it was answered before, the client named no target and none is given, or an option is of another
                type or out of its range.
            TypeError: there is no such option.
            EncodeError: an option has no encoding.
        """
        check_options("accept", options, RECEIVER_OPTIONS)
        return Opening(self._accept(address, options))

    async def _accept(self, address: str | Target | None, options: AcceptReceiverArguments) -> Receiver:
        check_loop(self._asked.connection)
        plan = accept_receiver(address, **options)
        return Receiver(self._session, self._asked.accept_receiver(plan, Delivery))


LinkRequest = SenderRequest | ReceiverRequest
"""What the handler of a listener gets."""

LinkHandler = Callable[[LinkRequest], Awaitable[object]]
"""The handler of a listener."""
