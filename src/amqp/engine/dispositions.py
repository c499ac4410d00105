"""Dispositions that wait to be written: runs of deliveries with one state leave as one range (2.7.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.engine.serial import MASK
from amqp_spec import Accepted, Disposition

if TYPE_CHECKING:
    from amqp_spec import DeliveryState

__all__ = ["DispositionQueue"]


class DispositionQueue:
    """One range that may still grow, and those before it."""

    __slots__ = ("_first", "_last", "_ready", "_role", "_settled", "_state", "_waits")

    def __init__(self) -> None:
        self._ready: list[Disposition] = []
        self._waits = False
        self._role = False
        self._first = self._last = 0
        self._settled = False
        self._state: DeliveryState | None = None

    def add(self, role: bool, delivery_id: int, settled: bool, state: DeliveryState | None) -> bool:
        """Put one delivery in; tell whether nothing waited before."""
        if (
            self._waits
            and delivery_id == (self._last + 1) & MASK
            and role is self._role
            and settled is self._settled
            and _same(state, self._state)
        ):
            self._last = delivery_id
            return False
        if self._waits:
            self._close_range()
        first = not self._ready
        self._waits = True
        self._role = role
        self._first = self._last = delivery_id
        self._settled = settled
        self._state = state
        return first

    def take(self) -> list[Disposition]:
        """Return the dispositions to write, in order, and forget them."""
        if self._waits:
            self._close_range()
        ready, self._ready = self._ready, []
        return ready

    def _close_range(self) -> None:
        self._waits = False
        self._ready.append(
            Disposition(
                role=self._role,
                first=self._first,
                last=None if self._last == self._first else self._last,
                settled=self._settled,
                state=self._state,
            )
        )
        self._state = None


def _same(one: DeliveryState | None, other: DeliveryState | None) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    return type(one) is Accepted or one == other
