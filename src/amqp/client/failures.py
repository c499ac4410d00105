"""The failures of sends that nobody has looked at, kept until somebody closes what they happened on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from amqp.client.pending import Pending

MAX_KEPT: Final = 1_000
"""Failures kept for one connection; of more only the number is."""


class UnseenFailures:
    """Failed sends of one connection, in the order in which they failed. A link that is lost leaves its own here."""

    __slots__ = ("_kept", "_more")

    def __init__(self) -> None:
        self._kept: dict[Pending, None] = {}
        self._more = 0

    def add(self, pending: Pending) -> None:
        """Keep a failure."""
        if len(self._kept) < MAX_KEPT:
            self._kept[pending] = None
        else:
            self._more += 1

    def discard(self, pending: Pending) -> None:
        """Forget a failure that somebody has looked at."""
        self._kept.pop(pending, None)

    def raise_those(self, belongs: Callable[[Pending], bool], whose: str) -> None:
        """Raise the failures that *belongs* picks, and forget them; *whose* names what they happened on.

        Raises:
            ExceptionGroup: there are some.
        """
        failures: list[Exception] = []
        for pending in [pending for pending in self._kept if belongs(pending)]:
            error = pending.exception()
            if error is not None:
                failures.append(error)
        if failures:
            and_more = f", and {self._more} more that were not kept" if self._more else ""
            self._more = 0
            raise ExceptionGroup(
                f"messages of {whose} whose failure nobody has looked at{and_more}", failures
            )
