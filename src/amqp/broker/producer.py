"""The broker's end of a link that a client sends on: messages into a queue, outcomes and credit back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.broker.links import BrokerLink
from amqp.broker.sections import read_to
from amqp.broker.stored import StoredMessage
from amqp.broker.transactions import Posting
from amqp.errors import DecodeError
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Error,
    Outcome,
    ReceiverSettleMode,
    Rejected,
    Released,
    Source,
    TransactionalState,
    TransactionErrorCondition,
)

if TYPE_CHECKING:
    from amqp.broker.connection import BrokerConnection
    from amqp.broker.queue import Queue
    from amqp.engine import IncomingDelivery, ReceiverLink
    from amqp.engine.transactions import OpenTransaction
    from amqp_spec import DeliveryState

ACCEPTED = Accepted()
RELEASED = Released()
TAKEN = (None, False)


class ProducerLink(BrokerLink):
    """A producer of one queue or, without one, of whatever queues its messages name (the anonymous relay)."""

    def __init__(
        self, connection: BrokerConnection, link: ReceiverLink, queue: Queue | None, own: Queue | None
    ) -> None:
        super().__init__(connection, link, own)
        self.receiver = link
        self._queue = queue
        self._share = None if queue is None else queue.add_feed(self)
        options = connection.options
        self._window = options.credit
        self._max_unsettled = options.max_unsettled
        self._max_octets = options.max_octets
        self._second = link.rcv_settle_mode is ReceiverSettleMode.SECOND
        outcomes = link.source.outcomes if isinstance(link.source, Source) else None
        # 3.5.3: an outcome that the source does not list is not used.
        self._may_reject = not outcomes or Rejected.SYMBOL in outcomes
        self._may_release = not outcomes or Released.SYMBOL in outcomes

    def received(self, delivery: IncomingDelivery, now: float) -> None:
        """Take one message in, and tell its outcome."""
        self.connection.fed[self] = None
        transaction: OpenTransaction | None = None
        if isinstance(delivery.state, TransactionalState):
            found = self.connection.transactions.find(delivery.state, self.receiver.session)
            if isinstance(found, Error):
                self._refuse_posting(delivery, found)
                return
            transaction = found
        error, retry = self._take(delivery, now, transaction)
        if delivery.settled:
            if error is not None and transaction is not None:
                # 4.4.4: the client will not know of it before it commits.
                transaction.fail(
                    _error(TransactionErrorCondition.TRANSACTION_ROLLBACK, "a settled message was not taken")
                )
            return
        outcome: Outcome = ACCEPTED
        if error is not None:
            if retry and self._may_release:
                outcome = RELEASED
            elif self._may_reject:
                outcome = Rejected(error=error)
            else:
                self.fail(error)
                return
        if transaction is None:
            self._tell(delivery, outcome)
        else:
            self._tell(delivery, TransactionalState(txn_id=transaction.id, outcome=outcome))

    def caught_up(self) -> None:
        """Look at the credit: all that came with the last octets has been seen."""
        if self._queue is not None and self._share is not None:
            self._queue.room.recount(self._share, self.receiver.credit)
        self.top_up()

    def top_up(self) -> None:
        """Grant credit again when half of it is used, as far as the queue has room for what it brings."""
        link = self.receiver
        if self.is_gone or len(link.unsettled) >= self._max_unsettled:
            return
        credit = link.credit
        if self._queue is None or self._share is None:
            if credit * 2 <= self._window:
                link.flow(self._window)
            return
        # Messages that came with the same octets, and were not looked at yet, are still on their way to the queue.
        more = self._queue.room.keep(self._share, max(credit, self._share.kept))
        if more:
            link.flow(credit + more)

    def relieved(self) -> None:
        """Go on granting: the queue has room again."""
        self.top_up()
        self.connection.driver.schedule()

    def leave(self) -> None:
        """Leave the queue."""
        if self._queue is not None and self._share is not None:
            self._queue.room.leave(self._share)

    def _tell(self, delivery: IncomingDelivery, state: DeliveryState) -> None:
        if self._second:
            delivery.update(state, settled=False)
        else:
            delivery.settle(state)

    def _refuse_posting(self, delivery: IncomingDelivery, error: Error) -> None:
        """Refuse a message whose transaction is none that it could be of."""
        if delivery.settled or not self._may_reject:
            self.fail(error)
        else:
            self._tell(delivery, Rejected(error=error))

    def _take(
        self, delivery: IncomingDelivery, now: float, transaction: OpenTransaction | None
    ) -> tuple[Error | None, bool]:
        """Put a message into its queue, in the end; return why that cannot be, and whether it may be tried again."""
        try:
            message = StoredMessage(delivery.payload, delivery.message_format, now)
            queue = self._queue or self._route(delivery)
        except DecodeError as fault:
            return _error(AmqpErrorCondition.DECODE_ERROR, str(fault)), False
        if queue is None:
            return _error(AmqpErrorCondition.NOT_FOUND, "properties.to names no queue that there is"), False
        if transaction is not None:
            if not queue.reserve(message, now, self._share):
                return self._no_room(queue, message)
            transaction.add(Posting(self.connection.nodes, queue, message))
            return TAKEN
        if not queue.publish(message, now, self._share):
            return self._no_room(queue, message)
        self.connection.nodes.touch(queue)
        return TAKEN

    def _no_room(self, queue: Queue, message: StoredMessage) -> tuple[Error, bool]:
        limit = AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED
        if message.size > self._max_octets:
            what = f"the queue {queue.name!r} holds {self._max_octets} octets at most, and this message has {message.size}"
            return _error(limit, what), False
        return _error(limit, f"the queue {queue.name!r} is full"), True

    def _route(self, delivery: IncomingDelivery) -> Queue | None:
        # 2.8.11: only in a message of format 0 is there a known place for an address.
        to = read_to(delivery.payload) if delivery.message_format == 0 else None
        return None if to is None else self.connection.nodes.find(to)


def _error(condition: str, description: str) -> Error:
    return Error(condition=condition, description=description)
