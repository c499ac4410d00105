"""A connection that is split, stalled, delayed and cut, between the asyncio client and the embedded broker."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

import amqp
from amqp.broker import Broker
from amqp.testing import AsyncPeer, FaultyPipe
from amqp.transport import MemoryListener

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

URL = "amqp://memory"


@pytest.fixture
async def pipe() -> AsyncIterator[FaultyPipe]:
    async with Broker() as broker:
        yield FaultyPipe(MemoryListener(broker.accept).connect)


async def talk(pipe: FaultyPipe, body: object = "hello") -> object:
    async with amqp.connect(URL, transport=pipe.connect) as connection:
        sender = await connection.open_sender("q")
        await sender.send(amqp.Message(body))
        receiver = await connection.open_receiver("q")
        delivery = await receiver.receive()
        await delivery.accept()
        return delivery.message.body


async def attempt(pipe: FaultyPipe) -> object:
    try:
        return await talk(pipe)
    except amqp.AmqpError:
        return None


@pytest.mark.parametrize("size", [1, 7, None])
async def test_split_octets_are_the_same_octets(pipe: FaultyPipe, size: int | None) -> None:
    pipe.outgoing.split(size)
    pipe.incoming.split(size)
    assert await talk(pipe) == "hello"
    assert pipe.connections == 1
    assert pipe.outgoing.passed > 300
    assert pipe.incoming.passed > 300


@pytest.mark.parametrize("direction", ["outgoing", "incoming"])
@pytest.mark.parametrize("reset", [False, True])
async def test_a_cut_anywhere_ends_in_an_error_of_the_library(
    pipe: FaultyPipe, direction: str, reset: bool
) -> None:
    await talk(pipe)
    cut = getattr(pipe, direction)
    places = range(0, cut.passed - 20, 23)
    results: list[object] = []
    for at in places:
        cut.cut(at, reset=reset)
        results.append(await attempt(pipe))
        assert cut.passed == at
    # The last words of a connection may get lost without harm; what was delivered twice waits for the next.
    assert set(results) <= {None, "hello"}
    assert results[: 2 * len(places) // 3] == [None] * (2 * len(places) // 3)
    assert await talk(pipe) == "hello"


async def test_a_stall_lasts_until_it_is_ended(pipe: FaultyPipe) -> None:
    async with amqp.connect(URL, transport=pipe.connect) as connection:
        pipe.incoming.stall()
        with pytest.raises(amqp.OperationTimeout):
            await connection.open_session(timeout=0.01)
        assert pipe.incoming.waiting > 0
        pipe.incoming.resume()
        await connection.open_sender("q")


async def test_a_delay_ends_by_itself(pipe: FaultyPipe) -> None:
    pipe.outgoing.delay(0.01, at=20)
    assert await talk(pipe) == "hello"


async def test_a_cut_now_is_seen_at_once(pipe: FaultyPipe) -> None:
    connection = await amqp.connect(URL, transport=pipe.connect)
    sender = await connection.open_sender("q")
    pipe.outgoing.cut()
    with pytest.raises((amqp.SendError, amqp.ConnectionLost)):
        await sender.send(amqp.Message(b"x"))
    assert not connection.is_open
    await connection.close()


async def test_a_stalled_writer_is_told_to_pause(pipe: FaultyPipe) -> None:
    class Writer(asyncio.Protocol):
        paused = 0
        resumed = 0

        def pause_writing(self) -> None:
            self.paused += 1

        def resume_writing(self) -> None:
            self.resumed += 1

    writer = Writer()
    transport = await pipe.connect(writer, "memory", 0)
    transport.set_write_buffer_limits(high=100)
    pipe.outgoing.stall()
    transport.writelines([b"AMQP\x00\x01\x00\x00", bytes(200)])
    assert (writer.paused, writer.resumed) == (1, 0)
    assert transport.get_write_buffer_size() == 208
    assert transport.get_write_buffer_limits()
    pipe.outgoing.resume()
    await asyncio.sleep(0)
    assert writer.resumed == 1
    assert pipe.outgoing.waiting == 0
    transport.abort()
    assert transport.is_closing()
    transport.write(b"nothing")


async def test_a_reader_that_pauses_holds_up_what_comes(pipe: FaultyPipe) -> None:
    class Reader(asyncio.Protocol):
        got = b""

        def data_received(self, data: bytes) -> None:
            self.got += data

    reader = Reader()
    transport = await pipe.connect(reader, "memory", 0)
    assert transport.get_protocol() is reader
    transport.set_protocol(reader)
    transport.pause_reading()
    assert not transport.is_reading()
    pipe.incoming.push(b"early")
    assert reader.got == b""
    transport.resume_reading()
    assert reader.got == b"early"
    assert transport.get_extra_info("memory")
    transport.close()


@pytest.mark.parametrize("stalled", [False, True])
async def test_the_end_of_the_stream_passes_over_tcp(stalled: bool) -> None:
    pipe = FaultyPipe()
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.expect_close().respond()
        connection = await amqp.connect(peer.url, transport=pipe.connect)
        if stalled:
            pipe.incoming.delay(0.01)
        await connection.close()


async def test_a_half_close_of_the_program_passes_behind_its_octets() -> None:
    pipe = FaultyPipe()
    async with AsyncPeer() as peer:
        peer.expect_header()
        peer.expect_gone()
        transport = await pipe.connect(asyncio.Protocol(), peer.host, peer.port)
        pipe.outgoing.split(1)
        transport.write(b"AMQP\x00\x01\x00\x00")
        assert transport.can_write_eof()
        transport.write_eof()
        transport.write(b"too late")
        await peer.wait()
        transport.close()
