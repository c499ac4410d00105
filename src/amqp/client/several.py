"""Sending many messages with a bounded number under way: which is to be sent, waited for or handed out next."""

from __future__ import annotations

from collections import deque
from typing import Generic, Protocol, TypeVar

from amqp.checks import check_int, wrong_type
from amqp.options import UINT_MAX

__all__ = ["InFlight", "check_messages"]


class Fate(Protocol):
    """What is known of a message under way."""

    def done(self) -> bool:
        """Tell whether its fate is known."""
        ...


P = TypeVar("P", bound=Fate)


class InFlight(Generic[P]):
    """The messages under way, oldest first.

    Raises:
        LocalError: *limit* is no int from 1.
    """

    __slots__ = ("_limit", "_waiting")

    def __init__(self, limit: int) -> None:
        check_int("in_flight", limit, 1, UINT_MAX)
        self._limit = limit
        self._waiting: deque[P] = deque()

    def add(self, pending: P) -> None:
        """Take a message that was submitted."""
        self._waiting.append(pending)

    def due(self) -> P | None:
        """Return the oldest where its fate is known, or has to be waited for before another may go."""
        waiting = self._waiting
        if waiting and (len(waiting) >= self._limit or waiting[0].done()):
            return waiting.popleft()
        return None

    def rest(self) -> P | None:
        """Return the oldest, or None where there is none."""
        return self._waiting.popleft() if self._waiting else None


def check_messages(messages: object, *, asynchronous: bool) -> None:
    """Refuse what cannot be iterated over.

    Raises:
        LocalError: *messages* is of another type.
    """
    if hasattr(messages, "__iter__") or (asynchronous and hasattr(messages, "__aiter__")):
        return
    raise wrong_type(
        "send_many", messages, "an iterable of Message" + (", plain or async" if asynchronous else "")
    )
