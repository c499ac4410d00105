"""A loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

__all__ = ["LoopThread"]

T = TypeVar("T")


class LoopThread:
    """Runs a loop, from :meth:`__init__` to :meth:`stop`.

    Args:
        name: of the thread.
        timeout: seconds that anything done on the loop may take.
    """

    def __init__(self, name: str, timeout: float) -> None:
        self.loop = asyncio.new_event_loop()
        self._timeout = timeout
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run *work* on the loop, and wait for it.

        Raises:
            TimeoutError: it takes too long.
        """
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(self._timeout)

    def stop(self) -> None:
        """End the loop and the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(self._timeout)
        self.loop.close()
