"""The nodes of the broker: which queue an address means, and which queues have something to dispatch."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from amqp.broker.faults import brief
from amqp.broker.queue import Queue
from amqp_spec import AmqpErrorCondition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amqp.broker.options import BrokerOptions

TEMPORARY = "temporary-queue/"
"""What the address of a queue begins with that was made for one link (3.5.3)."""
MAX_ADDRESS = 1_024
"""Characters of an address."""


class Refused(Exception):
    """What was asked for is not to be had; ``error`` says why, in the words of the wire."""

    def __init__(self, condition: str, description: str) -> None:
        super().__init__(description)
        self.error = brief(condition, description)


class Nodes:
    """All queues, by address. A queue is made when somebody first attaches to its address."""

    def __init__(self, options: BrokerOptions) -> None:
        self._options = options
        self._queues: dict[str, Queue] = {}
        self._dirty: dict[Queue, None] = {}

    @property
    def queues(self) -> Mapping[str, Queue]:
        """The queues that there are."""
        return self._queues

    def find(self, address: str) -> Queue | None:
        """Return the queue of that address, if there is one."""
        return self._queues.get(address)

    def open(self, address: str) -> Queue:
        """Return the queue of that address, made now if need be.

        Raises:
            Refused: the address is no address, or that of a temporary queue that is gone; there are too many queues.
        """
        queue = self._queues.get(address)
        if queue is not None:
            return queue
        if not address or len(address) > MAX_ADDRESS:
            raise Refused(
                AmqpErrorCondition.INVALID_FIELD,
                f"an address has 1 to {MAX_ADDRESS} characters, not {len(address)}",
            )
        if address.startswith(TEMPORARY):
            raise Refused(AmqpErrorCondition.NOT_FOUND, f"there is no temporary queue {address!r}")
        return self._make(address, temporary=False)

    def make_temporary(self) -> Queue:
        """Return a new queue of a name that nobody can guess.

        Raises:
            Refused: there are too many queues.
        """
        return self._make(f"{TEMPORARY}{uuid4()}", temporary=True)

    def delete(self, queue: Queue) -> None:
        """Take a queue away, with all that is in it; its links are detached."""
        if self._queues.get(queue.name) is queue:
            del self._queues[queue.name]
            self._dirty.pop(queue, None)
            queue.close()

    def touch(self, queue: Queue) -> None:
        """Note that the next :meth:`dispatch` has to look at *queue*."""
        self._dirty[queue] = None

    def dispatch(self, now: float) -> None:
        """Dispatch every queue that was touched."""
        dirty = self._dirty
        while dirty:
            dirty.popitem()[0].dispatch(now)

    def _make(self, address: str, *, temporary: bool) -> Queue:
        if len(self._queues) >= self._options.max_queues:
            self._reap()
        if len(self._queues) >= self._options.max_queues:
            raise Refused(
                AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED,
                f"there are {self._options.max_queues} queues in use, which is the limit",
            )
        queue = self._queues[address] = Queue(
            address,
            max_depth=self._options.max_depth,
            max_octets=self._options.max_octets,
            window=self._options.credit,
            temporary=temporary,
        )
        return queue

    def _reap(self) -> None:
        for queue in [q for q in self._queues.values() if q.idle]:
            self.delete(queue)
