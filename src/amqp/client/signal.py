"""Something that happens again and again, and those who want to be told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")

logger = logging.getLogger("amqp.client")


class Signal(Generic[P]):
    """Calls everyone who asked, in the order in which they asked."""

    __slots__ = ("_callbacks",)

    def __init__(self) -> None:
        self._callbacks: list[Callable[P, object]] = []

    def __bool__(self) -> bool:
        """Whether somebody asked."""
        return bool(self._callbacks)

    def add(self, callback: Callable[P, object]) -> None:
        """Have *callback* called each time."""
        self._callbacks.append(callback)

    def send(self, *arguments: P.args, **named: P.kwargs) -> None:
        """Call everyone; what a callback raises is logged, and keeps neither the others nor the connection from going on (F20)."""
        for callback in tuple(self._callbacks):
            try:
                callback(*arguments, **named)
            except Exception:
                logger.exception("a callback raised")
