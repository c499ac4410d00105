"""A received message, to be settled."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from types import TracebackType
from typing import Any, Self

from amqp.checks import check_seconds
from amqp.client.delivery import ClientDelivery, rejected
from amqp.client.outcomes import ACCEPTED, RELEASED, Told
from amqp.client.receiver import ClientReceiver
from amqp.client.views import transaction_of
from amqp.engine import IncomingDelivery
from amqp.errors import Scope
from amqp.message import Message
from amqp.sync.driver import Driver
from amqp.sync.transaction import Transaction
from amqp.sync.waiting import Deadline
from amqp_spec import Error, Modified

__all__ = ["Delivery"]


class Delivery(ClientDelivery):
    """One message as it came, and what to do with it: accept, reject, release or modify.

    In receiver-settle-mode first, the usual one, those four return as soon as the outcome is queued for writing; in
    mode second once the sender has settled too. A delivery that came settled needs none of them; they do nothing. Where
    the sender has settled it meanwhile and has the message again, they raise ``SettledByPeer``; see ``error``.

    To know that the sender has the outcomes, as a test may want to: ``receiver.close()``, or leave its
    ``with``. They leave before the detach, and the sender answers that once it has read them. Or open the receiver with
    ``rcv_settle_mode=ReceiverSettleMode.SECOND``; then each is waited for.

    ``with delivery:`` accepts it at the end; after an exception it is modified as failed instead, and where it is
    no message (see ``fault``) as undeliverable here.
    """

    __slots__ = ("_driver",)

    def __init__(self, driver: Driver, receiver: ClientReceiver[Any], incoming: IncomingDelivery) -> None:
        super().__init__(receiver, incoming)
        self._driver = driver

    def accept(self, *, transaction: Transaction | None = None, timeout: float | None = None) -> None:
        """Say that the message is taken: the sender forgets it (3.4.2).

        Args:
            transaction: one that this is part of: the outcome holds when that commits (4.4.2); on rollback the message is
                the sender's again, in mode second this receiver's. None is the one that it was acquired in, if any.
            timeout: in mode second, seconds to wait for the sender; None is the connection's ``operation_timeout``. In a
                transaction nothing is waited for.

        Raises:
            LinkError, SessionEnded, ConnectionClosed: what it came on is gone; the sender may deliver it again.
            LocalError: an outcome was decided on before, the same or another: each delivery is settled once; or *transaction*
                takes no work.
            TransactionError: *transaction* was rolled back, and was not to be.
            SettledByPeer: the sender settled it first and has the message again; or, in mode second, did so now.
            OperationTimeout: in mode second, the sender did not settle in time.
        """
        self._driver.run(self._settle, ACCEPTED, timeout, transaction)

    def reject(
        self,
        error: Error | None = None,
        *,
        transaction: Transaction | None = None,
        timeout: float | None = None,
    ) -> None:
        """Say that the message is invalid (3.4.3), and with *error* why; the rest is as for :meth:`accept`.

        ``amqp.Error(condition="app:bad-order", description="no items")`` is such an error; the condition has to be ASCII.
        """
        self._driver.run(self._settle, rejected(error), timeout, transaction)

    def release(self, *, transaction: Transaction | None = None, timeout: float | None = None) -> None:
        """Give the message back untouched, for anybody to have (3.4.4); the rest is as for :meth:`accept`."""
        self._driver.run(self._settle, RELEASED, timeout, transaction)

    def modify(
        self,
        *,
        delivery_failed: bool = False,
        undeliverable_here: bool = False,
        message_annotations: Mapping[Any, Any] | None = None,
        transaction: Transaction | None = None,
        timeout: float | None = None,
    ) -> None:
        """Give the message back changed (3.4.5); it raises what :meth:`accept` raises.

        Args:
            delivery_failed: whether this counts as an attempt that failed.
            undeliverable_here: whether it must not come to this receiver again.
            message_annotations: annotations to add to the message, in place of those of the same key.
            transaction: as for :meth:`accept`.
            timeout: as for :meth:`accept`.
        """
        modified = Modified(
            delivery_failed=delivery_failed,
            undeliverable_here=undeliverable_here,
            message_annotations=message_annotations,
        )
        self._driver.run(self._settle, modified, timeout, transaction)

    def head(self, *, timeout: float | None = None) -> Message:
        """Return the message without its body, as soon as all that stands before the body is there.

        On a receiver without ``streaming`` that is the message, which is there whole.

        Raises:
            DecodeError, DeliveryAborted, SettledByPeer, OperationTimeout, LinkError, SessionEnded, ConnectionClosed,
                LocalError: as for :meth:`chunks`.
        """
        return self._driver.run(self._wait_for_head, timeout)

    def chunks(self, *, timeout: float | None = None) -> Generator[bytes, None, None]:
        """Give the body piece by piece, while it comes: ``for chunk in delivery.chunks()``.

        On a receiver that was opened with ``streaming`` the message is never whole in memory: who reads slowly slows
        the sender down. Each piece is given once. To stop early, leave the loop and settle the delivery, which drops
        the rest. On another receiver the pieces are the data sections of the message.

        Args:
            timeout: seconds to wait for each piece; None is ``operation_timeout``.

        Raises:
            DecodeError: the octets are no message, or its body is no data.
            DeliveryAborted: the sender took the message back: what was given of it does not count.
            SettledByPeer: the same, by an outcome: the message comes again, here or elsewhere.
            OperationTimeout: nothing came in time; it can be read on.
            LinkError, SessionEnded, ConnectionClosed: the link was lost amid it.
            LocalError: an outcome was decided on before it was read to its end.
        """
        yield from self._whole_body() or ()
        while not self._is_read():
            octets = self._driver.run(self._piece, timeout)
            if octets is not None:
                yield octets

    def received(self, *, section_number: int, section_offset: int) -> None:
        """Say how far the message was processed, without an outcome (3.4.1).

        A sender that resumes the delivery may begin there.

        Args:
            section_number: the section, the first is 0; 0 to 2^32-1.
            section_offset: the first octet in it that was not processed, 0 to 2^64-1.

        Raises:
            LinkError, SessionEnded, ConnectionClosed: what it came on is gone.
            SettledByPeer: the sender has taken it back.
            LocalError: an outcome was decided on before, or a number is out of range.
        """
        self._driver.run(self._progress, section_number, section_offset)

    def _wait_for_head(self, timeout: float | None) -> Message:
        while (message := self._head()) is None:
            self._more(timeout)
        return message

    def _piece(self, timeout: float | None) -> bytes | None:
        while (octets := self._next_piece()) is None and not self._is_read():
            self._more(timeout)
        return octets

    def _more(self, timeout: float | None) -> None:
        deadline = Deadline(self._receiver.connection.operation_timeout if timeout is None else timeout)
        self._driver.wait(self._arrival(), deadline, "more of the message", Scope.DELIVERY)

    def _settle(self, outcome: Told, timeout: float | None, transaction: Transaction | None = None) -> None:
        if timeout is not None:
            check_seconds("timeout", timeout)
        settling = (
            self._decide(outcome)
            if transaction is None
            else self._decide(outcome, transaction_of(transaction))
        )
        if settling is not None:
            deadline = Deadline(self._receiver.connection.operation_timeout if timeout is None else timeout)
            self._driver.wait(settling, deadline, "the settlement by the sender", Scope.DELIVERY)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.settled or self.outcome is not None:
            if kind is None:
                self._check_taken_back()
            return
        if kind is None:
            self._driver.run(self._settle, self._default_outcome(), None)
        elif self._receiver.failure is None:
            self._driver.close(self._decide, Modified(delivery_failed=True))
