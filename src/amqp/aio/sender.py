"""Sending messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from amqp.aio.iterating import each
from amqp.aio.link import Link
from amqp.aio.pending import Pending, client_of
from amqp.aio.transaction import Transaction
from amqp.aio.waiting import Deadline, check_loop, is_parents, until_done, wait
from amqp.checks import check_bool, check_bytes, check_instance, check_seconds
from amqp.client.body import BodyWriter
from amqp.client.chunks import Chunks, pieces_of
from amqp.client.pending import Pending as ClientPending
from amqp.client.sender import ClientSender
from amqp.client.settings import CLOSE_TIMEOUT
from amqp.client.several import InFlight, check_messages
from amqp.client.views import SenderView, transaction_of
from amqp.errors import AmqpError, LocalError, Scope
from amqp.message import Message
from amqp_spec import Accepted

if TYPE_CHECKING:
    from amqp.aio.session import Session
__all__ = ["Sender"]


class Sender(Link, SenderView):
    """Sends messages to one address. Messages leave in the order in which they were submitted.

    It may be used by several tasks at once, and with ``async with``, which closes it; one of a durable terminus, or one that
    never expires, is only detached then.
    """

    def __init__(self, session: Session, client: ClientSender) -> None:
        super().__init__(client)
        self._session = session

    async def send(
        self,
        message: Message,
        *,
        timeout: float | None = None,
        settled: bool = False,
        tag: bytes | None = None,
        transaction: Transaction | None = None,
    ) -> Accepted | None:
        """Send *message* and wait until the peer has accepted it.

        Args:
            message: what to send.
            timeout: seconds for all of it; None is the connection's ``operation_timeout``, ``math.inf`` no limit.
            settled: send it settled: there is no outcome to wait for, and the message may be lost (2.6.12). In
                snd-settle-mode settled that is so for every message.
            tag: the delivery-tag, up to 32 octets, not that of a delivery under way (2.8.7); None makes one.
            transaction: one that the message is part of: it appears when that commits (4.4.1). What is told before is the
                outcome that it will have then.

        Returns:
            The outcome, or None for a message sent settled.

        Raises:
            MessageRejected, MessageReleased, MessageModified: the peer decided otherwise.
            NotSent: no octet of it left: no credit or room in time, or the link is gone; ``__cause__`` says which.
            InDoubt: it left, and no outcome came in time or can come any more; ``__cause__`` says why.
            EncodeError: the message has no body, or holds a value that has no encoding.
            LocalError: it is no Message, is larger than the peer takes, *tag* is too long or in use, or *settled* is
                not allowed by the settle mode, or *transaction* takes no work, or neither sender nor message has an address.
            TransactionError: *transaction* was rolled back, and was not to be.

        Cancelled, a message that has not begun to leave is taken back; one that has is settled in the background.
        """
        deadline = self._deadline(timeout)
        return await self._outcome(self._submit(message, settled, tag, transaction), deadline)

    async def submit(
        self,
        message: Message,
        *,
        timeout: float | None = None,
        settled: bool = False,
        tag: bytes | None = None,
        transaction: Transaction | None = None,
    ) -> Pending:
        """Send *message* and return what will become of it, once there is credit and room to write.

        The arguments are those of :meth:`send`; the timeout is for credit and room only. Await what is returned, or
        let ``flush()`` and ``close()`` wait for it; ``close()`` raises the failures that nobody has looked at.

        Raises:
            NotSent: no credit or room in time, or the link is gone.
            EncodeError, LocalError, TransactionError: as for :meth:`send`.
        """
        if timeout is not None:
            check_seconds("timeout", timeout)
        pending = self._submit(message, settled, tag, transaction)
        if pending.held is not None:
            await self._departure(pending, self._deadline(timeout))
        return Pending(pending)

    async def send_many(
        self,
        messages: Iterable[Message] | AsyncIterable[Message],
        *,
        in_flight: int = 100,
        timeout: float | None = None,
        settled: bool = False,
        transaction: Transaction | None = None,
    ) -> AsyncGenerator[Pending, None]:
        """Send *messages*, and give the fate of each, in their order, once it is known::

            async for pending in sender.send_many(messages):
                await pending  # raises unless it was accepted

        Up to *in_flight* are under way at once, and no more are taken from *messages* than that; so it may have no end.
        The fate of one changes nothing for the others: whoever wants to stop, leaves the loop. Those under way then go
        on, and ``flush()`` and ``close()`` wait for them.

        Args:
            messages: what to send, in this order; iterating over it may wait.
            in_flight: how many may be on their way, from 1.
            timeout: seconds for each, first for credit and then for its outcome; None is ``operation_timeout``. One
                without credit in time ends the sending, one without an outcome in time is ``InDoubt``.
            settled: as for :meth:`send`.
            transaction: as for :meth:`send`.

        Raises:
            NotSent: no credit or room in time, or the link is gone; those under way have their fate, told by
                ``close()``.
            EncodeError, LocalError, TransactionError: as for :meth:`send`; what *messages* raises comes through too.
        """
        check_messages(messages, asynchronous=True)
        under_way: InFlight[Pending] = InFlight(in_flight)
        async for message in each(messages):
            under_way.add(
                await self.submit(message, timeout=timeout, settled=settled, transaction=transaction)
            )
            while (pending := under_way.due()) is not None:
                await self._fate(pending, timeout)
                yield pending
        while (pending := under_way.rest()) is not None:
            await self._fate(pending, timeout)
            yield pending

    async def send_stream(
        self,
        chunks: Chunks,
        message: Message | None = None,
        *,
        size: int | None = None,
        timeout: float | None = None,
        settled: bool = False,
        tag: bytes | None = None,
        transaction: Transaction | None = None,
    ) -> Accepted | None:
        """Send a message whose body comes in pieces (3.2.6), and wait until it is accepted.

        So it may be larger than memory: little more of it is held than a piece and 256 KiB. Other messages of this
        sender wait behind it (2.6.14); those of other links do not.

        Args:
            chunks: the body: bytes-like pieces from an iterable, in asyncio also from an asynchronous one, or a file that
                is opened for reading in binary. The file is read here, 64 KiB at a time, and left open.
            message: what stands beside the body, such as properties: a message without a body. None is nothing.
            size: the octets of the whole body, up to 2^32-1, where they are known: the body then is one data section,
                which some receivers need, for they read no more than one. None makes a section of each piece.
            timeout: seconds for credit, for each time that the peer keeps the sending waiting, and for the outcome;
                None is ``operation_timeout``. How long *chunks* takes does not count.
            settled: as for :meth:`send`.
            tag: as for :meth:`send`.
            transaction: as for :meth:`send`.

        Raises:
            EncodeError: *message* has a body.
            LocalError: as for :meth:`send`; a piece is not bytes-like; the pieces are not *size*; the message grows larger than the peer takes.
            NotSent, InDoubt, MessageRejected, MessageReleased, MessageModified, TransactionError: as for :meth:`send`.

        What *chunks* raises, a timeout, and whatever else ends it early take the message back: nothing of it counts for
        the peer (2.6.14). Some servers deliver what they have of it all the same (docs/interop.md); where *size* was
        given, its receivers then find a section cut short, and not a message that looks whole.
        """
        pieces = each(pieces_of(chunks))
        pending, body = await self._begin(message, size, settled, tag, timeout, transaction)
        try:
            async for piece in pieces:
                await self._write(pending, body.section(piece), timeout)
            self._sender.write(pending, body.end(), last=True)
        except BaseException:
            pending.abort()
            raise
        return await self._outcome(pending, self._deadline(timeout))

    async def _write(self, pending: ClientPending, octets: bytes, timeout: float | None) -> None:
        self._sender.write(pending, octets)
        room = self._sender.room(pending)
        if room is not None:
            deadline = self._deadline(timeout)
            await wait(room, deadline, f"room for more of a message on {self!r}", Scope.DELIVERY)

    async def _fate(self, pending: Pending, timeout: float | None) -> None:
        if pending.done():
            return
        client = client_of(pending)
        deadline = self._deadline(timeout)
        if not await until_done(client, deadline):
            cause = deadline.expired(f"an outcome on {self!r}", Scope.DELIVERY)
            self._sender.give_up(client, cause, looked_at=False)

    async def flush(self, *, timeout: float | None = None) -> None:
        """Wait until every message submitted until now has its fate, whichever that is.

        Raises:
            OperationTimeout: that was not so within *timeout* (None: ``operation_timeout``); nothing was changed.
        """
        check_loop(self._client.connection)
        deadline = self._deadline(timeout)
        if not await until_done(self._sender.flushed(), deadline):
            raise deadline.expired(f"the outcomes of {self!r}", Scope.LINK)

    async def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Wait for the outcomes that are due, then detach. Closing twice does nothing.

        Raises:
            ExceptionGroup: the failures of messages that nobody has looked at, those without outcome among them.
            OperationTimeout: the peer did not answer the detach within *timeout* seconds; the sender is closed here.
        """
        await self._end(Deadline(timeout), closed=True)

    async def detach(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Wait for the outcomes that are due, then detach without closing (2.6.4).

        The peer keeps what it has for the link, as long as its target said: open a sender of the same ``name`` to go
        on. ``close()`` ends it.

        Raises:
            ExceptionGroup: the failures of messages that nobody has looked at, those without outcome among them.
            OperationTimeout: the peer did not answer the detach within *timeout* seconds; the sender is gone here.
        """
        await self._end(Deadline(timeout), closed=False)

    async def _end(self, deadline: Deadline, *, closed: bool) -> None:
        timed_out = await self._take_down(deadline, outcomes=True, closed=closed)
        self._sender.raise_failures(repr(self))
        if timed_out is not None:
            raise timed_out

    async def _take_down(self, deadline: Deadline, *, outcomes: bool, closed: bool) -> AmqpError | None:
        client = self._sender
        if is_parents(client.connection):
            return None
        check_loop(client.connection)
        client.stop()
        try:
            if outcomes and not await until_done(client.flushed(), deadline):
                client.give_up_all(deadline.expired(f"an outcome on {self!r}", Scope.DELIVERY))
        finally:
            client.detach(closed=closed)
        return await self._detached(deadline)

    async def _outcome(self, pending: ClientPending, deadline: Deadline) -> Accepted | None:
        try:
            done = await until_done(pending, deadline)
        except asyncio.CancelledError as error:
            self._sender.give_up(pending, error)
            raise
        if not done:
            waited_for = "credit" if pending.delivery is None else "an outcome"
            self._sender.give_up(pending, deadline.expired(f"{waited_for} on {self!r}", Scope.DELIVERY))
        return pending.result()

    async def _departure(self, pending: ClientPending, deadline: Deadline) -> None:
        try:
            departed = await until_done(pending.departed(), deadline)
        except asyncio.CancelledError as error:
            self._sender.give_up(pending, error)
            raise
        if not departed:
            self._sender.give_up(pending, deadline.expired(f"credit on {self!r}", Scope.DELIVERY))
        if pending.delivery is None:
            pending.result()

    def _submit(
        self, message: object, settled: bool, tag: bytes | None, transaction: Transaction | None
    ) -> ClientPending:
        if not isinstance(message, Message):
            raise LocalError(f"a sender takes a Message, not {type(message).__name__}: write Message(...)")
        if settled is not False or tag is not None:
            check_bool("settled", settled)
            check_bytes("tag", tag)
        check_loop(self._client.connection)
        if transaction is None:
            return self._sender.submit(message, settled=settled, tag=tag)
        return self._sender.submit(message, settled=settled, tag=tag, transaction=transaction_of(transaction))

    async def _begin(
        self,
        message: Message | None,
        size: int | None,
        settled: bool,
        tag: bytes | None,
        timeout: float | None,
        transaction: Transaction | None,
    ) -> tuple[ClientPending, BodyWriter]:
        check_instance("message", message, (Message, type(None)), "a Message without a body, or None")
        check_bool("settled", settled)
        check_bytes("tag", tag)
        check_loop(self._client.connection)
        pending, body = self._sender.submit_stream(
            message, size=size, settled=settled, tag=tag, transaction=transaction_of(transaction)
        )
        await self._departure(pending, self._deadline(timeout))
        return pending, body

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        closed = not self._client.lasting
        if error is None:
            await self._end(Deadline(CLOSE_TIMEOUT), closed=closed)
        else:
            # F13: the caller's error is the one to tell.
            if not is_parents(self._client.connection):
                check_loop(self._client.connection)
                self._client.fail_after(error)
            await self._take_down(Deadline(CLOSE_TIMEOUT), outcomes=False, closed=closed)
