"""Runs the callbacks of an application: in a thread of their own, so that they may do what they like (F20)."""

from __future__ import annotations

import logging
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("amqp.sync")

_Calls = SimpleQueue["Callable[[], object] | None"]


class Callbacks:
    """Calls what it is given, one after the other; the thread is there from the first callback to :meth:`close`."""

    __slots__ = ("_calls",)

    def __init__(self) -> None:
        self._calls: _Calls | None = None

    def prepare(self) -> None:
        """Have the thread ready."""
        if self._calls is None:
            self._calls = SimpleQueue()
            Thread(target=_run, args=(self._calls,), name="amqp callbacks", daemon=True).start()

    def call(self, callback: Callable[[], object]) -> None:
        """Have *callback* called soon; what it raises is logged."""
        if self._calls is not None:
            self._calls.put(callback)

    def close(self) -> None:
        """Let the thread end after what it was given already."""
        if self._calls is not None:
            self._calls.put(None)


def _run(calls: _Calls) -> None:
    while (callback := calls.get()) is not None:
        try:
            callback()
        except Exception:
            logger.exception("a callback raised")
        del callback
