"""Receiving messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from amqp.aio.delivery import Delivery
from amqp.aio.link import Link
from amqp.aio.transaction import Transaction
from amqp.aio.waiting import Deadline, check_loop, is_parents, until_done, wait
from amqp.checks import check_int
from amqp.client.receiver import ClientReceiver
from amqp.client.settings import CLOSE_TIMEOUT
from amqp.client.views import ReceiverView, transaction_of
from amqp.errors import AmqpError, ConnectionClosed, LinkDetached, OperationTimeout, Scope, SessionEnded
from amqp.options import UINT_MAX

if TYPE_CHECKING:
    from amqp.aio.session import Session
__all__ = ["Receiver"]


class Receiver(Link, ReceiverView):
    """Receives messages from one address, in the order in which they come.

    ``async for delivery in receiver`` goes on until the receiver is stopped or closed here, and raises when it is taken away. It
    may be used by several tasks at once, and with ``async with``, which closes it; one of a durable terminus, or one that never
    expires, is only detached then.
    """

    def __init__(self, session: Session, client: ClientReceiver[Delivery]) -> None:
        super().__init__(client)
        self._session = session
        self._receiver = client

    async def receive(self, *, timeout: float | None = None) -> Delivery:
        """Return the next delivery; wait for it where none is there.

        Args:
            timeout: seconds to wait; None waits for ever, 0 looks only.

        Raises:
            OperationTimeout: none came in time; the receiver stays usable.
            LinkError, SessionEnded, ConnectionClosed: none is there, and none will come: the link is gone.

        A delivery is never lost: not when the time runs out, and not when the waiting task is cancelled.
        """
        check_loop(self._client.connection)
        delivery = self._receiver.take()
        if delivery is not None:
            return delivery
        deadline = None if timeout is None else Deadline(timeout)
        waiter = self._receiver.next()
        try:
            done = await until_done(waiter, deadline)
        except asyncio.CancelledError:
            self._receiver.stop_waiting(waiter)
            raise
        if not done:
            self._receiver.stop_waiting(waiter)
            raise OperationTimeout(f"no message came on {self!r} within {timeout:g} s", scope=Scope.LINK)
        return self._receiver.taken_by(waiter)

    async def receive_many(self, most: int, *, timeout: float | None = None) -> list[Delivery]:
        """Return the deliveries that are there, up to *most*; wait for one where none is.

        With ``auto_accept`` all of them are settled when the next are asked for.

        Args:
            most: how many to return at most, from 1.
            timeout: seconds to wait for the first; None waits for ever, 0 looks only.

        Returns:
            Them, in the order in which they came; none where none came in time.

        Raises:
            LinkError, SessionEnded, ConnectionClosed: none is there, and none will come: the link is gone.
            LocalError: *most* is no int from 1.
        """
        check_int("most", most, 1, UINT_MAX)
        try:
            first = await self.receive(timeout=timeout)
        except OperationTimeout:
            return []
        return self._receiver.take_more(first, most)

    async def flush(self) -> None:
        """Have the outcomes that are held for a batch told now; see ``batch`` of ``open_receiver``."""
        check_loop(self._client.connection)
        self._receiver.flush()

    def issue_credit(self, credit: int, *, transaction: Transaction | None = None) -> None:
        """Let *credit* more deliveries come, on a receiver that was opened with ``credit=0``.

        Args:
            credit: how many, 1 to 2^32-1.
            transaction: one that they are acquired in (4.4.3), if the peer supports that: their outcomes are part of it, and
                when it rolls back they are the sender's again. Credit that is left when it ends is for any delivery.

        Raises:
            LocalError: the receiver grants credit by itself, *credit* is out of range, or *transaction* takes no work.
            TransactionError: *transaction* was rolled back, and was not to be.
            LinkError, SessionEnded, ConnectionClosed: the link is gone.
        """
        check_loop(self._client.connection)
        self._receiver.issue_credit(credit, transaction_of(transaction))

    async def drain(self, *, timeout: float | None = None) -> None:
        """Ask the sender to use the credit up at once or give it back (2.6.7).

        What it had is there to be received when this returns. A receiver with a window then grants it anew.

        Raises:
            OperationTimeout: the sender did neither within *timeout* (None: ``operation_timeout``).
            LocalError: ``issue_credit()`` was called meanwhile, which takes the drain back.
            LinkError, SessionEnded, ConnectionClosed: the link is gone.
        """
        check_loop(self._client.connection)
        deadline = self._deadline(timeout)
        await wait(self._receiver.drain(), deadline, f"the end of the drain of {self!r}", Scope.LINK)

    def stop(self) -> None:
        """Take no more deliveries; those that were taken can still be settled, for the link stays up until ``close()``.

        The credit is taken back, and what nobody has taken is given back, also what was on its way. ``async for`` ends, and
        who waits in ``receive()`` gets a ``LinkDetached``. So workers finish what they have begun: stop, wait for them,
        then close. What came settled cannot be given back: it can be received until then. Stopping twice, or after the
        end, does nothing.
        """
        check_loop(self._client.connection)
        self._receiver.stop()

    async def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Give back the deliveries that nobody has taken, then detach. Closing twice does nothing.

        Deliveries that were taken and not settled cannot be settled afterwards; the sender has them again.

        Raises:
            OperationTimeout: the peer did not answer the detach within *timeout* seconds; the receiver is closed here.
        """
        await self._end(Deadline(timeout), closed=True)

    async def detach(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Give back the deliveries that nobody has taken, then detach without closing (2.6.4).

        The peer keeps what it has for the link, such as a durable subscription, as long as its source said: open a
        receiver of the same ``name`` to go on. ``close()`` ends it.

        Raises:
            OperationTimeout: the peer did not answer the detach within *timeout* seconds; the receiver is gone here.
        """
        await self._end(Deadline(timeout), closed=False)

    async def _end(self, deadline: Deadline, *, closed: bool) -> None:
        if is_parents(self._client.connection):
            return
        check_loop(self._client.connection)
        self._receiver.finish_current()
        timed_out = await self._take_down(deadline, closed=closed)
        if timed_out is not None:
            raise timed_out

    async def _take_down(self, deadline: Deadline, *, closed: bool) -> AmqpError | None:
        if is_parents(self._client.connection):
            return None
        self._receiver.detach(closed=closed)
        return await self._detached(deadline)

    def add_taken_back_callback(self, callback: Callable[[Self, Delivery], object]) -> None:
        """Have *callback* called with this object and each delivery that the sender takes back before its outcome.

        That is told of deliveries that are received after this call; ``delivery.error`` says how the sender settled it, and
        ``accept()`` and the like raise that. It is called where the connection is read, so it must not wait for
        anything. What it raises is logged.
        """
        self._receiver.taken_back_signal.add(partial(callback, self))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Delivery:
        try:
            # For each message: no coroutine within this one where a delivery is there.
            check_loop(self._client.connection)
            return self._receiver.take() or await self.receive()
        except (LinkDetached, SessionEnded, ConnectionClosed):
            if self._receiver.ended_here:
                raise StopAsyncIteration from None
            raise

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
            await self._take_down(Deadline(CLOSE_TIMEOUT), closed=closed)
