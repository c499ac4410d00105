"""The two idle timers of a connection (2.4.5)."""

from __future__ import annotations

__all__ = ["IdleTimers"]

_SHORTEST_BEAT = 0.01
"""Seconds between empty frames at least: a peer that asks for more gets no busy loop."""


class IdleTimers:
    """When an empty frame is due to the peer, and when the peer was silent for too long. Times are seconds."""

    __slots__ = ("_beat", "_patience", "_received", "_sent", "running")

    def __init__(self, patience: float | None) -> None:
        self._patience = patience
        self._beat: float | None = None
        self._received = 0.0
        self._sent = 0.0
        self.running = False

    def start(self, remote_idle_time_out: int | None, now: float) -> None:
        """Start both timers; *remote_idle_time_out* is the peer's, in milliseconds, and 0 is none."""
        if remote_idle_time_out:
            # Half of it, so that one late frame does no harm.
            self._beat = max(remote_idle_time_out / 2000, _SHORTEST_BEAT)
        self._received = self._sent = now
        self.running = True

    def stop(self) -> None:
        """Stop both."""
        self.running = False

    def received(self, now: float) -> None:
        """Note that a whole frame came; octets of an unfinished one do not count."""
        self._received = now

    def sent(self, now: float) -> None:
        """Note that a frame is about to be written."""
        self._sent = now

    def beat_due(self, now: float) -> bool:
        """Whether an empty frame is to be sent."""
        return self.running and self._beat is not None and now - self._sent >= self._beat

    def silent_too_long(self, now: float) -> bool:
        """Whether the peer broke the time that this side asked for."""
        return self.running and self._patience is not None and now - self._received >= self._patience

    def next_timeout(self, now: float) -> float | None:
        """Return the seconds until the next of the two is due; None when none runs."""
        if not self.running:
            return None
        due = [
            since + length
            for since, length in ((self._sent, self._beat), (self._received, self._patience))
            if length is not None
        ]
        return max(0.0, min(due) - now) if due else None
