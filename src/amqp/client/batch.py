"""Outcomes that are told together: held until there are enough of them, or the oldest is old enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amqp.client.delivery import ClientDelivery
    from amqp.client.outcomes import Told


class DispositionBatch:
    """The outcomes of one receiver that the peer does not know yet, in the order in which they were decided.

    It has no clock: the age counts from the first look at :meth:`wait` behind the first outcome, which the driver
    takes in the same turn.
    """

    __slots__ = ("_due", "_max_age", "_size", "held")

    def __init__(self, size: int, max_age: float) -> None:
        self.held: dict[ClientDelivery, Told] = {}
        self._size = size
        self._max_age = max_age
        self._due: float | None = None

    @property
    def full(self) -> bool:
        """Whether there are enough to be told."""
        return len(self.held) >= self._size

    def take(self) -> dict[ClientDelivery, Told]:
        """Return what is held, and forget it."""
        held, self.held = self.held, {}
        self._due = None
        return held

    def wait(self, now: float) -> float:
        """Return the seconds until what is held has to be told; 0 or less: now."""
        if self._due is None:
            self._due = now + self._max_age
        return self._due - now
