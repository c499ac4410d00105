"""Interrupts of a thread that waits, as Ctrl-C makes them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import amqp
from amqp.sync.driver import Driver

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


class Interrupts:
    """Raises at one of this thread's waits, before or behind it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        self.behind = False
        pause: Any = Driver._pause
        here = threading.get_ident()

        def counting(driver: Driver, sleep: Callable[[float], Any], timeout: float) -> Any:
            if self.left is None or threading.get_ident() != here:
                return pause(driver, sleep, timeout)
            self.left -= 1
            return pause(driver, self.interrupted(sleep) if self.left < 0 else sleep, timeout)

        monkeypatch.setattr(Driver, "_pause", counting)

    def interrupted(self, sleep: Callable[[float], Any]) -> Callable[[float], Any]:
        def interrupting(timeout: float) -> Any:
            if self.behind:
                sleep(timeout)
            self.left = None
            raise KeyboardInterrupt

        return interrupting

    def at(self, wait: int, operation: Callable[[], object]) -> bool:
        """Run *operation* and interrupt it at that wait; return whether it came to its end before."""
        self.left = wait
        try:
            operation()
        except KeyboardInterrupt:
            return False
        except amqp.OperationTimeout:
            return True
        finally:
            self.left = None
        return True
