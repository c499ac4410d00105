"""Scripted peers on a network: for asyncio, and for blocking code by a thread."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self, cast

from amqp.testing.peer import Peer
from amqp.testing.threads import LoopThread
from amqp.transport import tcp
from amqp.transport.accepting import start_accepting, stop_accepting

if TYPE_CHECKING:
    from ssl import SSLContext
    from types import TracebackType

    from amqp.transport import Connector

__all__ = ["AsyncPeer", "BlockingPeer"]

_GOODBYE = 1.0
"""Seconds that what was written may take to leave when a peer is done."""
_NO_LINGER = struct.pack("ii", 1, 0)


class _Stream(asyncio.Protocol):
    """One connection; ``transport`` is None once it is gone."""

    def __init__(self, peer: NetworkPeer) -> None:
        self.peer = peer
        self.transport: asyncio.Transport | None = None
        self.ended = False
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.peer.connected(self)

    def data_received(self, data: bytes) -> None:
        self.peer.arrived(self, data)

    def eof_received(self) -> bool:
        self.ended = True
        self.peer.arrived(self, b"")
        # A script may say more behind the end of the other direction.
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if not self.ended:
            self.ended = True
            self.peer.arrived(self, b"")
        self.gone.set_result(None)


class NetworkPeer(Peer):
    """A peer that listens, or connects; what both kinds have in common.

    Args:
        role: ``server`` listens, ``client`` connects.
        host: where.
        port: where; 0 lets the system choose, for a server.
        ssl_context: TLS with this.
        connector: what a client connects with, in place of TCP: :class:`amqp.transport.Connector`.
        timeout: seconds that a wait may take which is given none.
        wide: write every value in its longest encoding.
    """

    def __init__(
        self,
        role: Literal["server", "client"] = "server",
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        ssl_context: SSLContext | None = None,
        connector: Connector = tcp.connect,
        timeout: float = 5.0,
        wide: bool = False,
    ) -> None:
        super().__init__(role, wide=wide)
        self.host = host
        self.port = port
        """The port; a server's as the system gave it."""
        self.timeout = timeout
        self._ssl_context = ssl_context
        self._connect = connector
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: asyncio.Server | None = None
        self._stream: _Stream | None = None
        self._streams: list[_Stream] = []
        self._pieces: list[bytes] = []
        self._scheduled = False
        self._end_written = False

    @property
    def url(self) -> str:
        """What to give to ``amqp.connect``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'amqp' if self._ssl_context is None else 'amqps'}://{host}:{self.port}"

    async def connector(
        self,
        protocol: asyncio.Protocol,
        host: str,
        port: int,
        *,
        ssl: SSLContext | None = None,
        server_hostname: str | None = None,
    ) -> asyncio.Transport:
        """Connect to this peer in memory, as ``transport=`` of ``amqp.connect`` on the same loop."""
        from amqp.transport.memory import pipe

        return pipe(protocol, _Stream(self))[0]

    # -- inside

    async def start(self) -> None:
        """Listen, or connect."""
        self._loop = asyncio.get_running_loop()
        if self.role == "server":
            server = await self._loop.create_server(
                lambda: _Stream(self), self.host, self.port, ssl=self._ssl_context, start_serving=False
            )
            await start_accepting(server)
            self._server = server
            self.port = int(self._server.sockets[0].getsockname()[1])
        else:
            await self._connect(_Stream(self), self.host, self.port, ssl=self._ssl_context)

    async def stop(self) -> None:
        """Write what waits, close everything."""
        # Whole now: there is no other turn of the loop for the rest.
        self._piece = None
        self._turn()
        if self._server is not None:
            await stop_accepting(self._server)
        for stream in self._streams:
            if stream.transport is not None:
                stream.transport.close()
        if self._streams:
            # What the other side does not read would keep a transport open.
            await asyncio.wait([stream.gone for stream in self._streams], timeout=_GOODBYE)
        for stream in self._streams:
            stream.abort()
            await stream.gone
        self._loop = None

    def connected(self, stream: _Stream) -> None:
        """Take a connection; one at a time."""
        with self._lock:
            earlier, self._stream = self._stream, stream
            self._streams.append(stream)
            self._pieces.clear()
            self._end_written = False
            with suppress(AssertionError):
                if earlier is not None and earlier.transport is not None and self.ending is None:
                    self._fail("a second connection came while the first was open", [])
                elif earlier is not None:
                    self.reconnected()
                self.run()
        self._turn()

    def arrived(self, stream: _Stream, octets: bytes) -> None:
        """Take octets; a mismatch is kept, and ends the connection."""
        if stream is not self._stream:
            return
        with suppress(AssertionError):
            self.feed(octets)
        self._turn()

    def _turn(self) -> None:
        """Bring the transport to where the script is."""
        self._scheduled = False
        stream = self._stream
        transport = None if stream is None else stream.transport
        if self.failure is not None:
            for each in self._streams:
                each.abort()
            return
        if transport is None or stream is None:
            return
        if self.reading != transport.is_reading() and not transport.is_closing():
            if self.reading:
                transport.resume_reading()
            else:
                transport.pause_reading()
        self._write(transport)
        if stream.ended and (self.ending is not None or self.finished):
            transport.close()

    def _write(self, transport: asyncio.Transport) -> None:
        self._pieces += self.take_pieces()
        if self._pieces and self._piece is None:
            transport.write(b"".join(self._pieces))
            self._pieces.clear()
        elif self._pieces:
            transport.write(self._pieces.pop(0))
            if self._pieces:
                self._progressed()
                return
        if self.output_closed and not self._end_written:
            self._end_written = True
            self._end(transport)

    def _end(self, transport: asyncio.Transport) -> None:
        if self.ending == "half-close" and transport.can_write_eof():
            transport.write_eof()
        elif self.ending == "reset":
            connected = transport.get_extra_info("socket")
            if connected is not None:
                connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            transport.abort()
        else:
            transport.close()

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._turn)

    def _late(self, timeout: float) -> AssertionError:
        with self._lock:
            self._fail(f"the script is not done after {timeout:g} s", self._left())
            assert self.failure is not None
            return self.failure

    def _verdict(self, error: BaseException | None) -> None:
        """Raise the peer's own failure; to another error add what the peer has seen."""
        if error is None or error is self.failure:
            return
        if self.failure is not None:
            raise self.failure from error
        left = "".join(f"\n  {line}" for line in self._left())
        error.add_note(f"scripted peer:{left}\ntrace:\n{self.trace}")


class AsyncPeer(NetworkPeer):
    """A scripted peer on the running loop: ``async with AsyncPeer() as peer: ... amqp.connect(peer.url)``.

    At the end of the block the whole script must have run.
    """

    @cached_property
    def _changed(self) -> asyncio.Event:
        return asyncio.Event()

    async def wait(self, timeout: float | None = None) -> None:
        """Wait until the whole script ran.

        Raises:
            AssertionError: a mismatch; or it did not in *timeout* seconds: the text says what has not come.
        """
        limit = self.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(limit):
                while self.failure is None and not self.finished:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise self._late(limit) from None
        self.done()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if exc is None:
                await self.wait()
            else:
                self._verdict(exc)
        finally:
            await self.stop()

    def _progressed(self) -> None:
        self._changed.set()
        if self._loop is not None:
            self._schedule(self._loop)


class BlockingPeer(NetworkPeer):
    """A scripted peer for blocking code: ``with BlockingPeer() as peer: ... connect(peer.url)``; a thread does its input.

    At the end of the block the whole script must have run. Its methods may be called from any thread.
    """

    _thread: LoopThread | None = None

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the whole script ran.

        Raises:
            AssertionError: a mismatch; or it did not in *timeout* seconds: the text says what has not come.
        """
        limit = self.timeout if timeout is None else timeout
        with self._condition:
            if not self._condition.wait_for(lambda: self.failure is not None or self.finished, limit):
                raise self._late(limit)
        self.done()

    def close(self) -> None:
        """Close everything, whether the script ran or not; :meth:`wait` is the verdict. Idempotent."""
        thread, self._thread = self._thread, None
        if thread is not None:
            try:
                thread.run(self.stop())
            finally:
                thread.stop()

    def __enter__(self) -> Self:
        self._thread = thread = LoopThread("scripted peer", self.timeout)
        try:
            thread.run(self.start())
        except BaseException:
            thread.stop()
            self._thread = None
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if exc is None:
                self.wait()
            else:
                self._verdict(exc)
        finally:
            self.close()

    def _progressed(self) -> None:
        with self._condition:
            self._condition.notify_all()
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._schedule, self._loop)
