"""The numbers of channels and handles: the lowest free one is used."""

from __future__ import annotations

from heapq import heappop, heappush

__all__ = ["NumberPool"]


class NumberPool:
    """Lends the lowest number that is not lent; a freed number comes back."""

    __slots__ = ("_freed", "_next")

    def __init__(self) -> None:
        self._freed: list[int] = []
        self._next = 0

    def take(self, highest: int) -> int | None:
        """Lend a number, or return None when none up to *highest* is free."""
        if self._freed:
            return heappop(self._freed) if self._freed[0] <= highest else None
        if self._next > highest:
            return None
        self._next += 1
        return self._next - 1

    def free(self, number: int) -> None:
        """Take back a lent *number*."""
        heappush(self._freed, number)
