"""The broker's end of a link that a client receives on: messages out of a queue, their fate back."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from amqp.broker.links import BrokerLink
from amqp.broker.queue import RELEASED
from amqp.broker.transactions import Retirement
from amqp.engine import LinkState
from amqp.errors import AmqpError, LocalError
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    DeliveryState,
    Error,
    Modified,
    Outcome,
    Rejected,
    Released,
    SenderSettleMode,
    TransactionalState,
    TransactionErrorCondition,
)

if TYPE_CHECKING:
    from amqp.broker.connection import BrokerConnection
    from amqp.broker.queue import Queue
    from amqp.broker.stored import StoredMessage
    from amqp.engine import OutgoingDelivery, SenderLink

ACCEPTED = Accepted()
NOT_HERE = Modified(undeliverable_here=True)
UNSENT_DELIVERIES = 1_000
UNSENT_OCTETS = 1024 * 1024
"""What waits in the engine for one link; more stays at the queue, where others may have it (F22)."""


class ConsumerLink(BrokerLink):
    """A consumer of one queue."""

    def __init__(
        self,
        connection: BrokerConnection,
        link: SenderLink,
        queue: Queue,
        own: Queue | None,
        *,
        copy: bool,
        default_outcome: Outcome | None,
    ) -> None:
        super().__init__(connection, link, own)
        self.sender = link
        self._queue = queue
        self._subscription = queue.subscribe(self, copy=copy)
        self._held = self._subscription.held
        self._default_outcome = default_outcome or RELEASED
        self._settled = link.snd_settle_mode is SenderSettleMode.SETTLED
        self._max_unsettled = connection.options.max_unsettled
        self._unsent: deque[OutgoingDelivery] = deque()
        self._unsent_octets = 0
        self._retiring: dict[OutgoingDelivery, Retirement] = {}

    @property
    def ready(self) -> bool:
        """Whether there is credit, and room for one more delivery."""
        return (
            self.sender.credit > 0
            and self._unsent_octets < UNSENT_OCTETS
            and len(self._unsent) < UNSENT_DELIVERIES
            and len(self._held) < self._max_unsettled
        )

    def deliver(self, message: StoredMessage, now: float) -> None:
        """Send *message*."""
        octets = message.octets(now)
        limit = self.sender.max_message_size
        if limit is not None and len(octets) > limit:
            # 2.7.3: the client would not take it; somebody else may.
            self._queue.settle(self._subscription, message, NOT_HERE)
            return
        try:
            delivery = self.sender.send(octets, message_format=message.message_format, settled=self._settled)
        except LocalError as fault:
            self.fail(Error(condition=AmqpErrorCondition.INTERNAL_ERROR, description=fault.description))
            return
        delivery.context = message
        if not self._unsent:
            self.connection.sending[self] = None
            self.connection.driver.schedule()
        self._unsent.append(delivery)
        self._unsent_octets += message.size

    def sent(self) -> None:
        """Note which deliveries have left; what was sent settled is done with (2.6.12: at most once)."""
        unsent = self._unsent
        while unsent and unsent[0].complete:
            message = self._message(unsent.popleft())
            if message is None:
                continue
            self._unsent_octets -= message.size
            if self._settled:
                self._queue.settle(self._subscription, message, ACCEPTED)
        if not unsent:
            self._unsent_octets = 0
            del self.connection.sending[self]
        self._stand_in_line()

    def updated(self, delivery: OutgoingDelivery, state: DeliveryState | None, *, settled: bool) -> None:
        """Apply what the client says of a delivery."""
        message = self._message(delivery)
        if message is None or self.is_gone:
            return
        if isinstance(state, TransactionalState):
            self._retire(delivery, message, state, settled=settled)
            return
        retirement = self._retiring.get(delivery)
        if retirement is not None:
            # Until its transaction ends, that says what becomes of the message.
            retirement.settled = retirement.settled or settled
            return
        if isinstance(state, Accepted | Released | Rejected | Modified):
            outcome: Outcome = state
        elif settled:
            # 2.7.6: settled without an outcome.
            outcome = self._default_outcome
        else:
            # 3.4.1: received is not an outcome; the delivery lives on.
            return
        self._queue.settle(self._subscription, message, outcome)
        if not settled:
            # 2.6.12: the client waits for us to forget first.
            _settle(delivery, outcome)
        if not isinstance(outcome, Accepted):
            self.connection.nodes.touch(self._queue)
        self._stand_in_line()

    def retired(self, delivery: OutgoingDelivery, outcome: Outcome | None, *, settled: bool) -> None:
        """Apply an outcome whose transaction has ended; None is the default-outcome."""
        message = self._retiring.pop(delivery).message
        outcome = outcome or self._default_outcome
        if self.is_gone and isinstance(outcome, Modified):
            # 3.4.5: the link that it is about is no more.
            outcome = replace(outcome, undeliverable_here=False)
        self._queue.settle(self._subscription, message, outcome)
        if not settled:
            _settle(delivery, outcome)
            self.connection.driver.schedule()
        self.connection.nodes.touch(self._queue)
        if not self.is_gone:
            self._stand_in_line()

    def kept(self, delivery: OutgoingDelivery) -> None:
        """Leave a delivery to the client as it was, for its transaction was rolled back (4.4.2)."""
        del self._retiring[delivery]

    def credit_changed(self) -> None:
        """Look at the new credit, and at whether the client drains the link."""
        if self.sender.drain:
            self._queue.drain(self._subscription)
        self._queue.wake(self._subscription)
        self.connection.nodes.touch(self._queue)

    def answer_drain(self, *, nothing_left: bool) -> bool:
        """Give the credit back when there is nothing (more) that could be sent for it (2.6.7)."""
        if nothing_left or self.sender.credit == 0 or len(self._held) >= self._max_unsettled:
            self.sender.drained()
            self.connection.driver.schedule()
            return True
        return False

    def leave(self) -> None:
        """Leave the queue: what never left the broker is as it was, the rest gets the default outcome (3.5.3)."""
        self.connection.sending.pop(self, None)
        for delivery in self._unsent:
            message = self._message(delivery)
            if message is not None and not (delivery.complete if self._settled else delivery.started):
                self._queue.settle(self._subscription, message, RELEASED)
            elif message is not None and self._settled:
                self._queue.settle(self._subscription, message, ACCEPTED)
        self._unsent.clear()
        if self.sender.state is LinkState.DETACHED:
            # 2.6.4: to a link that is only detached its deliveries stay; but the terminus went with it (3.5.6).
            for delivery in [d for d in self.sender.unsettled.values() if d not in self._retiring]:
                _settle(delivery, self._default_outcome)
        else:
            for retirement in self._retiring.values():
                retirement.settled = True
        kept = {retirement.message.position for retirement in self._retiring.values()}
        self._queue.unsubscribe(self._subscription, self._default_outcome, kept)
        self.connection.nodes.touch(self._queue)

    def _retire(
        self, delivery: OutgoingDelivery, message: StoredMessage, state: TransactionalState, *, settled: bool
    ) -> None:
        """Tie an outcome to a transaction (4.4.2)."""
        found = self.connection.transactions.retire(delivery, state)
        retirement = self._retiring.get(delivery)
        if isinstance(found, Error):
            if found.condition == TransactionErrorCondition.UNKNOWN_ID:
                self.fail(found)
            elif settled and retirement is not None:
                # Another transaction has the delivery, and says what becomes of it.
                retirement.settled = True
            elif settled:
                # The transaction can only be rolled back.
                self._queue.settle(self._subscription, message, self._default_outcome)
                self.connection.nodes.touch(self._queue)
                self._stand_in_line()
            return
        if retirement is None:
            retirement = self._retiring[delivery] = Retirement(self, delivery, message)
            found.add(retirement)
        retirement.update(state.outcome, settled=settled)

    def _stand_in_line(self) -> None:
        if not self._subscription.in_ring and self.ready:
            self._queue.wake(self._subscription)
            self.connection.nodes.touch(self._queue)

    @staticmethod
    def _message(delivery: OutgoingDelivery) -> StoredMessage | None:
        return cast("StoredMessage | None", delivery.context)


def _settle(delivery: OutgoingDelivery, outcome: Outcome) -> None:
    """Settle *delivery*; an outcome that is too large for the client, or not to be sent, is left out: it knows it."""
    try:
        delivery.settle(outcome)
    except AmqpError:
        delivery.settle()
