"""What a thread waits with: a deadline, and a gate that others open."""

from __future__ import annotations

from threading import Lock
from time import monotonic

from amqp.client.deadline import TimeLimit


class Deadline(TimeLimit):
    """A moment on the monotonic clock.

    Raises:
        LocalError: *seconds* is negative or no number.
    """

    __slots__ = ()

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds, monotonic())

    def left(self) -> float:
        """Return the seconds that are left, 0 or more."""
        return self.left_at(monotonic())


class Gate:
    """One thread sleeps before it; whoever has something for it opens it. Opened early, it stays open for one sleep."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = Lock()
        self._lock.acquire()

    def open(self, _: object = None) -> None:
        """Let the sleeper go on. It needs no lock, so that it may be called from a finalizer."""
        try:
            self._lock.release()
        except RuntimeError:
            pass  # it is open

    def sleep(self, timeout: float) -> None:
        """Sleep until somebody opens the gate, at most *timeout* seconds; a signal handler's exception ends it too."""
        self._lock.acquire(timeout=max(timeout, 0.0))
