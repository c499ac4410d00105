"""The moment by which something must have happened."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from amqp.checks import check_seconds
from amqp.errors import OperationTimeout

if TYPE_CHECKING:
    from amqp.errors import Scope


class TimeLimit:
    """A moment on the clock of a front end, and how long it was away at first.

    Raises:
        LocalError: *seconds* is negative or no number.
    """

    __slots__ = ("at", "seconds")

    def __init__(self, seconds: float, now: float) -> None:
        if type(seconds) is not float or not seconds >= 0.0:
            check_seconds("timeout", seconds)
        self.seconds = seconds
        self.at = now + seconds

    def left_at(self, now: float) -> float:
        """Return the seconds that are left, 0 or more, in hundredths: they may show up in an error."""
        if math.isinf(self.at):
            return self.at
        return max(0.0, math.ceil((self.at - now) * 100) / 100)

    def expired(self, waited_for: str, scope: Scope) -> OperationTimeout:
        """Return the error for what was *waited_for* and did not come. Its limit is this side's: no blame of others."""
        return OperationTimeout(f"{waited_for} did not come within {self.seconds:g} s", scope=scope)
