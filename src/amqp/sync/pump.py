"""Joins an engine to a stream: octets and the time in, octets and events out. It never waits, and knows no threads."""

from __future__ import annotations

import logging
import selectors
from time import monotonic
from typing import TYPE_CHECKING, Final

from amqp.client.completion import Completion
from amqp.transport.tls_faults import described

if TYPE_CHECKING:
    from collections.abc import Callable

    from amqp.client.connection import ClientConnection
    from amqp.engine import Engine
    from amqp.transport import Stream

logger = logging.getLogger("amqp.sync")

HIGH_WATER: Final = 1024 * 1024
"""Octets of answers that wait in the engine before nothing more is read from a peer that reads nothing (C10)."""

READS: Final = 4
"""Pieces that are read before what they say is acted upon."""


class Pump:
    """Moves what there is to move. Every method is called by the thread that holds the connection's lock."""

    def __init__(self, engine: Engine, client: ClientConnection, stream: Stream) -> None:
        self.engine = engine
        self.client = client
        self.stream: Stream | None = stream
        """None once it is gone."""
        self.closed: Completion[None] = Completion()
        """Done when the stream is gone."""
        self.more = False
        """Whether the stream may hold octets that a selector does not see."""
        self._rest = memoryview(b"")

    @property
    def blocked(self) -> bool:
        """Whether output waits for room in the stream."""
        stream = self.stream
        return stream is not None and (bool(self._rest) or stream.unwritten)

    def interest(self) -> int:
        """Return what to wait for, as a mask of ``selectors``."""
        if not self.blocked:
            return selectors.EVENT_READ
        # C10: who asks and reads no answer is asked no further; the idle time-out then ends it.
        reading = self.engine.pending_octets <= HIGH_WATER
        return selectors.EVENT_WRITE | (selectors.EVENT_READ if reading else 0)

    def process(self) -> None:
        """Hand out what the engine has to say, then write what it has to send."""
        self._safely(self._process)

    def read(self) -> None:
        """Feed the engine what arrived."""
        self._safely(self._read)

    def handle_timeout(self) -> None:
        """Have the engine look at the time."""
        self._safely(self._handle_timeout)

    def abort(self, error: BaseException | None = None) -> None:
        """Drop the stream at once, whatever waits to be written; *error* is why."""
        if self.stream is None:
            return
        self._close_stream()
        if error is None:
            self._safely(self._ended)
        else:
            self._broken(error)
        self.closed.resolve(None)

    # -- inside

    def _safely(self, step: Callable[[], object]) -> None:
        # Nothing that a peer sends raises; what does leaves a state that is not to be trusted. So it is the end of
        # this connection, told as what it is, and nobody is left waiting.
        try:
            step()
        except OSError as error:
            self.abort(error)
        except Exception as error:
            logger.exception("an exception ends the connection")
            self.abort(error)

    def _process(self) -> None:
        events = self.engine.events()
        if events:
            self.client.handle_events(events)
        self._write()

    def _read(self) -> None:
        stream = self.stream
        self.more = False
        for _ in range(READS):
            data = None if stream is None else stream.read()
            if data is None:
                self._process()
                return
            self.engine.receive_data(data, monotonic())
            if not data:
                # F2: a half-open connection is of no use.
                self._process()
                self.abort()
                return
        self.more = True
        self._process()

    def _handle_timeout(self) -> None:
        self.client.handle_timeout(monotonic())
        self._process()

    def _ended(self) -> None:
        self.engine.receive_data(b"", monotonic())
        self.client.handle_events(self.engine.events())

    def _broken(self, error: BaseException) -> None:
        if self.client.transport_error is None:
            self.client.transport_error = error
        if isinstance(error, OSError):
            self.engine.fail(f"the transport broke: {described(error)}")
        else:
            self.engine.fail(
                f"an exception on this side, not of the network: {type(error).__name__}: {error} (an interrupt while "
                "the library was at work, a fault of it, or of a transport given to it)"
            )
        self.client.handle_events(self.engine.events())

    def _write(self) -> None:
        engine, client = self.engine, self.client
        while self._written():
            if engine.wants_write:
                self._rest = memoryview(b"".join(engine.data_to_send(monotonic())))
            elif client.writing:
                # What waited for room goes on.
                client.written()
                if not engine.wants_write:
                    break
            else:
                break
        if engine.output_closed and not self.blocked:
            self.abort()

    def _written(self) -> bool:
        """Write what was taken from the engine; return whether there is room for more."""
        stream = self.stream
        if stream is None:
            return False
        try:
            while self._rest:
                sent = stream.write(self._rest)
                if not sent:
                    return False
                self._rest = self._rest[sent:]
            if stream.unwritten:
                stream.write(self._rest)
            return not stream.unwritten
        except OSError as error:
            self._write_failed(stream, error)
            return False

    def _write_failed(self, stream: Stream, error: OSError) -> None:
        # A peer that refuses may have said why before it went: that is the better reason.
        try:
            while data := stream.read():
                self.engine.receive_data(data, monotonic())
        except OSError:
            pass
        self.client.handle_events(self.engine.events())
        self.abort(error)

    def _close_stream(self) -> None:
        stream, self.stream = self.stream, None
        self._rest = memoryview(b"")
        if stream is not None:
            stream.close()
