"""A proxy that makes tunnels by CONNECT, and a server that has TLS inside the stream (5.2.1)."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from amqp.transport.accepting import stop_accepting

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

TLS_HEADER = b"AMQP\x02\x01\x00\x00"


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while octets := await reader.read(65_536):
        writer.write(octets)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def http_proxy(
    requests: list[str], answer: bytes = b"HTTP/1.1 200 Connection established\r\nX-Via: test\r\n\r\n"
) -> AsyncIterator[int]:
    """Make a tunnel to where a client asks to go, whatever name it gives; gives the port, keeps the requests."""
    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        requests.append(request)
        writer.write(answer)
        if b" 200 " not in answer.partition(b"\r\n")[0]:
            writer.close()
            return
        port = int(request.split()[1].rpartition(":")[2])
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(far_writer)
        await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        writers.append(writer)
        try:
            await tunnel(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        await stop_accepting(server)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)


class _InBand(asyncio.Protocol):
    """Answers the header that asks for TLS, then hands the stream inside TLS on."""

    def __init__(self, make: Callable[[], asyncio.Protocol], context: ssl.SSLContext) -> None:
        self._make = make
        self._context = context
        self._came = b""
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        if self._came == TLS_HEADER:
            self._transport.write(TLS_HEADER)
            self._task = asyncio.get_running_loop().create_task(self._secure())

    async def _secure(self) -> None:
        inner = self._make()
        try:
            secured = await asyncio.get_running_loop().start_tls(
                self._transport, inner, self._context, server_side=True
            )
        except OSError:
            return
        if secured is not None:
            inner.connection_made(secured)


@asynccontextmanager
async def in_band_tls(make: Callable[[], asyncio.Protocol], context: ssl.SSLContext) -> AsyncIterator[int]:
    """Serve TLS inside the stream; gives the port."""
    server = await asyncio.get_running_loop().create_server(lambda: _InBand(make, context), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    await stop_accepting(server)
