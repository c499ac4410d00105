"""The pipe in memory behaves like a transport of asyncio."""

from __future__ import annotations

import asyncio
import socket

import pytest

from amqp.transport import is_private
from amqp.transport.memory import MemoryListener, MemoryTransport, pipe


class Noting(asyncio.Protocol):
    """Writes down what it is told."""

    def __init__(self, *, stay_open: bool = False) -> None:
        self.told: list[object] = []
        self.stay_open = stay_open

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.told.append("made")

    def data_received(self, data: bytes) -> None:
        self.told.append(data)

    def eof_received(self) -> bool:
        self.told.append("eof")
        return self.stay_open

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append(exc or "lost")

    def pause_writing(self) -> None:
        self.told.append("pause")

    def resume_writing(self) -> None:
        self.told.append("resume")


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_is_written_arrives_in_a_later_turn_in_one_piece() -> None:
    one, other = Noting(), Noting()
    near, _ = pipe(one, other)
    near.write(b"a")
    near.writelines([b"b", bytearray(b"c"), memoryview(b"d")])
    near.write(b"")
    assert other.told == ["made"]
    assert near.get_write_buffer_size() == 4
    await turns()
    assert other.told == ["made", b"abcd"]
    assert near.get_write_buffer_size() == 0


async def test_both_ways() -> None:
    one, other = Noting(), Noting()
    near, far = pipe(one, other)
    near.write(b"there")
    far.write(b"back")
    await turns()
    assert (one.told[1:], other.told[1:]) == ([b"back"], [b"there"])
    assert near.get_protocol() is one


async def test_closing_delivers_what_was_written() -> None:
    one, other = Noting(), Noting()
    near, far = pipe(one, other)
    near.write(b"last")
    near.close()
    near.write(b"too late")
    assert near.is_closing()
    await turns()
    assert one.told == ["made", "lost"]
    assert other.told == ["made", b"last", "eof", "lost"]
    assert far.is_closing()
    near.close()
    await turns()
    assert one.told == ["made", "lost"]


async def test_aborting_loses_what_was_written() -> None:
    one, other = Noting(), Noting()
    near, _ = pipe(one, other)
    near.write(b"lost")
    near.abort()
    await turns()
    assert one.told == ["made", "lost"]
    assert other.told == ["made", "eof", "lost"]


async def test_half_closing() -> None:
    one, other = Noting(), Noting(stay_open=True)
    near, far = pipe(one, other)
    assert near.can_write_eof()
    near.write(b"x")
    near.write_eof()
    near.write(b"too late")
    await turns()
    far.write(b"answer")
    await turns()
    assert other.told == ["made", b"x", "eof"]
    assert one.told == ["made", b"answer"]


async def test_a_reader_that_pauses_makes_the_writer_pause() -> None:
    one, other = Noting(), Noting()
    near, far = pipe(one, other)
    near.set_write_buffer_limits(high=3)
    assert near.get_write_buffer_limits() == (0, 3)
    far.pause_reading()
    assert not far.is_reading()
    near.write(b"1234")
    near.write(b"5")
    await turns()
    assert one.told == ["made", "pause"]
    assert other.told == ["made"]
    far.resume_reading()
    await turns()
    assert one.told == ["made", "pause", "resume"]
    assert other.told == ["made", b"12345"]


async def test_another_protocol_may_take_over() -> None:
    one, other, third = Noting(), Noting(), Noting()
    near, far = pipe(one, other)
    far.set_protocol(third)
    near.write(b"x")
    await turns()
    assert third.told == [b"x"]


async def test_a_listener_makes_a_pipe_for_each_connection() -> None:
    served: list[Noting] = []

    def serve() -> Noting:
        served.append(Noting())
        return served[-1]

    listener = MemoryListener(serve)
    transports = [await listener.connect(Noting(), "anywhere", 1) for _ in range(2)]
    transports[0].write(b"x")
    await turns()
    assert [protocol.told for protocol in served] == [["made", b"x"], ["made"]]
    assert is_private(transports[0])


class Described(asyncio.BaseTransport):
    """A transport that says of itself what a test tells it."""


@pytest.mark.fault("E1")
@pytest.mark.parametrize(
    ("extra", "private"),
    [
        ({"peername": ("127.0.0.1", 5672)}, True),
        ({"peername": ("127.9.9.9", 5672)}, True),
        ({"peername": ("::1", 5672, 0, 0)}, True),
        ({"peername": ("::ffff:127.0.0.1", 5672, 0, 0)}, True),
        ({"peername": ("192.0.2.1", 5672)}, False),
        ({"peername": ("fe80::1%eth0", 5672, 0, 2)}, False),
        ({"peername": ("::ffff:192.0.2.1", 5672, 0, 0)}, False),
        ({"peername": ("localhost", 5672)}, False),
        ({"peername": None}, False),
        ({}, False),
        ({"peername": ("192.0.2.1", 5671), "sslcontext": object()}, True),
    ],
)
def test_the_address_decides_whether_others_can_read_along(extra: dict[str, object], private: bool) -> None:
    assert is_private(Described(extra)) is private


async def test_a_unix_socket_is_private() -> None:
    mine, other = socket.socketpair(socket.AF_UNIX)
    transport, _ = await asyncio.get_running_loop().create_connection(Noting, sock=mine)
    assert is_private(transport)
    transport.close()
    other.close()
    await turns()


async def test_a_memory_transport_is_a_transport() -> None:
    near, far = pipe(Noting(), Noting())
    assert isinstance(near, asyncio.Transport)
    assert isinstance(far, MemoryTransport)
