"""How much credit a receiver grants: window minus unread, topped up when half of it is used (F22)."""

from __future__ import annotations


class CreditWindow:
    """Counts what the application took, and says when the grant should be renewed.

    Credit, unread deliveries and those taken since the last grant always add up to the window, so one count is
    enough, and one flow frame serves half a window.
    """

    __slots__ = ("_half", "_taken", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        """Deliveries that may be on their way or unread; 0 grants nothing by itself."""
        self._half = max(1, size // 2)
        self._taken = 0

    def taken(self) -> bool:
        """Note that the application took a delivery; return whether the grant should be renewed now."""
        self._taken += 1
        if self._taken < self._half or self.size == 0:
            return False
        self._taken = 0
        return True

    def given_back(self) -> None:
        """Note that a delivery is unread again."""
        self._taken -= 1

    def grant(self, unread: int) -> int:
        """Return the credit to grant while *unread* deliveries wait."""
        return max(0, self.size - unread)
