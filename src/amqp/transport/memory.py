"""Two ends in one process and one loop: no socket, the same interface as a TCP transport of asyncio."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from ssl import SSLContext

__all__ = ["MemoryListener", "MemoryTransport", "pipe"]

_HIGH_WATER: Final = 64 * 1024
_Octets = bytes | bytearray | memoryview


class MemoryTransport(asyncio.Transport):
    """One end of a pipe; :func:`pipe` makes both. What is written arrives at the other end in a later loop turn."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol) -> None:
        super().__init__(extra={"memory": True, "peername": "memory"})
        self.peer: MemoryTransport | None = None
        """The other end; None once this end is gone."""
        self._loop = loop
        self._protocol = protocol
        self._outgoing: deque[bytes] = deque()
        self._size = 0
        self._high = _HIGH_WATER
        self._reading = True
        self._writing_paused = False
        self._closing = False
        self._eof = False
        self._eof_told = False
        self._pump_scheduled = False
        self._gone = False

    # -- asyncio.Transport

    def write(self, data: _Octets) -> None:
        """Queue *data* for the other end; nothing happens once this end is closed."""
        if self._closing or self._eof or not data:
            return
        self._outgoing.append(bytes(data))
        self._size += len(data)
        if self._size > self._high and not self._writing_paused:
            self._writing_paused = True
            self._protocol.pause_writing()
        self._schedule()

    def writelines(self, list_of_data: Iterable[_Octets]) -> None:
        """Queue several pieces as one."""
        self.write(b"".join(list_of_data))

    def write_eof(self) -> None:
        """Let the other end see the end of the stream behind what was written."""
        self._eof = True
        self._schedule()

    def can_write_eof(self) -> bool:
        """Tell that half-closing works."""
        return True

    def pause_reading(self) -> None:
        """Let nothing arrive here for now."""
        self._reading = False

    def resume_reading(self) -> None:
        """Let it arrive again."""
        self._reading = True
        if self.peer is not None:
            self.peer._schedule()

    def is_reading(self) -> bool:
        """Tell whether data may arrive."""
        return self._reading and not self._closing

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set from how many octets on the writer is told to pause."""
        self._high = _HIGH_WATER if high is None else high

    def get_write_buffer_size(self) -> int:
        """Return the octets that have not arrived at the other end."""
        return self._size

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return the low and the high mark; the writer goes on once everything has arrived."""
        return (0, self._high)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what arrives to *protocol* from now on."""
        self._protocol = cast("asyncio.Protocol", protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol that is told what arrives."""
        return self._protocol

    def is_closing(self) -> bool:
        """Tell whether this end is closing or gone."""
        return self._closing

    def close(self) -> None:
        """Close this end once what was written has arrived."""
        if not self._closing:
            self._closing = self._eof = True
            self._schedule()

    def abort(self) -> None:
        """Close this end at once; what has not arrived is lost."""
        self._outgoing.clear()
        self._size = 0
        self.close()

    # -- inside

    def _schedule(self) -> None:
        if not self._pump_scheduled and not self._gone:
            self._pump_scheduled = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        self._pump_scheduled = False
        peer = self.peer
        if peer is not None and not peer._closing:
            if not peer._reading:
                return
            self._hand_over(peer)
        else:
            self._outgoing.clear()
            self._size = 0
        if self._closing and not self._gone:
            self._gone = True
            self._protocol.connection_lost(None)
            self.peer = None

    def _hand_over(self, peer: MemoryTransport) -> None:
        if self._outgoing:
            data = b"".join(self._outgoing)
            self._outgoing.clear()
            self._size = 0
            peer._protocol.data_received(data)
            if self._writing_paused:
                self._writing_paused = False
                self._protocol.resume_writing()
        if self._eof and not self._eof_told and not self._outgoing:
            self._eof_told = True
            if not peer._closing and not peer._protocol.eof_received():
                peer.close()


def pipe(one: asyncio.Protocol, other: asyncio.Protocol) -> tuple[MemoryTransport, MemoryTransport]:
    """Join two protocols of the running loop; return the transport of each, ``connection_made`` called on both."""
    loop = asyncio.get_running_loop()
    ends = MemoryTransport(loop, one), MemoryTransport(loop, other)
    ends[0].peer, ends[1].peer = ends[1], ends[0]
    other.connection_made(ends[1])
    one.connection_made(ends[0])
    return ends


class MemoryListener:
    """A server that is reached without a network: ``amqp.connect(url, transport=listener.connect)``.

    Args:
        protocol_factory: called for each connection; what it returns is the server's end.
    """

    def __init__(self, protocol_factory: Callable[[], asyncio.Protocol]) -> None:
        self._protocol_factory = protocol_factory

    async def connect(
        self,
        protocol: asyncio.Protocol,
        host: str,
        port: int,
        *,
        ssl: SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> asyncio.Transport:
        """Connect *protocol*, whatever the host is called; a :class:`amqp.transport.Connector`."""
        client, _ = pipe(protocol, self._protocol_factory())
        return client
