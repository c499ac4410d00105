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

    __slots__ = ("callbacks",)

    def __init__(self) -> None:
        self.callbacks: list[Callable[P, object]] = []
        """Those who asked; some look for every message whether there is anybody."""

    def add(self, callback: Callable[P, object]) -> None:
        """Have *callback* called each time."""
        self.callbacks.append(callback)

    def send(self, *arguments: P.args, **named: P.kwargs) -> None:
        """Call everyone; what a callback raises is logged, and keeps neither the others nor the connection from going on (F20)."""
        for callback in tuple(self.callbacks):
            try:
                callback(*arguments, **named)
            except Exception:
                logger.exception("a callback raised")
