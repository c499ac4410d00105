"""The driver of a client: an engine driver that keeps the client layer informed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from amqp.aio.driver import EngineDriver
from amqp.aio.waiting import PARENTS, is_running
from amqp.client.connection import ClientConnection

if TYPE_CHECKING:
    from amqp.engine import Engine


class ClientDriver(EngineDriver):
    """Drives an engine, and the client layer above it: that of a client, or what *layer* makes."""

    def __init__(
        self,
        engine: Engine,
        operation_timeout: float,
        peer: str,
        layer: type[ClientConnection] = ClientConnection,
    ) -> None:
        self.client = layer(engine, self.schedule, operation_timeout, peer)
        super().__init__(engine, self.client.handle_events)
        self.client.home = self.loop

    def forget_parent(self) -> None:
        """Have those who use the connection in this child process told so (F18)."""
        super().forget_parent()
        self.client.home = PARENTS

    def drop(self) -> None:
        """Drop the transport for a finalizer, which runs in whichever thread the collector does (F17)."""
        loop = self.loop
        if is_running(loop) or not (loop.is_closed() or loop.is_running()):
            self.abort()
        elif not loop.is_closed():
            with suppress(RuntimeError):  # it was closed just now
                loop.call_soon_threadsafe(self.abort)

    def broken(self, error: Exception) -> None:
        """Keep the error, as the cause of what callers get to see."""
        if self.client.transport_error is None:
            self.client.transport_error = error
        super().broken(error)

    def next_timeout(self, now: float) -> float | None:
        """Return the seconds until something is due, for the engine or the client layer; None when nothing is."""
        return self.client.next_timeout(now)

    def handle_timeout(self, now: float) -> None:
        """Do what is due."""
        self.client.handle_timeout(now)

    def turn(self) -> None:
        """Take a turn, and let what waited for room go on; it is written in the next one."""
        super().turn()
        if self.writable:
            self.client.written()
