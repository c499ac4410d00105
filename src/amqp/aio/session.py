"""Sessions: what links share, and what they are lost with."""

from __future__ import annotations

from types import TracebackType
from typing import Self, Unpack

import amqp.aio  # Connection is not there yet
from amqp.aio.delivery import Delivery
from amqp.aio.opening import Opening
from amqp.aio.receiver import Receiver
from amqp.aio.sender import Sender
from amqp.aio.settling import settle_senders
from amqp.aio.transaction import Transaction
from amqp.aio.waiting import Deadline, check_loop, is_parents, until_done, wait
from amqp.checks import check_options
from amqp.client.link import ClientLink
from amqp.client.session import ClientSession
from amqp.client.settings import CLOSE_TIMEOUT
from amqp.client.termini import ReceiverArguments, SenderArguments, plan_receiver, plan_sender
from amqp.client.views import SessionView
from amqp.errors import AmqpError, AmqpFault, Scope
from amqp_spec import Source, Target

__all__ = ["Session"]


class Session(SessionView):
    """A session (2.5). Its links share two windows of transfer frames, and are lost when it ends.

    It may be used with ``async with``, which closes it.
    """

    def __init__(self, connection: amqp.aio.Connection, client: ClientSession) -> None:
        super().__init__(client)
        self._connection = connection

    @property
    def connection(self) -> amqp.aio.Connection:
        """The connection that the session is on."""
        return self._connection

    def open_sender(
        self,
        address: str | Target | None,
        *,
        timeout: float | None = None,
        **options: Unpack[SenderArguments],
    ) -> Opening[Sender]:
        """Attach a sender to *address*; await it, or use it with ``async with``.

        Args:
            address: where messages go: an address, a whole ``Target``, or None where each message says so itself in
                ``properties.to`` and the peer supports that.
            timeout: seconds to wait for the peer's answer; None is the connection's ``operation_timeout``.
            **options: those below.

        Options, each with its default at the end:
            durable: whether every message is sent as durable (3.2.1), also where its header does not say so. False.
            max_unsettled: how many messages may wait for their outcome, 1 to 2^32-1; more wait to be sent as for credit. 5,000.
            source: where the messages come from, an address or a ``Source`` (3.5.3), where the peer cares. None.
            name: the name of the link, unique per direction between the two containers; None, as it is, makes one.
            snd_settle_mode: a ``SenderSettleMode``: how the sender settles (2.8.2). Given, it is an error when the peer does
                otherwise; None, as it is, takes the peer's choice.
            rcv_settle_mode: a ``ReceiverSettleMode``: how the receiver settles (2.8.3); given or None as above.
            max_message_size: the largest message, in octets, that this side takes; None, as it is, tells no limit.
            properties: link properties to send, a mapping of strings. None.
            offered_capabilities: extensions that this side supports, a list of strings. None.
            desired_capabilities: extensions that this side may use if the peer supports them, a list. None.

        Raises:
            AttachRefused: the peer did not let the link come up.
            LinkError: the peer does not honour a settle mode that was asked for; the link was detached.
            SessionEnded, ConnectionClosed: the session is gone, perhaps because of this attach.
            OperationTimeout: no answer came in time; a late one is answered with a detach.
            LocalError: an option is of another type or out of its range, or a sender of that name is attached.
            TypeError: there is no such option.
            EncodeError: an option has no encoding.
        """
        check_options("open_sender", options, SenderArguments.__annotations__, ("timeout",))
        return Opening(self._open_sender(address, timeout, options))

    def open_receiver(
        self,
        address: str | Source | None,
        *,
        timeout: float | None = None,
        **options: Unpack[ReceiverArguments],
    ) -> Opening[Receiver]:
        """Attach a receiver to *address*; await it, or use it with ``async with``.

        Args:
            address: where messages come from: an address, a whole ``Source``, or None for what the peer keeps for a link
                of this ``name``, such as a durable subscription (2.6.3).
            timeout: seconds to wait for the peer's answer; None is the connection's ``operation_timeout``.
            **options: those below.

        Options, each with its default at the end:
            credit: deliveries that may be on their way or unread, renewed when half of it is used, 0 to 2^32-1; 0 grants
                nothing by itself: see :meth:`Receiver.issue_credit`. 100.
            auto_accept: whether a delivery is accepted when the next one is asked for, or the receiver is closed without an
                error. False.
            streaming: whether a delivery is handed out as it begins to come, and read while it does, by
                :meth:`Delivery.chunks`. What is unread holds up the whole session, so begin one with a small ``incoming_window``,
                such as 32, for this receiver. False.
            batch: how many outcomes, accepted and released, are told at once, for fewer frames: they are held until there
                are so many, the oldest waited for ``batch_max_age``, :meth:`Receiver.flush` is called or the receiver is
                closed. Not in receiver-settle-mode second. 0, as it is, and 1 hold none.
            batch_max_age: seconds that an outcome is held at most. 5.
            filters: which messages come (3.5.8), beside the filters of a ``Source``: a mapping of names to filters, or a list
                of filters that have a usual name, such as ``SelectorFilter("colour = 'red'")``. A value is one of their
                classes, a ``Described``, ``undescribed(...)``, or None. None.
            require_filters: whether it is an error when the peer leaves one out; see :attr:`Receiver.declined_filters`. False.
            target: where the messages go, an address or a ``Target`` (3.5.4), where the peer cares. None.
            name: the name of the link, unique per direction between the two containers; None, as it is, makes one.
            snd_settle_mode: a ``SenderSettleMode``: how the sender settles (2.8.2). Given, it is an error when the peer does
                otherwise; None, as it is, takes the peer's choice.
            rcv_settle_mode: a ``ReceiverSettleMode``: how the receiver settles (2.8.3); given or None as above.
            max_message_size: the largest message, in octets, that this side takes; None, as it is, tells no limit.
            properties: link properties to send, a mapping of strings. None.
            offered_capabilities: extensions that this side supports, a list of strings. None.
            desired_capabilities: extensions that this side may use if the peer supports them, a list. None.

        It raises what :meth:`open_sender` raises, and:

        Raises:
            FiltersDeclined: not all filters are in force, and ``require_filters`` was given; the link was detached.
            AttachRefused: where the address is None: the peer keeps nothing for this name (mostly ``amqp:not-found``).
        """
        check_options("open_receiver", options, ReceiverArguments.__annotations__, ("timeout",))
        return Opening(self._open_receiver(address, timeout, options))

    async def unsubscribe(self, name: str, *, timeout: float | None = None) -> None:
        """Have the peer forget the durable subscription of the receiver *name*, whoever holds its messages (3.5.6).

        It attaches without a source, which finds what the peer keeps (2.6.3), and closes that. A receiver that is at hand
        does the same by ``close()``.

        Args:
            name: the name of the receiver that made it; the container-id has to be the same as well.
            timeout: seconds for all of it; None is the connection's ``operation_timeout``.

        Raises:
            AttachRefused: the peer keeps nothing of that name (mostly ``amqp:not-found``), or does not look for it so.
            LinkError, SessionEnded, ConnectionClosed: it went wrong otherwise.
            OperationTimeout: the peer did not answer in time.
        """
        deadline = Deadline(self._client.connection.operation_timeout if timeout is None else timeout)
        receiver = await self.open_receiver(None, name=name, credit=0, timeout=deadline.left())
        await receiver.close(timeout=deadline.left())

    def transaction(self, *, timeout: float | None = None) -> Opening[Transaction]:
        """Begin a transaction (4.2); await it, or use it with ``async with``.

        At its end the ``async with`` commits it, or rolls it back where an exception leaves it::

            async with session.transaction() as transaction:
                await sender.send(message, transaction=transaction)
                await delivery.accept(transaction=transaction)

        Work on every session of the connection can be part of it, where the peer says so. The coordinator's link is
        attached when the first transaction of the session is begun, and shared by the others.

        Args:
            timeout: seconds for all of it; None is the connection's ``operation_timeout``.

        Raises:
            TransactionRefused: the peer opened none; ``condition`` says why, for example ``amqp:not-implemented`` where it
                has no transactions. Some end the session to say that: see ``__cause__``.
            SessionEnded, ConnectionClosed: the session is gone.
            OperationTimeout: no answer came in time; a transaction that is opened late is rolled back.
            LocalError: the peer takes one transaction at a time on a session, or no handle is free.
        """
        return Opening(self._transaction(timeout))

    async def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Wait for the outcomes that are due, give back unread deliveries, end the session. Twice does nothing.

        Raises:
            ExceptionGroup: the failures of messages that nobody has looked at, those without outcome among them.
            OperationTimeout: the peer did not answer the end within *timeout* seconds; the session is closed here.
        """
        timed_out = await self._close(Deadline(timeout), outcomes=True)
        self._client.raise_failures(repr(self))
        if timed_out is not None:
            raise timed_out

    async def wait_closed(self, *, timeout: float | None = None) -> AmqpFault | None:
        """Wait until the session is gone, for whatever reason, and return its ``error``: None where it was closed here.

        Raises:
            OperationTimeout: it was not gone within *timeout* seconds; None waits for ever.
        """
        check_loop(self._client.connection)
        deadline = None if timeout is None else Deadline(timeout)
        if not await until_done(self._client.closed, deadline):
            assert deadline is not None
            raise deadline.expired(f"the end of {self!r}", Scope.SESSION)
        return self.error

    async def _close(self, deadline: Deadline, *, outcomes: bool) -> AmqpError | None:
        if is_parents(self._client.connection):
            return None
        check_loop(self._client.connection)
        try:
            if outcomes:
                self._client.finish_current()
                await settle_senders(self._client.senders(), deadline)
        finally:
            self._client.end()
        if await until_done(self._client.closed, deadline):
            return None
        self._client.forsake()
        return deadline.expired(f"the peer's end of {self!r}", Scope.SESSION)

    async def _open_sender(
        self, address: str | Target | None, timeout: float | None, options: SenderArguments
    ) -> Sender:
        check_loop(self._client.connection)
        client = self._client.open_sender(plan_sender(address, **options))
        await self._up(client, timeout)
        return Sender(self, client)

    async def _open_receiver(
        self, address: str | Source | None, timeout: float | None, options: ReceiverArguments
    ) -> Receiver:
        check_loop(self._client.connection)
        client = self._client.open_receiver(plan_receiver(address, **options), Delivery)
        await self._up(client, timeout)
        return Receiver(self, client)

    async def _transaction(self, timeout: float | None) -> Transaction:
        check_loop(self._client.connection)
        deadline = Deadline(self._client.connection.operation_timeout if timeout is None else timeout)
        client = self._client.begin_transaction()
        try:
            await wait(client.declared, deadline, "a transaction", Scope.SESSION)
        except BaseException:
            client.abandon()
            raise
        return Transaction(self, client)

    async def _up(self, client: ClientLink, timeout: float | None) -> None:
        deadline = Deadline(client.connection.operation_timeout if timeout is None else timeout)
        try:
            await wait(client.opened, deadline, f"the peer's attach of {client.name!r}", Scope.LINK)
            # Some peers attach first and detach with an error right behind it.
            client.check()
        except BaseException:
            client.abandon()
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            await self.close()
        else:
            # F13: the caller's error is the one to tell.
            await self._close(Deadline(CLOSE_TIMEOUT), outcomes=False)
