"""The broker as a resource (4.1): what a queue does when a transaction ends, and the links that end it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.broker.links import BrokerLink

if TYPE_CHECKING:
    from amqp.broker.connection import BrokerConnection
    from amqp.broker.consumer import ConsumerLink
    from amqp.broker.nodes import Nodes
    from amqp.broker.queue import Queue
    from amqp.broker.stored import StoredMessage
    from amqp.engine import IncomingDelivery, OutgoingDelivery
    from amqp.engine.transactions import ControlLink
    from amqp_spec import Outcome


class CoordinatorLink(BrokerLink):
    """A control link (4.2)."""

    def __init__(self, connection: BrokerConnection, control: ControlLink) -> None:
        super().__init__(connection, control.link, None)
        self._control = control

    def received(self, delivery: IncomingDelivery) -> None:
        """Do what a declare or a discharge asks for."""
        self._control.received(delivery)

    def leave(self) -> None:
        """Roll back what was not discharged (4.1)."""
        self._control.lost()


class Posting:
    """A message that appears at its queue on commit (4.4.1). It has its room there from the beginning."""

    __slots__ = ("_message", "_nodes", "_queue")

    def __init__(self, nodes: Nodes, queue: Queue, message: StoredMessage) -> None:
        self._nodes = nodes
        self._queue = queue
        self._message = message

    def commit(self) -> None:
        """Put the message into the queue."""
        self._queue.append(self._message)
        self._nodes.touch(self._queue)

    def rollback(self) -> None:
        """Forget the message."""
        self._queue.give_back(self._message)


class Retirement:
    """An outcome that a message gets on commit (4.4.2). Until then its consumer holds it, even one that has left."""

    __slots__ = ("_consumer", "_delivery", "_outcome", "message", "settled")

    def __init__(self, consumer: ConsumerLink, delivery: OutgoingDelivery, message: StoredMessage) -> None:
        self._consumer = consumer
        self._delivery = delivery
        self._outcome: Outcome | None = None
        self.message = message
        self.settled = False
        """Whether the client has forgotten the delivery, so that only the outcome is left to be applied."""

    def update(self, outcome: Outcome | None, *, settled: bool) -> None:
        """Take what the client says, be it not for the first time; None is the source's default-outcome."""
        self._outcome = outcome
        self.settled = self.settled or settled

    def commit(self) -> None:
        """Apply the outcome."""
        self._consumer.retired(self._delivery, self._outcome, settled=self.settled)

    def rollback(self) -> None:
        """Apply the default-outcome where the client no longer has the delivery; else it has it as before."""
        if self.settled or self._consumer.is_gone:
            self._consumer.retired(self._delivery, None, settled=self.settled)
        else:
            self._consumer.kept(self._delivery)
