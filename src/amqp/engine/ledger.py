"""The deliveries of a session that are not settled, and what is told of them (2.6.12, 2.7.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.engine.events import DeliveryUpdated
from amqp.engine.faults import SessionFault
from amqp.engine.serial import MASK, distance
from amqp_spec import AmqpErrorCondition, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amqp.engine.delivery import IncomingDelivery, OutgoingDelivery
    from amqp.engine.events import Event
    from amqp_spec import Disposition

__all__ = ["NAMINGS", "Ledger"]

NAMINGS = 16
"""How often ranges of the peer may name each delivery, on average; twice serves a peer that settles in two steps."""

_SPARE = 100_000
"""How many namings are free beyond that."""


class Ledger:
    """Deliveries by delivery-id, each direction for itself."""

    __slots__ = ("_counted", "next_id", "outgoing", "received", "spare")

    def __init__(self, next_id: int) -> None:
        self.next_id = next_id
        """The delivery-id of the next delivery sent."""
        self.outgoing: dict[int, OutgoingDelivery] = {}
        """Deliveries that left and that this side holds unsettled."""
        self.received: dict[int, IncomingDelivery] = {}
        """Deliveries that came, or are coming, and that this side holds unsettled."""
        self._counted = next_id  # the deliveries sent before this one have been added to what is spare
        self.spare = _SPARE
        """Deliveries that ranges of the peer may still name before new ones have come."""

    def begin(self, delivery: OutgoingDelivery) -> int:
        """Return the delivery-id for *delivery*, whose first frame leaves now (2.7.5: one sequence per session)."""
        delivery_id = self.next_id
        self.next_id = (delivery_id + 1) & MASK
        if not delivery.settled:
            self.outgoing[delivery_id] = delivery
        return delivery_id

    def clear(self) -> None:
        """Forget all."""
        self.outgoing.clear()
        self.received.clear()

    def apply(self, disposition: Disposition, events: list[Event]) -> None:
        """Take what the peer says of a range, whatever the links; what is not known is skipped (2.7.6).

        Costs the smaller of the range and what is known. A state that was told before is no news.

        Raises:
            SessionFault: the range ends before it begins; ranges have named the same deliveries over and over.
        """
        first = disposition.first
        last = first if disposition.last is None else disposition.last
        span = distance(first, last)
        if span < 0:
            raise SessionFault(
                AmqpErrorCondition.INVALID_FIELD,
                f"disposition.last {last} lies before disposition.first {first}",
            )
        if disposition.state is None and not disposition.settled:
            return
        table: Mapping[int, OutgoingDelivery | IncomingDelivery]
        table = self.outgoing if disposition.role is Role.RECEIVER else self.received
        state = disposition.state
        settled = disposition.settled
        if span == 0:
            delivery = table.get(first)
            if delivery is not None and delivery.take_update(state, settled):
                events.append(DeliveryUpdated(delivery, state, settled))
            return
        self._spend(min(span + 1, len(table)), len(table))
        known: list[OutgoingDelivery | IncomingDelivery]
        if span < len(table):
            candidates = [table.get((first + step) & MASK) for step in range(span + 1)]
            known = [each for each in candidates if each is not None]
        else:
            known = [each for number, each in table.items() if 0 <= distance(first, number) <= span]
        events += [
            DeliveryUpdated(each, state, settled) for each in known if each.take_update(state, settled)
        ]

    def _spend(self, named: int, known: int) -> None:
        """Bound what short frames cost that name many deliveries, for each may be named in any number of them."""
        sent = (self.next_id - self._counted) & MASK
        self._counted = self.next_id
        self.spare = min(self.spare + NAMINGS * sent, _SPARE + NAMINGS * known) - named
        if self.spare < 0:
            raise SessionFault(
                AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED,
                f"ranges of dispositions named the same deliveries more than {NAMINGS} times",
            )
