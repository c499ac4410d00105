"""The broker's end of a link that a client sends on: messages into a queue, outcomes and credit back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.broker.links import BrokerLink
from amqp.broker.sections import read_to
from amqp.broker.stored import StoredMessage
from amqp.errors import DecodeError
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Error,
    ReceiverSettleMode,
    Rejected,
    Source,
    TransactionalState,
)

if TYPE_CHECKING:
    from amqp.broker.connection import BrokerConnection
    from amqp.broker.queue import Queue
    from amqp.engine import IncomingDelivery, ReceiverLink

ACCEPTED = Accepted()


class ProducerLink(BrokerLink):
    """A producer of one queue or, without one, of whatever queues its messages name (the anonymous relay)."""

    def __init__(
        self, connection: BrokerConnection, link: ReceiverLink, queue: Queue | None, own: Queue | None
    ) -> None:
        super().__init__(connection, link, own)
        self.receiver = link
        self._queue = queue
        options = connection.options
        # A window of a small queue is small too, so that a few producers do not overrun it.
        self._window = min(options.credit, max(1, options.max_depth // 4))
        self._max_unsettled = options.max_unsettled
        self._second = link.rcv_settle_mode is ReceiverSettleMode.SECOND
        outcomes = link.source.outcomes if isinstance(link.source, Source) else None
        # 3.5.3: an outcome that the source does not list is not used.
        self._may_reject = not outcomes or Rejected.SYMBOL in outcomes
        if queue is not None:
            queue.add_feed(self)

    def received(self, delivery: IncomingDelivery, now: float) -> None:
        """Take one message in, and tell its outcome."""
        error = self._take(delivery, now)
        if not delivery.settled:
            if error is not None and not self._may_reject:
                self.fail(error)
                return
            outcome = ACCEPTED if error is None else Rejected(error=error)
            if self._second:
                delivery.update(outcome, settled=False)
            else:
                delivery.settle(outcome)
        self.top_up()

    def top_up(self) -> None:
        """Grant credit again when half of it is used, unless the queue is pressed."""
        link = self.receiver
        if link.credit * 2 > self._window or len(link.unsettled) >= self._max_unsettled:
            return
        queue = self._queue
        if queue is not None and queue.pressed:
            queue.await_relief(self)
        else:
            link.flow(self._window)

    def relieved(self) -> None:
        """Go on granting: the queue has room again."""
        self.top_up()
        self.connection.driver.schedule()

    def leave(self) -> None:
        """Leave the queue."""
        if self._queue is not None:
            self._queue.remove_feed(self)

    def _take(self, delivery: IncomingDelivery, now: float) -> Error | None:
        if isinstance(delivery.state, TransactionalState):
            return Error(
                condition=AmqpErrorCondition.NOT_IMPLEMENTED, description="there are no transactions here"
            )
        try:
            message = StoredMessage(delivery.payload, delivery.message_format, now)
            queue = self._queue or self._route(delivery)
        except DecodeError as fault:
            return Error(condition=AmqpErrorCondition.DECODE_ERROR, description=str(fault))
        if queue is None:
            return Error(
                condition=AmqpErrorCondition.NOT_FOUND,
                description="properties.to names no queue that there is",
            )
        if not queue.publish(message, now):
            return Error(
                condition=AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED,
                description=f"the queue {queue.name!r} is full",
            )
        self.connection.nodes.touch(queue)
        return None

    def _route(self, delivery: IncomingDelivery) -> Queue | None:
        # 2.8.11: only in a message of format 0 is there a known place for an address.
        to = read_to(delivery.payload) if delivery.message_format == 0 else None
        return None if to is None else self.connection.nodes.find(to)
