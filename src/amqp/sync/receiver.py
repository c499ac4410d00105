"""Receiving messages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from amqp.checks import check_int
from amqp.client.receiver import ClientReceiver
from amqp.client.settings import CLOSE_TIMEOUT
from amqp.client.views import ReceiverView, transaction_of
from amqp.errors import AmqpError, ConnectionClosed, LinkDetached, OperationTimeout, Scope, SessionEnded
from amqp.options import UINT_MAX
from amqp.sync.delivery import Delivery
from amqp.sync.driver import Driver
from amqp.sync.link import Link
from amqp.sync.transaction import Transaction
from amqp.sync.waiting import Deadline

if TYPE_CHECKING:
    from amqp.sync.session import Session
__all__ = ["Receiver"]


class Receiver(Link, ReceiverView):
    """Receives messages from one address, in the order in which they come.

    ``for delivery in receiver`` goes on until the receiver is stopped or closed here, and raises when it is taken away. It
    may be used by several threads at once, and with ``with``, which closes it; one of a durable terminus, or one that never
    expires, is only detached then.
    """

    def __init__(self, session: Session, driver: Driver, client: ClientReceiver[Delivery]) -> None:
        super().__init__(client)
        self._session = session
        self._driver = driver
        self._receiver = client

    def receive(self, *, timeout: float | None = None) -> Delivery:
        """Return the next delivery; wait for it where none is there.

        Args:
            timeout: seconds to wait; None waits for ever, 0 looks only.

        Raises:
            OperationTimeout: none came in time; the receiver stays usable.
            LinkError, SessionEnded, ConnectionClosed: none is there, and none will come: the link is gone.

        A delivery is never lost: not when the time runs out, and not when the waiting thread is interrupted.
        """
        return self._driver.run(self._receive, timeout)

    def receive_many(self, most: int, *, timeout: float | None = None) -> list[Delivery]:
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
        return self._driver.run(self._receive_many, most, timeout)

    def flush(self) -> None:
        """Have the outcomes that are held for a batch told now; see ``batch`` of ``open_receiver``."""
        self._driver.run(self._receiver.flush)

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
        self._driver.run(self._receiver.issue_credit, credit, transaction_of(transaction))

    def drain(self, *, timeout: float | None = None) -> None:
        """Ask the sender to use the credit up at once or give it back (2.6.7).

        What it had is there to be received when this returns. A receiver with a window then grants it anew.

        Raises:
            OperationTimeout: the sender did neither within *timeout* (None: ``operation_timeout``).
            LocalError: ``issue_credit()`` was called meanwhile, which takes the drain back.
            LinkError, SessionEnded, ConnectionClosed: the link is gone.
        """
        self._driver.run(self._drain, self._deadline(timeout))

    def stop(self) -> None:
        """Take no more deliveries; those that were taken can still be settled, for the link stays up until ``close()``.

        The credit is taken back, and what nobody has taken is given back, also what was on its way. ``for`` ends, and
        who waits in ``receive()`` gets a ``LinkDetached``. So workers finish what they have begun: stop, wait for them,
        then close. What came settled cannot be given back: it can be received until then. Stopping twice, or after the
        end, does nothing.
        """
        self._driver.run(self._receiver.stop)

    def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Give back the deliveries that nobody has taken, then detach. Closing twice does nothing.

        Deliveries that were taken and not settled cannot be settled afterwards; the sender has them again.

        Raises:
            OperationTimeout: the peer did not answer the detach within *timeout* seconds; the receiver is closed here.
        """
        self._driver.close(self._end, Deadline(timeout), closed=True)

    def detach(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Give back the deliveries that nobody has taken, then detach without closing (2.6.4).

        The peer keeps what it has for the link, such as a durable subscription, as long as its source said: open a
        receiver of the same ``name`` to go on. ``close()`` ends it.

        Raises:
            OperationTimeout: the peer did not answer the detach within *timeout* seconds; the receiver is gone here.
        """
        self._driver.close(self._end, Deadline(timeout), closed=False)

    def add_taken_back_callback(self, callback: Callable[[Self, Delivery], object]) -> None:
        """Have *callback* called with this object and each delivery that the sender takes back before its outcome.

        That is told of deliveries that are received after this call; ``delivery.error`` says how the sender settled it, and
        ``accept()`` and the like raise that. It is called in a thread of its own, and may wait for what it likes. What it
        raises is logged.
        """
        self._driver.call_each(self._receiver.taken_back_signal.add, partial(callback, self))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Delivery:
        try:
            return self._driver.run(self._receive, None)
        except (LinkDetached, SessionEnded, ConnectionClosed):
            if self._receiver.ended_here:
                raise StopIteration from None
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self._driver.close(self._client.fail_after, error)
        ending = self._end if error is None else self._take_down  # F13: the caller's error is the one to tell
        self._driver.close(ending, Deadline(CLOSE_TIMEOUT), closed=not self._client.lasting)

    # -- under the lock

    def _receive(self, timeout: float | None) -> Delivery:
        delivery = self._receiver.take()
        if delivery is not None:
            return delivery
        deadline = None if timeout is None else Deadline(timeout)
        waiter = self._receiver.next()
        try:
            done = self._driver.until_done(waiter, deadline)
        except BaseException:
            self._receiver.stop_waiting(waiter)
            raise
        if not done:
            self._receiver.stop_waiting(waiter)
            raise OperationTimeout(f"no message came on {self!r} within {timeout:g} s", scope=Scope.LINK)
        return self._receiver.taken_by(waiter)

    def _receive_many(self, most: int, timeout: float | None) -> list[Delivery]:
        try:
            first = self._receive(timeout)
        except OperationTimeout:
            return []
        return self._receiver.take_more(first, most)

    def _drain(self, deadline: Deadline) -> None:
        self._driver.wait(self._receiver.drain(), deadline, f"the end of the drain of {self!r}", Scope.LINK)

    def _end(self, deadline: Deadline, *, closed: bool) -> None:
        self._receiver.finish_current()
        timed_out = self._take_down(deadline, closed=closed)
        if timed_out is not None:
            raise timed_out

    def _take_down(self, deadline: Deadline, *, closed: bool) -> AmqpError | None:
        self._receiver.detach(closed=closed)
        return self._detached(deadline)
