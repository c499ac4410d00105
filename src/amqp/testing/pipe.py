"""A connection that goes wrong where a test says: cut, stalled, split or delayed at given octets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from amqp.transport import tcp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from ssl import SSLContext

    from amqp.transport import Connector

__all__ = ["Direction", "FaultyPipe"]

_HIGH_WATER = 64 * 1024
_Octets = bytes | bytearray | memoryview


class Direction:
    """What happens to the octets of one direction. Faults may be set before and while a connection is open.

    Octets are counted from the beginning of the connection. A cut or a delay happens once: the next connection is whole.
    """

    def __init__(self) -> None:
        self.passed = 0
        """Octets of this connection that have passed."""
        self.waiting = 0
        """Octets that are held up."""
        self._buffer = bytearray()
        self._size: int | None = None
        self._stall_at: int | None = None
        self._delay: float | None = None
        self._cut_at: int | None = None
        self._with_reset = False
        self._ended = False
        self._paused = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._deliver: Callable[[bytes], object] = bytes
        self._finish: Callable[[], object] = bytes
        self._lose: Callable[[bool], object] = bool

    # -- faults

    def split(self, size: int | None = 1) -> None:
        """Let at most *size* octets arrive at a time, each piece in a loop turn of its own; None lets them pass whole."""
        self._size = size

    def stall(self, at: int | None = None) -> None:
        """Let nothing pass after *at* octets, None: from now on, until :meth:`resume`."""
        self._stall_at = self.passed if at is None else at

    def delay(self, seconds: float, at: int | None = None) -> None:
        """Stall after *at* octets, None: from now on, for *seconds*."""
        self.stall(at)
        self._delay = seconds

    def resume(self) -> None:
        """End a stall; what was held up passes."""
        self._stall_at = self._delay = None
        self._pump()

    def cut(self, at: int | None = None, *, reset: bool = False) -> None:
        """Lose the connection, in both directions, after *at* octets of this one, None: now; with *reset* not in order."""
        self._cut_at = self.passed if at is None else at
        self._with_reset = reset
        self._pump()

    # -- for the transport

    def begin(
        self,
        loop: asyncio.AbstractEventLoop,
        deliver: Callable[[bytes], object],
        finish: Callable[[], object],
        lose: Callable[[bool], object],
    ) -> None:
        """Serve a new connection: give octets to *deliver*, the end of the stream to *finish*, a cut to *lose*."""
        self.passed = self.waiting = 0
        self._buffer.clear()
        self._ended = self._paused = False
        self._loop = loop
        self._deliver, self._finish, self._lose = deliver, finish, lose

    def end(self) -> None:
        """Serve it no more: what is set from here on is for the next connection."""
        self._loop = None

    def push(self, octets: _Octets) -> None:
        """Take octets."""
        self._buffer += octets
        self.waiting = len(self._buffer)
        self._pump()

    def push_end(self) -> None:
        """Take the end of the stream, after all octets."""
        self._ended = True
        self._pump()

    def pause(self, paused: bool) -> None:
        """Hold everything up for whoever is to take it."""
        self._paused = paused
        self._pump()

    def _room(self) -> int:
        """How many of the octets that wait may pass now."""
        room = len(self._buffer)
        for limit in (self._stall_at, self._cut_at):
            if limit is not None:
                room = min(room, max(limit - self.passed, 0))
        return room if self._size is None else min(room, self._size)

    def _pump(self) -> None:
        loop = self._loop
        if loop is None or self._paused:
            return
        room = self._room()
        if room:
            octets = bytes(self._buffer[:room])
            del self._buffer[:room]
            self.passed += room
            self.waiting = len(self._buffer)
            self._deliver(octets)
            # The rest in another turn: what was delivered may have changed everything.
            loop.call_soon(self._pump)
        elif self._cut_at is not None and self.passed >= self._cut_at:
            self._cut_at = None
            self._lose(self._with_reset)
        elif self._stall_at is not None and self.passed >= self._stall_at:
            if self._delay is not None:
                loop.call_later(self._delay, self.resume)
                self._delay = None
        elif self._ended and not self._buffer:
            self._ended = False
            self._finish()


class FaultyPipe:
    """Connects as another connector does, and does wrong to the connection: ``amqp.connect(url, transport=pipe.connect)``.

    One connection at a time.

    Args:
        connector: what makes the connection: TCP, or that of a :class:`amqp.transport.MemoryListener`.
    """

    def __init__(self, connector: Connector = tcp.connect) -> None:
        self._connector = connector
        self.outgoing = Direction()
        """From the program that connects."""
        self.incoming = Direction()
        """To the program that connects."""
        self.connections = 0
        """How many there were."""

    async def connect(
        self,
        protocol: asyncio.Protocol,
        host: str,
        port: int,
        *,
        ssl: SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> asyncio.Transport:
        """Connect *protocol*; a :class:`amqp.transport.Connector`.

        Raises:
            OSError: what the other connector raises.
        """
        inlet = _Inlet(self, protocol)
        await self._connector(inlet, host, port, ssl=ssl, server_hostname=server_hostname)
        return inlet.outlet


class _Inlet(asyncio.Protocol):
    """Stands between the real transport and the program's protocol."""

    outlet: _Outlet

    def __init__(self, pipe: FaultyPipe, protocol: asyncio.Protocol) -> None:
        self.pipe = pipe
        self.protocol = protocol
        self.lost = False
        self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        pipe = self.pipe
        pipe.connections += 1
        real = cast("asyncio.Transport", transport)
        self.outlet = outlet = _Outlet(self, real)
        loop = asyncio.get_running_loop()
        pipe.outgoing.begin(loop, self._write, outlet.finish, self.lose)
        pipe.incoming.begin(loop, self._receive, self._receive_end, self.lose)
        self.protocol.connection_made(outlet)

    def data_received(self, data: bytes) -> None:
        if not self.lost:
            self.pipe.incoming.push(data)

    def eof_received(self) -> bool:
        if not self.lost:
            self.pipe.incoming.push_end()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.lost:
            self._gone()
            self.protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        self.pipe.outgoing.pause(True)

    def resume_writing(self) -> None:
        self.pipe.outgoing.pause(False)

    def lose(self, reset: bool) -> None:
        """Cut the connection off."""
        if self.lost:
            return
        self._gone()
        self.outlet.real.abort()
        if not reset:
            self.protocol.eof_received()
        self.protocol.connection_lost(ConnectionResetError("the test cut it") if reset else None)

    def _gone(self) -> None:
        self.lost = True
        self.pipe.outgoing.end()
        self.pipe.incoming.end()

    def write(self, data: _Octets) -> None:
        """Take what the program writes."""
        if self.lost:
            return
        outgoing = self.pipe.outgoing
        outgoing.push(data)
        if outgoing.waiting > self.outlet.high and not self._full:
            self._full = True
            self.protocol.pause_writing()

    def _write(self, octets: bytes) -> None:
        self.outlet.real.write(octets)
        if self._full and not self.pipe.outgoing.waiting:
            self._full = False
            self.protocol.resume_writing()

    def _receive(self, octets: bytes) -> None:
        if not self.lost:
            self.protocol.data_received(octets)

    def _receive_end(self) -> None:
        if not self.lost and not self.protocol.eof_received():
            self.outlet.close()


class _Outlet(asyncio.Transport):
    """The transport that the program sees."""

    def __init__(self, inlet: _Inlet, real: asyncio.Transport) -> None:
        super().__init__()
        self._inlet = inlet
        self.real = real
        self.high = _HIGH_WATER
        self._closing = False
        self._ended = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self.real.get_extra_info(name, default)

    # -- writing

    def write(self, data: _Octets) -> None:
        if not self._closing and not self._ended:
            self._inlet.write(data)

    def writelines(self, list_of_data: Iterable[_Octets]) -> None:
        self.write(b"".join(list_of_data))

    def write_eof(self) -> None:
        self._ended = True
        self._inlet.pipe.outgoing.push_end()

    def can_write_eof(self) -> bool:
        return self.real.can_write_eof()

    def finish(self) -> None:
        """End the real stream: all that was written has passed."""
        if self._closing:
            self.real.close()
        elif self.real.can_write_eof():
            self.real.write_eof()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.high = _HIGH_WATER if high is None else high
        self.real.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        return self._inlet.pipe.outgoing.waiting + self.real.get_write_buffer_size()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self.real.get_write_buffer_limits()

    # -- reading

    def pause_reading(self) -> None:
        self.real.pause_reading()
        self._inlet.pipe.incoming.pause(True)

    def resume_reading(self) -> None:
        self.real.resume_reading()
        self._inlet.pipe.incoming.pause(False)

    def is_reading(self) -> bool:
        return self.real.is_reading()

    # -- the end

    def is_closing(self) -> bool:
        return self._closing or self.real.is_closing()

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._inlet.pipe.outgoing.push_end()

    def abort(self) -> None:
        self._closing = True
        self.real.abort()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._inlet.protocol = cast("asyncio.Protocol", protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._inlet.protocol
