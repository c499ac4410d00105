"""Joins an engine to an asyncio transport: octets and the loop's time in, octets and events out; no protocol state of its own."""

from __future__ import annotations

import asyncio
import logging
import os
import weakref
from typing import TYPE_CHECKING, cast

from amqp.transport.tls_faults import described

if TYPE_CHECKING:
    from collections.abc import Callable

    from amqp.engine import Engine
    from amqp.engine.events import Event

logger = logging.getLogger("amqp.aio")

HIGH_WATER = 1024 * 1024
"""Octets that wait in the transport before nothing more is taken from the engine (F21)."""


class EngineDriver(asyncio.Protocol):
    """The asyncio protocol that drives one engine, in either role.

    Args:
        engine: the engine to drive; from now on only through this driver's loop.
        handle_events: called with the events of each turn, in order. It must not raise.
        handle_writable: called when the transport takes octets again after it was full.
    """

    def __init__(
        self,
        engine: Engine,
        handle_events: Callable[[list[Event]], None],
        handle_writable: Callable[[], None] | None = None,
    ) -> None:
        self.engine = engine
        self.loop = asyncio.get_running_loop()
        self.writable = True
        """False while the transport holds more than its high-water mark."""
        self.closed: asyncio.Future[None] = self.loop.create_future()
        """Done when the transport is gone."""
        self.transport: asyncio.Transport | None = None
        self._reading = True
        self._handle_events = handle_events
        self._handle_writable = handle_writable
        self._flush_scheduled = False
        self._timer: asyncio.TimerHandle | None = None
        _drivers.add(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport and write what the engine has already prepared."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=HIGH_WATER)
        self.turn()

    def data_received(self, data: bytes) -> None:
        """Feed the engine what arrived."""
        self._safely(self._receive, data)

    def eof_received(self) -> bool:
        """Tell the engine that nothing more comes; a half-open connection is of no use (F2)."""
        self._safely(self._receive, b"")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the engine, unless it ended the connection itself."""
        self.transport = None
        self._safely(self._lost, exc)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        """Leave further output in the engine."""
        self.writable = False

    def resume_writing(self) -> None:
        """Go on with the output that waited."""
        self.writable = True
        self._safely(self._resume)

    def schedule(self) -> None:
        """Have the engine's output written once the callbacks of this loop turn have run, all of it in one go."""
        if not self._flush_scheduled:
            self._flush_scheduled = True
            self.loop.call_soon(self._scheduled_turn)

    def abort(self) -> None:
        """Drop the transport at once, whatever waits to be written."""
        if self.transport is not None:
            self.transport.abort()

    def trust(self) -> None:
        """The client that came in by the transport is known now: bounds that were for anybody fall."""
        websocket = None if self.transport is None else self.transport.get_extra_info("websocket")
        if websocket is not None:
            websocket.take_large_frames()

    def forget_parent(self) -> None:
        """Note that this is a child process now: leave the transport alone.

        To close it would take it out of what the loop of the parent waits for, where the two share that (epoll).
        """
        self.transport = None

    def broken(self, error: Exception) -> None:
        """Tell the engine that nothing can go on because of *error*: of the system, or an exception on this side."""
        if isinstance(error, OSError):
            self.engine.fail(f"the transport broke: {described(error)}")
        else:
            self.engine.fail(
                f"an exception on this side, not of the network: {type(error).__name__}: {error} (a fault of this "
                "library, or of a transport given to it)"
            )

    def next_timeout(self, now: float) -> float | None:
        """Return the seconds until something is due; None when nothing is."""
        return self.engine.next_timeout(now)

    def handle_timeout(self, now: float) -> None:
        """Do what is due."""
        self.engine.handle_timeout(now)

    def turn(self) -> None:
        """Hand out what the engine has to say, then write what it has to send."""
        events = self.engine.events()
        if events:
            self._handle_events(events)
        self._write()
        self._arm()

    def _scheduled_turn(self) -> None:
        self._flush_scheduled = False
        self._safely(self.turn)

    def _safely(self, step: Callable[..., object], *arguments: object) -> None:
        # Nothing that a peer sends raises; what does leaves a state that is not to be trusted. So it is the end of
        # this connection, told as what it is, and nobody is left waiting.
        try:
            step(*arguments)
        except Exception as error:
            logger.exception("an exception ends the connection")
            self.broken(error)
            self._handle_events(self.engine.events())
            self.abort()

    def _receive(self, data: bytes) -> None:
        self.engine.receive_data(data, self.loop.time())
        self.turn()
        if not self.writable and self._reading and self.engine.pending_octets > HIGH_WATER:
            # C10: who asks and reads no answer is asked no further; the idle time-out then ends it.
            self._reading = False
            if self.transport is not None:
                self.transport.pause_reading()

    def _lost(self, error: Exception | None) -> None:
        if error is None:
            self._receive(b"")
        else:
            self.broken(error)
            self.turn()

    def _resume(self) -> None:
        self.turn()
        if not self._reading and self.transport is not None and self.engine.pending_octets <= HIGH_WATER:
            self._reading = True
            self.transport.resume_reading()
        if self._handle_writable is not None:
            self._handle_writable()

    def _handle_timeout(self) -> None:
        self.handle_timeout(self.loop.time())
        self.turn()

    def _write(self) -> None:
        transport = self.transport
        if transport is None or not self.writable:
            return
        # The engine gives about 1 MiB a call, and the transport says when it is full by pause_writing().
        while self.engine.wants_write and self.writable and not transport.is_closing():
            # Not writelines(): in 3.12.0 to 3.12.8 and 3.13.0 to 3.13.1 it never pauses the writer (CVE-2024-12254).
            transport.write(b"".join(self.engine.data_to_send(self.loop.time())))
        if self.engine.output_closed:
            transport.close()

    def _arm(self) -> None:
        # A timer that fires too early costs one look at the clock; so only an earlier deadline replaces it.
        if self.transport is None:
            return
        now = self.loop.time()
        wait = self.next_timeout(now)
        if wait is None:
            return
        if self._timer is not None:
            if self._timer.when() <= now + wait:
                return
            self._timer.cancel()
        self._timer = self.loop.call_at(now + wait, self._timed_out)

    def _timed_out(self) -> None:
        self._timer = None
        self._safely(self._handle_timeout)


_drivers: weakref.WeakSet[EngineDriver] = weakref.WeakSet()


def _after_fork() -> None:
    for driver in list(_drivers):
        driver.forget_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
