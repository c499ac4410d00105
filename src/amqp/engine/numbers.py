"""The numbers of channels and handles: the lowest free one is used, but a resting one last."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush

__all__ = ["NumberPool"]


class NumberPool:
    """Lends the lowest number that is not lent; a freed number comes back, a resting one when there is no other."""

    __slots__ = ("_freed", "_next", "_resting")

    def __init__(self) -> None:
        self._freed: list[int] = []
        self._next = 0
        self._resting: deque[int] = deque()

    def take(self, highest: int) -> int | None:
        """Lend a number, or return None when none up to *highest* is free."""
        if self._freed and self._freed[0] <= highest:
            return heappop(self._freed)
        if self._next <= highest:
            self._next += 1
            return self._next - 1
        for number in self._resting:
            if number <= highest:
                self._resting.remove(number)
                return number
        return None

    def free(self, number: int) -> None:
        """Take back a lent *number*."""
        heappush(self._freed, number)

    def rest(self, number: int) -> None:
        """Take back a lent *number* and lend it again only when there is no other, the longest resting one first.

        For the channel of a session that the peer failed: RabbitMQ 4.0 loses a begin that comes on it before it has
        cleared that session away.
        """
        self._resting.append(number)
